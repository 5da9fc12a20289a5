/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the inventory remembers of an endpoint over time, and how it is forgotten. */

#include "uc-audit.h"
#include "uc-endpoint-key.h"
#include "uc-inventory-forget.h"
#include "uc-json.h"
#include "uc-statement-json.h"

/* a version that was stored last when its endpoint was is there as long as the endpoint is seen */
#define UC_INVENTORY_VERSION_LAST                                                               \
	"CASE WHEN v.last_secs = e.last_seen_secs THEN coalesce(s.seen_secs, v.last_secs) ELSE" \
	" v.last_secs END"

static const gchar *const uc_inventory_tables[] = {"versions",
						   "offers",
						   "votes",
						   "reports",
						   "endpoints"};

/**
 * uc_inventory_forget:
 * @endpoint: an endpoint
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * Forgets all that is known about it, and revokes its key; the audit log keeps only that somebody
 * did so. If it checks in again it is a new one, where endpoints enrol with another key.
 */
gboolean
uc_inventory_forget(UcDatabase *database,
		    const UcInventoryEndpoint *endpoint,
		    gint64 now_secs,
		    GError **error)
{
	g_autoptr(UcTransaction) transaction = uc_transaction_begin(database, error);
	g_autofree gchar *subject = g_strdup_printf("endpoint %" G_GINT64_FORMAT, endpoint->row);

	if (transaction == NULL ||
	    !uc_endpoint_key_revoke_for(database, endpoint->identity, now_secs, error) ||
	    !uc_database_run(database,
			     error,
			     "DELETE FROM seen WHERE endpoint_id = ?",
			     "i",
			     endpoint->row))
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(uc_inventory_tables); i++) {
		g_autofree gchar *sql =
		    g_strdup_printf("DELETE FROM %s WHERE identity = ?", uc_inventory_tables[i]);

		if (!uc_database_run(database, error, sql, "s", endpoint->identity))
			return FALSE;
	}
	return uc_audit_add(database, "forget", subject, now_secs, error) &&
	       uc_transaction_commit(transaction, error);
}

/**
 * uc_inventory_forget_unseen:
 * @before_secs: seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * Forgets the endpoints that were seen last before that, reports without an endpoint that are as
 * old, and versions that were.
 */
gboolean
uc_inventory_forget_unseen(UcDatabase *database, gint64 before_secs, GError **error)
{
	static const gchar *const statements[] = {
	    "DELETE FROM endpoints WHERE last_seen_secs < ?1 AND id NOT IN (SELECT endpoint_id FROM"
	    " seen WHERE seen_secs >= ?1)",
	    "DELETE FROM seen WHERE seen_secs < ? AND endpoint_id NOT IN (SELECT id FROM"
	    " endpoints)",
	    "DELETE FROM reports WHERE received_secs < ? AND identity NOT IN (SELECT identity FROM"
	    " endpoints)",
	    "DELETE FROM versions WHERE last_secs < ? AND identity NOT IN (SELECT identity FROM"
	    " endpoints)",
	    "DELETE FROM offers WHERE offered_secs < ? AND identity NOT IN (SELECT identity FROM"
	    " endpoints)",
	    "DELETE FROM votes WHERE received_secs < ? AND identity NOT IN (SELECT identity FROM"
	    " endpoints)",
	    "DELETE FROM identity_keys WHERE bound_secs < ? AND identity NOT IN (SELECT identity"
	    " FROM endpoints)",
	    "DELETE FROM endpoint_keys WHERE changed_secs < ? AND state <> 'revoked' AND id NOT IN"
	    " (SELECT key_id FROM identity_keys)"};
	g_autoptr(UcTransaction) transaction = uc_transaction_begin(database, error);

	if (transaction == NULL)
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(statements); i++) {
		if (!uc_database_run(database, error, statements[i], "i", before_secs))
			return FALSE;
	}
	return uc_transaction_commit(transaction, error);
}

static JsonObject *
uc_inventory_version_to_json(UcStatement *row)
{
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "module", uc_statement_get_text(row, 0));
	json_object_set_string_member(object, "version", uc_statement_get_text(row, 1));
	uc_json_set_time(object, "first", uc_statement_get_int64(row, 2));
	uc_json_set_time(object, "last", uc_statement_get_int64(row, 3));
	return object;
}

/**
 * uc_inventory_list_versions:
 * @error: set to %UC_ERROR_FAILED
 *
 * Returns: (transfer full): every version that the endpoint ever reported as JSON objects, by
 *   module, the first one first
 */
JsonArray *
uc_inventory_list_versions(UcDatabase *database,
			   const UcInventoryEndpoint *endpoint,
			   GError **error)
{
	g_autoptr(UcStatement) rows =
	    uc_database_query(database,
			      error,
			      "SELECT v.module, v.version, v.first_secs, " UC_INVENTORY_VERSION_LAST
			      " FROM versions AS v LEFT JOIN endpoints AS e ON e.identity ="
			      " v.identity LEFT JOIN seen AS s ON s.endpoint_id = e.id WHERE"
			      " v.identity = ? ORDER BY v.module, v.first_secs, v.last_secs",
			      "s",
			      endpoint->identity);

	return uc_statement_to_json(rows, uc_inventory_version_to_json, error);
}
