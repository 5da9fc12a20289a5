/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What an administrator sees of keys that wait, and decides about them. To approve one that claims
 * what another key has puts it in that one's place: the identity keeps its history, but not the
 * votes of the key before, which is revoked when it has no endpoint any more.
 */

#include "uc-audit.h"
#include "uc-endpoint-ca.h"
#include "uc-enrol-decide.h"
#include "uc-enrol-sign.h"
#include "uc-error.h"
#include "uc-json.h"
#include "uc-statement-json.h"

static JsonObject *
uc_enrol_waiting_to_json(UcStatement *row)
{
	JsonObject *object = json_object_new();
	JsonArray *identities = json_array_new();
	g_auto(GStrv) parts = g_strsplit(uc_statement_get_text(row, 3), "\n", -1);

	json_object_set_int_member(object, "id", uc_statement_get_int64(row, 0));
	json_object_set_string_member(object, "key_sha256", uc_statement_get_text(row, 1));
	uc_json_set_time(object, "since", uc_statement_get_int64(row, 2));
	for (guint i = 0; parts[i] != NULL; i++)
		json_array_add_string_element(identities, parts[i]);
	json_object_set_array_member(object, "identities", identities);
	return object;
}

static JsonObject *
uc_enrol_conflict_to_json(UcStatement *row)
{
	JsonObject *object = json_object_new();

	json_object_set_int_member(object, "id", uc_statement_get_int64(row, 0));
	json_object_set_string_member(object, "key_sha256", uc_statement_get_text(row, 1));
	uc_json_set_time(object, "since", uc_statement_get_int64(row, 2));
	json_object_set_string_member(object, "identity", uc_statement_get_text(row, 3));
	uc_json_set_time(object, "last", uc_statement_get_int64(row, 4));
	json_object_set_int_member(object, "held_by", uc_statement_get_int64(row, 5));
	return object;
}

/**
 * uc_enrol_list:
 * @error: set to %UC_ERROR_FAILED
 *
 * Returns: (transfer full): those keys as JSON objects, the oldest first
 */
JsonArray *
uc_enrol_list(UcDatabase *database, UcEnrolList which, GError **error)
{
	static const gchar *const waiting =
	    "SELECT k.id, k.key_sha256, k.changed_secs, group_concat(c.identity, char(10)) FROM"
	    " endpoint_keys AS k JOIN key_claims AS c ON c.key_id = k.id LEFT JOIN identity_keys AS"
	    " i ON i.identity = c.identity WHERE k.state IN ('waiting', 'wanted', 'issued') AND"
	    " (i.key_id IS NULL OR i.key_id <> k.id) GROUP BY k.id ORDER BY k.changed_secs, k.id";
	static const gchar *const conflicts =
	    "SELECT k.id, k.key_sha256, x.first_secs, x.identity, x.last_secs,"
	    " coalesce(i.key_id, 0) FROM key_conflicts AS x JOIN endpoint_keys AS k ON k.id ="
	    " x.key_id LEFT JOIN identity_keys AS i ON i.identity = x.identity ORDER BY"
	    " x.first_secs, k.id, x.identity";
	gboolean is_waiting = which == UC_ENROL_LIST_WAITING;
	g_autoptr(UcStatement) rows =
	    uc_database_query(database, error, is_waiting ? waiting : conflicts, "");

	return uc_statement_to_json(rows,
				    is_waiting ? uc_enrol_waiting_to_json
					       : uc_enrol_conflict_to_json,
				    error);
}

static JsonObject *
uc_enrol_key_to_json(UcStatement *row)
{
	JsonObject *object = json_object_new();
	gint64 expires_secs = uc_statement_get_int64(row, 4);

	json_object_set_int_member(object, "id", uc_statement_get_int64(row, 0));
	json_object_set_string_member(object, "key_sha256", uc_statement_get_text(row, 1));
	json_object_set_string_member(object, "state", uc_statement_get_text(row, 2));
	uc_json_set_time(object, "since", uc_statement_get_int64(row, 3));
	if (expires_secs > 0)
		uc_json_set_time(object, "expires", expires_secs);
	return object;
}

/**
 * uc_enrol_list_for:
 * @identity: of an endpoint
 * @error: set to %UC_ERROR_FAILED
 *
 * Returns: (transfer full): the key that has it, and those that claim it as `conflict` or
 * `waiting`, as JSON objects; none where endpoints do not enrol
 */
JsonArray *
uc_enrol_list_for(UcDatabase *database, const gchar *identity, GError **error)
{
	g_autoptr(UcStatement) rows = uc_database_query(
	    database,
	    error,
	    "SELECT k.id, k.key_sha256, k.state, i.bound_secs, k.expires_secs, 0 AS part FROM"
	    " identity_keys AS i JOIN endpoint_keys AS k ON k.id = i.key_id WHERE i.identity = ?1"
	    " UNION ALL SELECT k.id, k.key_sha256, 'conflict', x.first_secs, k.expires_secs, 1 FROM"
	    " key_conflicts AS x JOIN endpoint_keys AS k ON k.id = x.key_id WHERE x.identity = ?1"
	    " UNION ALL SELECT k.id, k.key_sha256, 'waiting', k.changed_secs, k.expires_secs, 2 "
	    "FROM"
	    " key_claims AS c JOIN endpoint_keys AS k ON k.id = c.key_id WHERE c.identity = ?1 AND"
	    " k.state <> 'denied' AND NOT EXISTS (SELECT 1 FROM identity_keys AS i WHERE"
	    " i.identity = ?1) ORDER BY part, 4, 1",
	    "s",
	    identity);

	return uc_statement_to_json(rows, uc_enrol_key_to_json, error);
}

static UcEndpointKey *
uc_enrol_find(UcDatabase *database, const gchar *id, GError **error)
{
	g_autoptr(UcStatement) row = NULL;
	g_autofree gchar *sha256 = NULL;
	UcEndpointKey *key = NULL;
	gboolean found = FALSE;

	row = uc_database_query(database,
				error,
				"SELECT key_sha256 FROM endpoint_keys WHERE CAST(id AS TEXT) = ?"
				" AND state <> 'revoked'",
				"s",
				id);
	if (row == NULL || !uc_statement_next(row, &found, error))
		return NULL;
	if (!found) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_NOT_FOUND,
			    "there is no key '%s'; 'endpoints --waiting' and 'endpoints "
			    "--conflicts' show those there are",
			    id);
		return NULL;
	}
	sha256 = g_strdup(uc_statement_get_text(row, 0));
	return uc_endpoint_key_find(database, sha256, &key, error) ? key : NULL;
}

/* the votes and offers of what others had before were theirs */
static gboolean
uc_enrol_take_over(UcDatabase *database, const UcEndpointKey *key, gint64 now_secs, GError **error)
{
	static const gchar *const foreign =
	    "(SELECT c.identity FROM key_claims AS c JOIN identity_keys AS i ON i.identity ="
	    " c.identity WHERE c.key_id = ?1 AND i.key_id <> ?1)";
	static const gchar *const revoke =
	    "UPDATE endpoint_keys SET state = 'revoked', certificate = '', public_key = '',"
	    " changed_secs = ?2 WHERE id IN (SELECT i.key_id FROM key_claims AS c JOIN"
	    " identity_keys AS i ON i.identity = c.identity WHERE c.key_id = ?1 AND i.key_id <> ?1)"
	    " AND NOT EXISTS (SELECT 1 FROM identity_keys AS i WHERE i.key_id = endpoint_keys.id"
	    " AND i.identity NOT IN (SELECT identity FROM key_claims WHERE key_id = ?1))";
	g_autofree gchar *offers =
	    g_strconcat("DELETE FROM offers WHERE identity IN ", foreign, NULL);
	g_autofree gchar *votes =
	    g_strconcat("DELETE FROM votes WHERE identity IN ", foreign, NULL);

	return uc_database_run(database, error, revoke, "ii", key->row, now_secs) &&
	       uc_database_run(database, error, offers, "i", key->row) &&
	       uc_database_run(database, error, votes, "i", key->row) &&
	       uc_database_run(database,
			       error,
			       "INSERT OR REPLACE INTO identity_keys (identity, key_id, bound_secs)"
			       " SELECT identity, key_id, ?2 FROM key_claims WHERE key_id = ?1",
			       "ii",
			       key->row,
			       now_secs) &&
	       uc_database_run(database,
			       error,
			       "DELETE FROM key_conflicts WHERE key_id = ?",
			       "i",
			       key->row);
}

static gboolean
uc_enrol_note(UcDatabase *database,
	      const gchar *act,
	      const UcEndpointKey *key,
	      gint64 now_secs,
	      GError **error)
{
	g_autofree gchar *subject = g_strdup_printf("key %" G_GINT64_FORMAT, key->row);

	return uc_audit_add(database, act, subject, now_secs, error);
}

/**
 * uc_enrol_approve:
 * @id: the number that `endpoints --waiting` shows
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_NOT_FOUND, %UC_ERROR_FAILED, %UC_ERROR_TEMPORARY or `G_FILE_ERROR`
 *
 * The key is for all endpoints that it claims, and has its certificate at once; one that has a
 * certificate keeps it.
 */
gboolean
uc_enrol_approve(UcMirror *mirror, const gchar *id, gint64 now_secs, GError **error)
{
	g_autoptr(UcX509) ca = uc_endpoint_ca_load(mirror, error);
	g_autoptr(UcTransaction) transaction = NULL;
	g_autoptr(UcEndpointKey) key = NULL;

	if (ca == NULL)
		return FALSE;
	transaction = uc_transaction_begin(mirror->database, error);
	if (transaction == NULL)
		return FALSE;
	key = uc_enrol_find(mirror->database, id, error);
	return key != NULL && uc_enrol_take_over(mirror->database, key, now_secs, error) &&
	       (g_str_equal(key->state, "issued") ||
		uc_enrol_sign_key(mirror, ca, key, now_secs, error)) &&
	       uc_enrol_note(mirror->database, "endpoint approve", key, now_secs, error) &&
	       uc_transaction_commit(transaction, error);
}

/**
 * uc_enrol_deny:
 * @id: the number that `endpoints --waiting` shows
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_NOT_FOUND, %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * A key that has no endpoint yet is refused from now on; another one keeps those that it has.
 */
gboolean
uc_enrol_deny(UcMirror *mirror, const gchar *id, gint64 now_secs, GError **error)
{
	UcDatabase *database = mirror->database;
	g_autoptr(UcTransaction) transaction = uc_transaction_begin(database, error);
	g_autoptr(UcEndpointKey) key = NULL;

	if (transaction == NULL)
		return FALSE;
	key = uc_enrol_find(database, id, error);
	return key != NULL &&
	       uc_database_run(database,
			       error,
			       "UPDATE endpoint_keys SET state = 'denied', changed_secs = ?2 WHERE"
			       " id = ?1 AND id NOT IN (SELECT key_id FROM identity_keys)",
			       "ii",
			       key->row,
			       now_secs) &&
	       uc_database_run(database,
			       error,
			       "DELETE FROM key_claims WHERE key_id = ?1 AND identity NOT IN"
			       " (SELECT identity FROM identity_keys WHERE key_id = ?1) AND EXISTS"
			       " (SELECT 1 FROM identity_keys WHERE key_id = ?1)",
			       "i",
			       key->row) &&
	       uc_database_run(database,
			       error,
			       "DELETE FROM key_conflicts WHERE key_id = ?",
			       "i",
			       key->row) &&
	       uc_enrol_note(database, "endpoint deny", key, now_secs, error) &&
	       uc_transaction_commit(transaction, error);
}
