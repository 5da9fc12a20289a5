/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-document.h"
#include "uc-paths.h"

/**
 * UcKeys:
 * @organisation: the domain name of the organisation
 * @serial: of the document
 * @issued_secs: when it was signed, seconds since the Unix epoch
 * @serial_epoch: no serial of another document lies before this
 * @anchors: (element-type GBytes): per purpose the CAs in PEM, or %NULL where they stay
 * @revoked: SHA-256 of certificates, or of their public keys, that do not count any more
 *
 * A verified `keys.json`, docs/service-protocol.md section 2.2.
 */
typedef struct {
	gchar *organisation;
	gint64 serial;
	gint64 issued_secs;
	gint64 serial_epoch;
	GPtrArray *anchors[UC_ANCHOR_LAST];
	GStrv revoked;
} UcKeys;

UcKeys *
uc_keys_parse(const UcDocument *document, GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcKeys *
uc_keys_verify(GBytes *envelope,
	       const UcDocumentExpect *expect,
	       GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_keys_free(UcKeys *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcKeys, uc_keys_free)

gchar *
uc_keys_get_recovery_dir(void) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_keys_get_applied_path(void) G_GNUC_WARN_UNUSED_RESULT;
UcKeys *
uc_keys_load_applied(GError **error) G_GNUC_WARN_UNUSED_RESULT;
