/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a check-in changes in the inventory, and what is on offer for its endpoints. An endpoint is
 * one row by its identity.
 */

#include "uc-inventory-row.h"
#include "uc-inventory.h"
#include "uc-json.h"
#include "uc-vote.h"

#define UC_INVENTORY_MODULES_MAX 64

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

/*
 * @row_out: key of its row, 0 if there is none yet
 * @same_out: whether it says what is on record of it, from which all columns follow but the version
 *   that it said before it said none
 */
static gboolean
uc_inventory_look_up(UcDatabase *database,
		     const UcCheckin *checkin,
		     const UcCheckinEndpoint *endpoint,
		     const gchar *details,
		     gint64 now_secs,
		     gint64 *row_out,
		     gboolean *same_out,
		     GError **error)
{
	g_autoptr(UcStatement) row = NULL;
	gboolean found = FALSE;

	row = uc_database_query(
	    database,
	    error,
	    "SELECT id, details = ?2 AND machine_id = ?3 AND agent_version = ?4 AND"
	    " last_seen_secs <= ?5 FROM endpoints WHERE identity = ?1",
	    "ssssi",
	    endpoint->identity,
	    details,
	    checkin->machine_id,
	    checkin->agent_version,
	    now_secs);
	if (row == NULL || !uc_statement_next(row, &found, error))
		return FALSE;
	*row_out = found ? uc_statement_get_int64(row, 0) : 0;
	*same_out = found && uc_statement_get_int64(row, 1) != 0;
	return TRUE;
}

/* as in uc-checkin-cache.c */
static gboolean
uc_inventory_see(UcDatabase *database, gint64 row, gint64 now_secs, GError **error)
{
	return uc_database_run(database,
			       error,
			       "INSERT OR REPLACE INTO seen (endpoint_id, seen_secs) VALUES (?, ?)",
			       "ii",
			       row,
			       now_secs);
}

static gboolean
uc_inventory_put(UcDatabase *database,
		 const UcCheckin *checkin,
		 const UcCheckinEndpoint *endpoint,
		 const gchar *details,
		 gint64 now_secs,
		 GError **error)
{
	const UcInventoryRow row = {endpoint, checkin->machine_id, checkin->agent_version, details};

	return uc_inventory_row_put(
	    database,
	    &row,
	    UC_INVENTORY_ROW_INSERT
	    "state_since_secs = CASE WHEN state = ?8 AND ?7 IN ('', version) THEN state_since_secs"
	    " ELSE ?13 END, vendor = ?2, model = ?3, hardware_level = ?4, serial = ?5,"
	    " mac_address = ?6, version = iif(?7 = '', version, ?7), state = ?8, reason = ?9,"
	    " machine_id = ?10, agent_version = ?11, details = ?12, last_seen_secs = ?13",
	    now_secs,
	    error);
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

	if (!uc_offer_cache_find(offers, endpoint, &offer, named_out, error))
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

/* what it said before ends, where that was something else */
static gboolean
uc_inventory_end(UcDatabase *database,
		 const UcCheckinEndpoint *endpoint,
		 gint64 row,
		 gint64 now_secs,
		 GError **error)
{
	return row == 0 || (uc_inventory_end_versions(database, endpoint, now_secs, error) &&
			    uc_inventory_forget_seen(database, row, error));
}

/*
 * An endpoint that says what is on record of it changes nothing but when it was seen. All of them
 * do at first when the service was started again, or something was published.
 */
static gboolean
uc_inventory_store(UcDatabase *database,
		   UcCheckin *checkin,
		   const UcCheckinEndpoint *endpoint,
		   gint64 now_secs,
		   GError **error)
{
	g_autofree gchar *details = uc_json_to_text(endpoint->details, FALSE);
	gboolean same = FALSE;
	gint64 row = 0;

	if (!uc_inventory_look_up(database,
				  checkin,
				  endpoint,
				  details,
				  now_secs,
				  &row,
				  &same,
				  error))
		return FALSE;
	if (same ? !uc_inventory_see(database, row, now_secs, error)
		 : !uc_inventory_end(database, endpoint, row, now_secs, error) ||
		       !uc_inventory_put(database, checkin, endpoint, details, now_secs, error))
		return FALSE;
	if (row == 0)
		row = uc_database_get_last_id(database);
	g_array_append_val(checkin->rows, row);
	return same || uc_inventory_put_versions(database, endpoint, now_secs, error);
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
		if (!uc_inventory_store(database, checkin, endpoint, now_secs, error) ||
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
