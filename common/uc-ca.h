/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/**
 * UcCa:
 * @der: the certificate
 * @sha256: of @der
 * @key_sha256: of the SubjectPublicKeyInfo
 *
 * A CA certificate that may become an anchor.
 */
typedef struct {
	GBytes *der;
	gchar *sha256;
	gchar *key_sha256;
} UcCa;

UcCa *
uc_ca_parse(GBytes *pem, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_ca_free(UcCa *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcCa, uc_ca_free)
