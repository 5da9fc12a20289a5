/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One-time tokens, with which an endpoint enrols without being approved. The database has only
 * their SHA-256: a token has 128 random bits, so nothing slower is needed.
 */

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "uc-audit.h"
#include "uc-enrol-token.h"
#include "uc-error.h"

#define UC_ENROL_TOKEN_BYTES 16

static gchar *
uc_enrol_token_hash(const gchar *token)
{
	return g_compute_checksum_for_string(G_CHECKSUM_SHA256, token, -1);
}

/**
 * uc_enrol_token_new:
 * @now_secs: the present time, seconds since the Unix epoch
 * @days: for so many days it counts
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * Makes one, within the caller's transaction; those that are over are removed.
 *
 * Returns: (transfer full): 32 hexadecimal digits, which are nowhere else
 */
gchar *
uc_enrol_token_new(UcDatabase *database, gint64 now_secs, guint days, GError **error)
{
	guint8 random[UC_ENROL_TOKEN_BYTES] = {0};
	g_autoptr(GString) token = g_string_new(NULL);
	g_autofree gchar *hash = NULL;
	gint64 expires_secs = now_secs + (gint64)days * 86400;

	if (gnutls_rnd(GNUTLS_RND_KEY, random, sizeof(random)) < 0) {
		g_set_error_literal(error, UC_ERROR, UC_ERROR_FAILED, "no random numbers");
		return NULL;
	}
	for (guint i = 0; i < sizeof(random); i++)
		g_string_append_printf(token, "%02x", random[i]);
	hash = uc_enrol_token_hash(token->str);
	if (!uc_database_run(database,
			     error,
			     "DELETE FROM enrol_tokens WHERE expires_secs < ?",
			     "i",
			     now_secs) ||
	    !uc_database_run(database,
			     error,
			     "INSERT INTO enrol_tokens (sha256, expires_secs, used_secs)"
			     " VALUES (?, ?, 0)",
			     "si",
			     hash,
			     expires_secs) ||
	    !uc_audit_add(database, "enrol token", "", now_secs, error))
		return NULL;
	return g_string_free(g_steal_pointer(&token), FALSE);
}

/**
 * uc_enrol_token_use:
 * @token: what an endpoint sent
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_DENIED, %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * From now on it is used, once the caller's transaction is committed.
 */
gboolean
uc_enrol_token_use(UcDatabase *database, const gchar *token, gint64 now_secs, GError **error)
{
	g_autofree gchar *hash = uc_enrol_token_hash(token);

	if (token[0] == '\0') {
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_DENIED,
				    "a key needs a one-time token to enrol here, and there is none "
				    "in the request");
		return FALSE;
	}
	if (!uc_database_run(database,
			     error,
			     "UPDATE enrol_tokens SET used_secs = ?1 WHERE sha256 = ?2 AND"
			     " used_secs = 0 AND expires_secs >= ?1",
			     "is",
			     now_secs,
			     hash))
		return FALSE;
	if (uc_database_get_changes(database) > 0)
		return TRUE;
	g_set_error_literal(error,
			    UC_ERROR,
			    UC_ERROR_DENIED,
			    "the one-time token is wrong, over, or was used already");
	return FALSE;
}
