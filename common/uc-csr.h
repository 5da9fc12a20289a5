/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-private-key.h"

/**
 * UcCsr:
 * @public_key: SubjectPublicKeyInfo, DER
 * @key_sha256: of it, 64 lower-case hexadecimal digits
 * @challenge: its challengePassword, may be empty
 *
 * A certificate request that is signed by its own key.
 */
typedef struct {
	GBytes *public_key;
	gchar *key_sha256;
	gchar *challenge;
} UcCsr;

gchar *
uc_csr_new(const UcPrivateKey *key,
	   const gchar *challenge,
	   GError **error) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_csr_new_server(const UcPrivateKey *key,
		  const gchar *host,
		  GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcCsr *
uc_csr_parse(const gchar *pem, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_csr_free(UcCsr *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcCsr, uc_csr_free)

gchar *
uc_csr_claim(const gchar *organisation, const gchar *const *identities) G_GNUC_WARN_UNUSED_RESULT;
