/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The endpoints that checked in, what they reported, and what is on offer for them. An endpoint is
 * one row by its identity; a report is one row by its UUID, however often it comes.
 */

#include "uc-error.h"
#include "uc-inventory.h"
#include "uc-json.h"
#include "uc-statement-json.h"
#include "uc-vote.h"

#define UC_INVENTORY_REPORTS_MAX 100
#define UC_INVENTORY_MODULES_MAX 64

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
	" LEFT JOIN (SELECT o.identity, p.version, x.failed, x.total, x.since_secs FROM halts x" \
	" JOIN offers o ON o.package_id = x.package_id JOIN packages p ON p.id = x.package_id)"  \
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

static gchar *
uc_inventory_json_to_text(JsonObject *object)
{
	g_autoptr(GBytes) bytes = uc_json_to_bytes(object, FALSE);

	return g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

/*
 * A version was seen as long as the endpoint said the same again, which ends now. All that are not
 * in this check-in were stored last before it, also those of the same second: that is how they are
 * told from the ones that are.
 */
static gboolean
uc_inventory_end_versions(UcDatabase *database,
			  const UcCheckinEndpoint *endpoint,
			  gint64 now_secs,
			  GError **error)
{
	return uc_database_run(
	    database,
	    error,
	    "UPDATE versions SET last_secs = min(?2 - 1, iif(versions.last_secs = e.last_seen_secs,"
	    " coalesce(s.seen_secs, e.last_seen_secs), versions.last_secs)) FROM endpoints AS e"
	    " LEFT JOIN seen AS s ON s.endpoint_id = e.id WHERE e.identity = ?1 AND"
	    " versions.identity = ?1 AND (versions.last_secs >= ?2 OR (versions.last_secs ="
	    " e.last_seen_secs AND s.seen_secs IS NOT NULL))",
	    "si",
	    endpoint->identity,
	    now_secs);
}

static gboolean
uc_inventory_forget_seen(UcDatabase *database, gint64 row, GError **error)
{
	return uc_database_run(database, error, "DELETE FROM seen WHERE endpoint_id = ?", "i", row);
}

static gboolean
uc_inventory_put(UcDatabase *database,
		 UcCheckin *checkin,
		 const UcCheckinEndpoint *endpoint,
		 gint64 now_secs,
		 GError **error)
{
	g_autofree gchar *details = uc_inventory_json_to_text(endpoint->details);
	g_autoptr(UcStatement) row = NULL;
	gboolean found = FALSE;
	gint64 id = 0;

	row = uc_database_query(
	    database,
	    error,
	    "INSERT INTO endpoints (identity, vendor, model, hardware_level, serial, mac_address,"
	    " version, state, reason, machine_id, agent_version, details, first_seen_secs,"
	    " last_seen_secs, state_since_secs)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13, ?13)"
	    " ON CONFLICT (identity) DO UPDATE SET state_since_secs ="
	    " CASE WHEN state = ?8 AND ?7 IN ('', version) THEN state_since_secs ELSE ?13 END, "
	    "vendor = "
	    "?2, model = ?3, hardware_level = ?4,"
	    " serial = ?5, mac_address = ?6, version = iif(?7 = '', version, ?7), state = ?8, "
	    "reason = ?9,"
	    " machine_id = ?10, agent_version = ?11, details = ?12, last_seen_secs = ?13 RETURNING "
	    "id",
	    "ssssssssssssi",
	    endpoint->identity,
	    endpoint->vendor,
	    endpoint->model,
	    endpoint->hardware_level,
	    endpoint->serial,
	    endpoint->mac_address,
	    endpoint->version,
	    endpoint->state,
	    endpoint->reason,
	    checkin->machine_id,
	    checkin->agent_version,
	    details,
	    now_secs);
	if (row == NULL || !uc_statement_next(row, &found, error))
		return FALSE;
	id = uc_statement_get_int64(row, 0);
	g_array_append_val(checkin->rows, id);
	/* to its end, where it is done */
	return uc_statement_next(row, &found, error) &&
	       uc_inventory_forget_seen(database, id, error);
}

static void
uc_inventory_set_url(JsonObject *update,
		     const gchar *member,
		     const gchar *base,
		     const gchar *sha256)
{
	g_autofree gchar *url = NULL;

	if (base[0] == '\0') {
		json_object_set_null_member(update, member);
		return;
	}
	url = g_strdup_printf("%scabs/%s.cab", base, sha256);
	json_object_set_string_member(update, member, url);
}

static JsonObject *
uc_inventory_new_update(UcDatabase *database, const gchar *id, const UcOffer *offer, GError **error)
{
	g_autoptr(JsonObject) update = json_object_new();
	g_autofree gchar *internal_url = NULL;
	g_autofree gchar *external_url = NULL;

	if (!uc_database_get_meta(database, "internal_url", &internal_url, error) ||
	    !uc_database_get_meta(database, "external_url", &external_url, error))
		return NULL;
	json_object_set_string_member(update, "id", id);
	json_object_set_string_member(update, "version", offer->version);
	uc_inventory_set_url(update, "internal_url", internal_url, offer->sha256);
	uc_inventory_set_url(update, "external_url", external_url, offer->sha256);
	json_object_set_string_member(update, "sha256", offer->sha256);
	json_object_set_int_member(update, "size_bytes", offer->size_bytes);
	return g_steal_pointer(&update);
}

static gboolean
uc_inventory_offer_endpoint(UcDatabase *database,
			    UcOfferCache *offers,
			    const UcCheckinEndpoint *endpoint,
			    gint64 now_secs,
			    JsonArray *updates,
			    gboolean *named_out,
			    GError **error)
{
	const UcOffer *offer = NULL;
	JsonObject *update = NULL;

	if (!uc_offer_cache_is_named(offers, endpoint, named_out, error) ||
	    !uc_offer_cache_find(offers, endpoint, &offer, error))
		return FALSE;
	if (offer == NULL)
		return TRUE;
	if (!uc_vote_offer(database, endpoint, offer->package, now_secs, error))
		return FALSE;
	update = uc_inventory_new_update(database, endpoint->id, offer, error);
	if (update == NULL)
		return FALSE;
	json_array_add_object_element(updates, update);
	return TRUE;
}

static gboolean
uc_inventory_put_version(UcDatabase *database,
			 const gchar *identity,
			 JsonObject *module,
			 gint64 now_secs,
			 GError **error)
{
	const gchar *name = json_object_get_string_member_with_default(module, "name", "");
	const gchar *version = json_object_get_string_member_with_default(module, "version", "");

	if (version[0] == '\0')
		return TRUE;
	return uc_database_run(
	    database,
	    error,
	    "INSERT INTO versions (identity, module, version, first_secs, last_secs)"
	    " VALUES (?1, ?2, ?3, ?4, ?4) ON CONFLICT (identity, module, version)"
	    " DO UPDATE SET last_secs = ?4",
	    "sssi",
	    identity,
	    name,
	    version,
	    now_secs);
}

/* the check-in was parsed: its modules are objects, but their members may be missing */
static gboolean
uc_inventory_put_versions(UcDatabase *database,
			  const UcCheckinEndpoint *endpoint,
			  gint64 now_secs,
			  GError **error)
{
	JsonArray *modules = NULL;

	if (!uc_json_get_array(endpoint->details,
			       "modules",
			       UC_JSON_OPTIONAL,
			       UC_INVENTORY_MODULES_MAX,
			       &modules,
			       error))
		return FALSE;
	for (guint i = 0; modules != NULL && i < json_array_get_length(modules); i++) {
		JsonObject *module = uc_json_array_get_object(modules, i, "modules", error);

		if (module == NULL || !uc_inventory_put_version(database,
								endpoint->identity,
								module,
								now_secs,
								error))
			return FALSE;
	}
	return TRUE;
}

/* whether it is the key's to speak for the endpoint; everybody's where endpoints do not enrol */
static gboolean
uc_inventory_prove(UcDatabase *database,
		   const UcEndpointKey *key,
		   UcCheckinEndpoint *endpoint,
		   gint64 now_secs,
		   gboolean *proven_out,
		   GError **error)
{
	if (key == NULL)
		return TRUE;
	endpoint->key = key->row;
	return uc_endpoint_key_use(database, key, endpoint->identity, now_secs, proven_out, error);
}

/**
 * uc_inventory_check_in:
 * @offers: a cache of this database, refreshed within the transaction
 * @checkin: a check-in; the key is noted in its endpoints, and in itself whether it is repeatable
 * @key: (nullable): who sent it; %NULL where endpoints do not enrol
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * Remembers all endpoints of a check-in, their versions and what they are offered, within the
 * caller's transaction; but not of those whose identity the key does not have.
 *
 * Returns: (transfer full): the answer, with what is published for each and differs from what is
 *   installed
 */
JsonObject *
uc_inventory_check_in(UcDatabase *database,
		      UcOfferCache *offers,
		      UcCheckin *checkin,
		      const UcEndpointKey *key,
		      gint64 now_secs,
		      GError **error)
{
	g_autoptr(JsonObject) reply = json_object_new();
	JsonArray *updates = json_array_new();
	JsonArray *refused = json_array_new();

	g_array_set_size(checkin->rows, 0);
	checkin->repeatable = TRUE;
	json_object_set_string_member(reply, "format", "ucupdates-checkin-reply-1");
	json_object_set_array_member(reply, "updates", updates);
	if (key != NULL)
		json_object_set_array_member(reply, "refused", refused);
	else
		g_clear_pointer(&refused, json_array_unref);
	for (guint i = 0; i < checkin->endpoints->len; i++) {
		UcCheckinEndpoint *endpoint = g_ptr_array_index(checkin->endpoints, i);
		gboolean proven = TRUE;
		gboolean named = FALSE;

		if (!uc_inventory_prove(database, key, endpoint, now_secs, &proven, error))
			return NULL;
		if (!proven) {
			checkin->repeatable = FALSE;
			json_array_add_string_element(refused, endpoint->id);
			continue;
		}
		if (!uc_inventory_end_versions(database, endpoint, now_secs, error) ||
		    !uc_inventory_put(database, checkin, endpoint, now_secs, error) ||
		    !uc_inventory_put_versions(database, endpoint, now_secs, error) ||
		    !uc_inventory_offer_endpoint(database,
						 offers,
						 endpoint,
						 now_secs,
						 updates,
						 &named,
						 error))
			return NULL;
		checkin->repeatable = checkin->repeatable && !named;
	}
	json_object_set_int_member(reply, "downloads", json_array_get_length(updates));
	return g_steal_pointer(&reply);
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
	g_autofree gchar *body = uc_inventory_json_to_text(report->body);
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
			      " (e.serial = ?1 OR e.mac_address = lower(?1))) LIMIT 2",
			      "s",
			      id),
	    error);
	if (endpoints == NULL)
		return NULL;
	if (endpoints->len == 1)
		return g_ptr_array_steal_index(endpoints, 0);
	g_set_error(error,
		    UC_ERROR,
		    endpoints->len == 0 ? UC_ERROR_NOT_FOUND : UC_ERROR_INVALID,
		    endpoints->len == 0
			? "there is no endpoint '%s'; 'endpoints' shows those there are"
			: "several endpoints are called '%s'; give the number that "
			  "'endpoints' shows",
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
