/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The recovery key: the one key that can give the endpoints other anchors, and so the one that must
 * not be on this machine but in the moments in which it signs `keys.json`. It is made into a
 * directory that can be on another medium, or be moved to one.
 */

#include "uc-error.h"
#include "uc-file.h"
#include "uc-key-file.h"
#include "uc-key-token.h"
#include "uc-recovery-key.h"

static gboolean
uc_recovery_key_save(const gchar *dir, const gchar *name, UcX509 *pair, GError **error)
{
	g_autofree gchar *certificate_name = g_strdup_printf("%s.pem", name);
	g_autofree gchar *key_name = g_strdup_printf("%s.key", name);
	g_autofree gchar *certificate = g_build_filename(dir, certificate_name, NULL);
	g_autofree gchar *key = g_build_filename(dir, key_name, NULL);

	return uc_x509_save(pair, certificate, key, error);
}

/**
 * uc_recovery_key_make:
 * @dir: where to; made if it is not there
 * @token: (nullable): from uc_key_token_check_uri(), of the token that has its keys
 * @organisation: its domain name
 * @now_secs: the present time, seconds since the Unix epoch
 * @anchor_out: (out) (transfer full): its CA, for the trust bundle
 * @error: set to %UC_ERROR_FAILED or `G_FILE_ERROR`
 *
 * Makes the recovery key: a CA and one certificate below it, which signs.
 */
gboolean
uc_recovery_key_make(const gchar *dir,
		     const gchar *token,
		     const gchar *organisation,
		     gint64 now_secs,
		     GBytes **anchor_out,
		     GError **error)
{
	const gchar *purpose = UC_RECOVERY_KEY_PURPOSE;
	g_autoptr(UcX509) ca =
	    token != NULL ? uc_key_token_new_ca(token, purpose, organisation, now_secs, error)
			  : uc_key_file_new_ca(purpose, organisation, now_secs, error);
	g_autoptr(UcX509) leaf = NULL;

	if (ca == NULL)
		return FALSE;
	leaf = token != NULL
		   ? uc_key_token_new_leaf(token, ca, purpose, organisation, now_secs, error)
		   : uc_key_file_new_leaf(ca, purpose, organisation, NULL, now_secs, error);
	if (leaf == NULL || !uc_file_make_dir(dir, 0700, error) ||
	    !uc_recovery_key_save(dir, UC_KEY_FILE_CA, ca, error) ||
	    !uc_recovery_key_save(dir, UC_KEY_FILE_LEAF, leaf, error))
		return FALSE;
	*anchor_out = g_bytes_ref(ca->certificate);
	return TRUE;
}

/**
 * uc_recovery_key_load:
 * @dir: where it is just now
 * @error: set to %UC_ERROR_NOT_FOUND
 *
 * Returns: (transfer full): what signs `keys.json`, or %NULL
 */
UcX509 *
uc_recovery_key_load(const gchar *dir, GError **error)
{
	g_autofree gchar *certificate = g_build_filename(dir, UC_KEY_FILE_LEAF ".pem", NULL);
	g_autofree gchar *key = g_build_filename(dir, UC_KEY_FILE_LEAF ".key", NULL);
	g_autoptr(GError) error_load = NULL;
	UcX509 *pair = uc_x509_load(certificate, key, &error_load);

	if (pair == NULL)
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_NOT_FOUND,
			    "the recovery key cannot be read: %s; bring the medium on which it is "
			    "kept and say --recovery=DIR",
			    error_load->message);
	return pair;
}
