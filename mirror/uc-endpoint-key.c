/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Whose an identity is. A key is known by the SHA-256 of its SubjectPublicKeyInfo, whatever
 * certificate it has; an identity belongs to one key, and a second one that claims it is noted as a
 * conflict and gets nothing. A key that was revoked stays known, so that it never counts again.
 */

#include "uc-endpoint-key.h"
#include "uc-error.h"

void
uc_endpoint_key_free(UcEndpointKey *self)
{
	g_free(self->name);
	g_free(self->state);
	g_free(self->public_key);
	g_free(self->certificate);
	g_free(self);
}

/**
 * uc_endpoint_key_get_mode:
 * @mode_out: (out): how endpoints enrol by what was published last
 * @error: set to %UC_ERROR_FAILED
 */
gboolean
uc_endpoint_key_get_mode(UcDatabase *database, UcRulesEnrolment *mode_out, GError **error)
{
	g_autofree gchar *text = NULL;

	*mode_out = UC_RULES_ENROLMENT_NONE;
	if (!uc_database_get_meta(database, "enrolment", &text, error))
		return FALSE;
	if (text[0] != '\0')
		(void)uc_rules_enrolment_from_string(text, mode_out);
	return TRUE;
}

/**
 * uc_endpoint_key_find:
 * @key_sha256: of its SubjectPublicKeyInfo
 * @key_out: (out) (nullable) (transfer full): %NULL for one that was never seen
 * @error: set to %UC_ERROR_FAILED
 */
gboolean
uc_endpoint_key_find(UcDatabase *database,
		     const gchar *key_sha256,
		     UcEndpointKey **key_out,
		     GError **error)
{
	g_autoptr(UcStatement) row = NULL;
	UcEndpointKey *self = NULL;
	gboolean found = FALSE;

	*key_out = NULL;
	row = uc_database_query(database,
				error,
				"SELECT id, name, state, public_key, certificate, expires_secs FROM"
				" endpoint_keys WHERE key_sha256 = ?",
				"s",
				key_sha256);
	if (row == NULL || !uc_statement_next(row, &found, error))
		return FALSE;
	if (!found)
		return TRUE;
	self = g_new0(UcEndpointKey, 1);
	self->row = uc_statement_get_int64(row, 0);
	self->name = g_strdup(uc_statement_get_text(row, 1));
	self->state = g_strdup(uc_statement_get_text(row, 2));
	self->public_key = g_strdup(uc_statement_get_text(row, 3));
	self->certificate = g_strdup(uc_statement_get_text(row, 4));
	self->expires_secs = uc_statement_get_int64(row, 5);
	*key_out = self;
	return TRUE;
}

/**
 * uc_endpoint_key_is_enrolled:
 *
 * Returns: whether it has been accepted, also while its certificate is being signed
 */
gboolean
uc_endpoint_key_is_enrolled(const UcEndpointKey *self)
{
	return g_str_equal(self->state, "issued") || g_str_equal(self->state, "wanted");
}

/**
 * uc_endpoint_key_prove:
 * @key_sha256: (nullable): of the client certificate that the connection has
 * @key_out: (out) (transfer full): the key
 * @error: set to %UC_ERROR_DENIED for one that does not count, or none; %UC_ERROR_FAILED
 *
 * Who speaks, where endpoints enrol.
 */
gboolean
uc_endpoint_key_prove(UcDatabase *database,
		      const gchar *key_sha256,
		      UcEndpointKey **key_out,
		      GError **error)
{
	g_autoptr(UcEndpointKey) key = NULL;
	const gchar *reason = "this service knows endpoints by a client certificate, and there is "
			      "none that counts; enrol first";

	if (key_sha256 != NULL && !uc_endpoint_key_find(database, key_sha256, &key, error))
		return FALSE;
	if (key != NULL && uc_endpoint_key_is_enrolled(key)) {
		*key_out = g_steal_pointer(&key);
		return TRUE;
	}
	if (key != NULL && g_str_equal(key->state, "revoked"))
		reason = "the key of the client certificate was revoked";
	else if (key_sha256 != NULL)
		reason = "the key of the client certificate is not enrolled here; enrol again";
	g_set_error_literal(error, UC_ERROR, UC_ERROR_DENIED, reason);
	return FALSE;
}

/**
 * uc_endpoint_key_check_certificate:
 * @certificate: in PEM, that the connection has
 * @error: set to %UC_ERROR_DENIED where there is another one for the key by now
 *
 * So an endpoint asks for that one (docs/service-protocol.md, section 7), long before its own ends.
 */
gboolean
uc_endpoint_key_check_certificate(const UcEndpointKey *self,
				  const gchar *certificate,
				  GError **error)
{
	if (!g_str_equal(self->state, "issued") || g_str_equal(self->certificate, certificate))
		return TRUE;
	g_set_error_literal(error,
			    UC_ERROR,
			    UC_ERROR_DENIED,
			    "there is another certificate for this key; ask for it");
	return FALSE;
}

/**
 * uc_endpoint_key_get_hold:
 * @identity: of an endpoint
 * @hold_out: (out): whose it is
 * @error: set to %UC_ERROR_FAILED
 */
gboolean
uc_endpoint_key_get_hold(UcDatabase *database,
			 const UcEndpointKey *self,
			 const gchar *identity,
			 UcEndpointKeyHold *hold_out,
			 GError **error)
{
	g_autoptr(UcStatement) row = NULL;
	gboolean found = FALSE;

	row = uc_database_query(database,
				error,
				"SELECT key_id FROM identity_keys WHERE identity = ?",
				"s",
				identity);
	if (row == NULL || !uc_statement_next(row, &found, error))
		return FALSE;
	*hold_out = UC_ENDPOINT_KEY_FREE;
	if (found)
		*hold_out = uc_statement_get_int64(row, 0) == self->row ? UC_ENDPOINT_KEY_OWN
									: UC_ENDPOINT_KEY_OTHER;
	return TRUE;
}

static gboolean
uc_endpoint_key_check_room(UcDatabase *database,
			   const UcEndpointKey *self,
			   guint more,
			   GError **error)
{
	g_autoptr(UcStatement) row = NULL;
	gboolean found = FALSE;

	row = uc_database_query(database,
				error,
				"SELECT count(*) FROM identity_keys WHERE key_id = ?",
				"i",
				self->row);
	if (row == NULL || !uc_statement_next(row, &found, error))
		return FALSE;
	if (uc_statement_get_int64(row, 0) + more <= UC_ENDPOINT_KEY_IDENTITIES_MAX)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_LIMIT,
		    "one key is for at most %d endpoints, those included that it was for before; "
		    "'forget' on the mirror ends them and the key",
		    UC_ENDPOINT_KEY_IDENTITIES_MAX);
	return FALSE;
}

/**
 * uc_endpoint_key_bind:
 * @identities: (element-type utf8): that nobody has, none twice
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED, %UC_ERROR_TEMPORARY, or %UC_ERROR_LIMIT
 *
 * Gives all of them to the key, within the caller's transaction.
 */
gboolean
uc_endpoint_key_bind(UcDatabase *database,
		     const UcEndpointKey *self,
		     GPtrArray *identities,
		     gint64 now_secs,
		     GError **error)
{
	if (identities->len > 0 &&
	    !uc_endpoint_key_check_room(database, self, identities->len, error))
		return FALSE;
	for (guint i = 0; i < identities->len; i++) {
		if (!uc_database_run(database,
				     error,
				     "INSERT INTO identity_keys (identity, key_id, bound_secs)"
				     " VALUES (?, ?, ?)",
				     "sii",
				     g_ptr_array_index(identities, i),
				     self->row,
				     now_secs))
			return FALSE;
	}
	return TRUE;
}

/**
 * uc_endpoint_key_add_conflict:
 * @identity: one that another key has
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 */
gboolean
uc_endpoint_key_add_conflict(UcDatabase *database,
			     const UcEndpointKey *self,
			     const gchar *identity,
			     gint64 now_secs,
			     GError **error)
{
	return uc_database_run(database,
			       error,
			       "INSERT INTO key_conflicts (identity, key_id, first_secs, last_secs)"
			       " VALUES (?1, ?2, ?3, ?3) ON CONFLICT (identity, key_id) DO UPDATE"
			       " SET last_secs = ?3",
			       "sii",
			       identity,
			       self->row,
			       now_secs);
}

/**
 * uc_endpoint_key_use:
 * @self: one that is enrolled
 * @identity: what it says that it is
 * @now_secs: the present time, seconds since the Unix epoch
 * @proven_out: (out): whether it is
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * An identity that another key has is noted as a conflict; one that nobody has needs to be
 * enrolled.
 */
gboolean
uc_endpoint_key_use(UcDatabase *database,
		    const UcEndpointKey *self,
		    const gchar *identity,
		    gint64 now_secs,
		    gboolean *proven_out,
		    GError **error)
{
	UcEndpointKeyHold hold = UC_ENDPOINT_KEY_FREE;

	if (!uc_endpoint_key_get_hold(database, self, identity, &hold, error))
		return FALSE;
	*proven_out = hold == UC_ENDPOINT_KEY_OWN;
	return hold != UC_ENDPOINT_KEY_OTHER ||
	       uc_endpoint_key_add_conflict(database, self, identity, now_secs, error);
}

/**
 * uc_endpoint_key_set_state:
 * @state: as in #UcEndpointKey
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 */
gboolean
uc_endpoint_key_set_state(UcDatabase *database,
			  const UcEndpointKey *self,
			  const gchar *state,
			  gint64 now_secs,
			  GError **error)
{
	return uc_database_run(database,
			       error,
			       "UPDATE endpoint_keys SET state = ?, changed_secs = ? WHERE id = ?",
			       "sii",
			       state,
			       now_secs,
			       self->row);
}

/**
 * uc_endpoint_key_revoke_for:
 * @identity: of an endpoint that is forgotten
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * Revokes the key that has it, for all its endpoints, within the caller's transaction. Of the key
 * only its hash and the name in its certificate stay, which say nothing about an endpoint.
 */
gboolean
uc_endpoint_key_revoke_for(UcDatabase *database,
			   const gchar *identity,
			   gint64 now_secs,
			   GError **error)
{
	static const gchar *const statements[] = {
	    "DELETE FROM key_conflicts WHERE identity = ?1 OR key_id IN (SELECT key_id FROM"
	    " identity_keys WHERE identity = ?1)",
	    "DELETE FROM key_claims WHERE key_id IN (SELECT key_id FROM identity_keys WHERE"
	    " identity = ?1)",
	    "DELETE FROM identity_keys WHERE key_id IN (SELECT key_id FROM identity_keys WHERE"
	    " identity = ?1)"};

	if (!uc_database_run(database,
			     error,
			     "UPDATE endpoint_keys SET state = 'revoked', certificate = '',"
			     " public_key = '', changed_secs = ?2 WHERE id IN (SELECT key_id FROM"
			     " identity_keys WHERE identity = ?1)",
			     "si",
			     identity,
			     now_secs))
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(statements); i++) {
		if (!uc_database_run(database, error, statements[i], "s", identity))
			return FALSE;
	}
	return TRUE;
}
