/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-x509.h"

/**
 * UcMirrorInit:
 * @organisation: domain name of the organisation, in lower case
 * @recovery_dir: where to put the recovery key, which is to be kept elsewhere
 * @tls_ca: (nullable): from uc_own_ca_load(), in the place of a CA for TLS that is made
 * @token: (nullable): `pkcs11:` URI of the token that has the keys of the CAs, as `<purpose>-ca`,
 * and those that sign, as `<purpose>`
 * @recovery_token: (nullable): of the token that has `recovery-ca` and `recovery`
 * @now_secs: the present time, seconds since the Unix epoch
 *
 * What a new mirror is to be. Nothing is owned.
 */
typedef struct {
	const gchar *organisation;
	const gchar *recovery_dir;
	UcX509 *tls_ca;
	const gchar *token;
	const gchar *recovery_token;
	gint64 now_secs;
} UcMirrorInit;

gboolean
uc_mirror_init(const gchar *root,
	       const UcMirrorInit *init,
	       GError **error) G_GNUC_WARN_UNUSED_RESULT;
