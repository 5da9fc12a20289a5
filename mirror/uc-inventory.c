/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The endpoints that checked in and what they reported, which is one row by its UUID. */

#include "uc-error.h"
#include "uc-inventory.h"
#include "uc-json.h"
#include "uc-statement-json.h"
#include "uc-vote.h"

#define UC_INVENTORY_REPORTS_MAX 100

/* what its policy wants the organisation to know (docs/policy.md, section 4), but for `forced` */
#define UC_INVENTORY_TOLD                                                            \
	"(e.state <> 'current' AND json_valid(e.details) AND EXISTS (SELECT 1 FROM " \
	"json_each(e.details, '$.reports')"                                          \
	" WHERE value <> 'forced'))"

/* who is blocked: a halted release that it has on offer, else a failure or use that it told itself
 */
#define UC_INVENTORY_SELECT                                                                      \
	"SELECT e.id, e.identity, e.vendor, e.model, e.hardware_level, e.serial, e.mac_address," \
	" e.version, e.state, e.reason, e.machine_id, e.agent_version, e.details,"               \
	" coalesce(h.version || ' is halted, it failed on ' || h.failed || ' of ' || h.total,"   \
	" CASE WHEN e.state <> 'failed' AND " UC_INVENTORY_TOLD " THEN trim("                    \
	"(SELECT group_concat(value, ', ') FROM json_each(e.details, '$.reports'))"              \
	" || ': ' || e.reason, ': ')"                                                            \
	" WHEN e.state IN ('failed', 'in-use') THEN trim(e.state || ': ' || e.reason, ': ')"     \
	" WHEN r.event = 'failed' AND e.state <> 'current' THEN trim('failed: ' || r.message,"   \
	" ': ') ELSE '' END),"                                                                   \
	" e.first_seen_secs, coalesce(s.seen_secs, e.last_seen_secs), r.event,"                  \
	" r.received_secs,"                                                                      \
	" coalesce(h.since_secs, CASE WHEN e.state IN ('failed', 'in-use') OR"                   \
	" " UC_INVENTORY_TOLD " THEN e.state_since_secs ELSE r.received_secs END)"               \
	" FROM endpoints e LEFT JOIN seen s ON s.endpoint_id = e.id LEFT JOIN reports r ON "     \
	"r.uuid = (SELECT uuid FROM reports"                                                     \
	" WHERE identity = e.identity ORDER BY received_secs DESC, rowid DESC LIMIT 1)"          \
	" LEFT JOIN (SELECT o.identity, p.version, x.failed, x.total, x.since_secs, max(p.id)"   \
	" FROM halts x JOIN offers o ON o.package_id = x.package_id JOIN packages p ON"          \
	" p.id = x.package_id WHERE p.state = 'approved' GROUP BY o.identity)"                   \
	" h ON h.identity = e.identity AND h.version <> e.version "

void
uc_inventory_endpoint_free(UcInventoryEndpoint *self)
{
	g_free(self->identity);
	g_free(self->vendor);
	g_free(self->model);
	g_free(self->hardware_level);
	g_free(self->serial);
	g_free(self->mac_address);
	g_free(self->version);
	g_free(self->state);
	g_free(self->reason);
	g_free(self->machine_id);
	g_free(self->agent_version);
	g_free(self->details);
	g_free(self->blocked);
	g_free(self->last_event);
	g_free(self);
}

/**
 * uc_inventory_add_report:
 * @report: a report
 * @now_secs: the present time, seconds since the Unix epoch
 * @added_out: (out): %FALSE if its UUID was there already, and nothing was changed
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * Remembers a report, within the caller's transaction.
 */
gboolean
uc_inventory_add_report(UcDatabase *database,
			const UcReport *report,
			gint64 now_secs,
			gboolean *added_out,
			GError **error)
{
	g_autofree gchar *body = uc_json_to_text(report->body, FALSE);
	gboolean counted = FALSE;

	*added_out = FALSE;
	if (!uc_database_run(database,
			     error,
			     "INSERT OR IGNORE INTO reports (uuid, identity, event, version_old,"
			     " version_new, sha256, message, time_secs, received_secs, body)"
			     " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			     "sssssssiis",
			     report->uuid,
			     report->identity,
			     report->event,
			     report->version_old,
			     report->version_new,
			     report->sha256,
			     report->message,
			     report->time_secs,
			     now_secs,
			     body))
		return FALSE;
	if (uc_database_get_changes(database) == 0)
		return TRUE;
	if (!uc_vote_add(database, report, now_secs, &counted, error))
		return FALSE;
	*added_out = TRUE;
	return TRUE;
}

static UcInventoryEndpoint *
uc_inventory_endpoint_from_row(UcStatement *row)
{
	UcInventoryEndpoint *self = g_new0(UcInventoryEndpoint, 1);
	gchar **const texts[] = {&self->identity,
				 &self->vendor,
				 &self->model,
				 &self->hardware_level,
				 &self->serial,
				 &self->mac_address,
				 &self->version,
				 &self->state,
				 &self->reason,
				 &self->machine_id,
				 &self->agent_version,
				 &self->details,
				 &self->blocked};

	self->row = uc_statement_get_int64(row, 0);
	for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
		*texts[i] = g_strdup(uc_statement_get_text(row, (gint)i + 1));
	self->first_seen_secs = uc_statement_get_int64(row, 14);
	self->last_seen_secs = uc_statement_get_int64(row, 15);
	self->last_event = g_strdup(uc_statement_get_text(row, 16));
	self->last_report_secs = uc_statement_get_int64(row, 17);
	if (self->blocked[0] != '\0')
		self->blocked_since_secs = uc_statement_get_int64(row, 18);
	return self;
}

static GPtrArray *
uc_inventory_take_rows(UcStatement *query, GError **error)
{
	g_autoptr(UcStatement) statement = query;
	g_autoptr(GPtrArray) endpoints =
	    g_ptr_array_new_with_free_func((GDestroyNotify)uc_inventory_endpoint_free);
	gboolean row = FALSE;

	if (statement == NULL)
		return NULL;
	while (TRUE) {
		if (!uc_statement_next(statement, &row, error))
			return NULL;
		if (!row)
			return g_steal_pointer(&endpoints);
		g_ptr_array_add(endpoints, uc_inventory_endpoint_from_row(statement));
	}
}

/**
 * uc_inventory_list:
 * @error: set to %UC_ERROR_FAILED
 *
 * Returns: (transfer full) (element-type UcInventoryEndpoint): all endpoints, by vendor, model and
 *   serial
 */
GPtrArray *
uc_inventory_list(UcDatabase *database, GError **error)
{
	return uc_inventory_take_rows(
	    uc_database_query(database,
			      error,
			      UC_INVENTORY_SELECT "ORDER BY e.vendor, e.model, e.serial, e.id",
			      ""),
	    error);
}

static gboolean
uc_inventory_has_identity(const GPtrArray *endpoints, const gchar *identity)
{
	const UcInventoryEndpoint *first = g_ptr_array_index(endpoints, 0);

	return g_str_equal(first->identity, identity);
}

/**
 * uc_inventory_find:
 * @id: the number that `endpoints` shows, a serial, a MAC address or an identity
 * @error: set to %UC_ERROR_NOT_FOUND, or %UC_ERROR_INVALID if several are meant
 *
 * Returns: (transfer full): the endpoint, or %NULL
 */
UcInventoryEndpoint *
uc_inventory_find(UcDatabase *database, const gchar *id, GError **error)
{
	g_autoptr(GPtrArray) endpoints = NULL;

	endpoints = uc_inventory_take_rows(
	    uc_database_query(database,
			      error,
			      UC_INVENTORY_SELECT
			      "WHERE CAST(e.id AS TEXT) = ?1 OR e.identity = ?1 OR (?1 <> '' AND"
			      " (e.serial = ?1 OR e.mac_address = lower(?1))) ORDER BY"
			      " e.identity = ?1 DESC LIMIT 2",
			      "s",
			      id),
	    error);
	if (endpoints == NULL)
		return NULL;
	/* another one may have that for its serial, which it is free to say */
	if (endpoints->len == 1 ||
	    (endpoints->len == 2 && uc_inventory_has_identity(endpoints, id)))
		return g_ptr_array_steal_index(endpoints, 0);
	g_set_error(error,
		    UC_ERROR,
		    endpoints->len == 0 ? UC_ERROR_NOT_FOUND : UC_ERROR_INVALID,
		    endpoints->len == 0
			? "there is no endpoint '%s'; 'endpoints' shows those there are"
			: "several endpoints are called '%s'; give the identity of the one "
			  "that is meant, which 'endpoints --columns=id,identity' shows",
		    id);
	return NULL;
}

static JsonObject *
uc_inventory_report_to_json(UcStatement *row)
{
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "uuid", uc_statement_get_text(row, 0));
	json_object_set_string_member(object, "event", uc_statement_get_text(row, 1));
	json_object_set_string_member(object, "version_old", uc_statement_get_text(row, 2));
	json_object_set_string_member(object, "version_new", uc_statement_get_text(row, 3));
	json_object_set_string_member(object, "message", uc_statement_get_text(row, 4));
	uc_json_set_time(object, "received", uc_statement_get_int64(row, 5));
	return object;
}

/**
 * uc_inventory_list_reports:
 * @endpoint: an endpoint
 * @error: set to %UC_ERROR_FAILED
 *
 * Returns: (transfer full): its latest 100 reports as JSON objects, the latest first
 */
JsonArray *
uc_inventory_list_reports(UcDatabase *database, const UcInventoryEndpoint *endpoint, GError **error)
{
	g_autoptr(UcStatement) statement = uc_database_query(
	    database,
	    error,
	    "SELECT uuid, event, version_old, version_new, message, received_secs FROM reports"
	    " WHERE identity = ? ORDER BY received_secs DESC, rowid DESC LIMIT ?",
	    "si",
	    endpoint->identity,
	    (gint64)UC_INVENTORY_REPORTS_MAX);

	return uc_statement_to_json(statement, uc_inventory_report_to_json, error);
}
