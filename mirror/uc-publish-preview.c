/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What endpoints would see differently after a publication: what each endpoint of the inventory is
 * offered now, and what it would be. The publication is recorded in a transaction that is rolled
 * back, so that the very code that answers check-ins says it.
 */

#include "uc-inventory.h"
#include "uc-json.h"
#include "uc-offer-policy.h"
#include "uc-offer.h"
#include "uc-policy-compile.h"
#include "uc-policy-diff.h"
#include "uc-publish-preview.h"

#define UC_PUBLISH_PREVIEW_NONE "-"

typedef struct {
	UcMirror *mirror;     /* not owned */
	GPtrArray *endpoints; /* (element-type UcInventoryEndpoint) */
	GPtrArray *before;    /* (element-type utf8): version on offer by endpoint */
	GPtrArray *after;     /* (element-type utf8) */
	JsonObject *sections; /* of policy.json as it would be */
} UcPublishPreview;

static void
uc_publish_preview_clear(UcPublishPreview *self)
{
	g_clear_pointer(&self->endpoints, g_ptr_array_unref);
	g_clear_pointer(&self->before, g_ptr_array_unref);
	g_clear_pointer(&self->after, g_ptr_array_unref);
	g_clear_pointer(&self->sections, json_object_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UcPublishPreview, uc_publish_preview_clear)

/**
 * uc_publish_preview_parse:
 * @endpoint: of the inventory
 *
 * Returns: (transfer full) (nullable): a check-in with this endpoint alone, as it was last
 */
UcCheckin *
uc_publish_preview_parse(const UcInventoryEndpoint *endpoint)
{
	g_autoptr(JsonNode) node = json_from_string(endpoint->details, NULL);
	g_autoptr(JsonObject) body = json_object_new();
	g_autoptr(GBytes) bytes = NULL;
	JsonArray *array = json_array_new();

	json_object_set_array_member(body, "endpoints", array);
	json_object_set_string_member(body, "format", "ucupdates-checkin-1");
	json_object_set_string_member(body, "machine_id", endpoint->machine_id);
	if (node != NULL)
		json_array_add_element(array, g_steal_pointer(&node));
	bytes = uc_json_to_bytes(body, FALSE);
	return uc_checkin_parse(bytes, NULL);
}

/**
 * uc_publish_preview_find_offer:
 * @policies: what would count
 * @endpoint: of the inventory; where endpoints enrol, the key that has it is noted
 * @offer_out: (out) (transfer full) (nullable): as of uc_offer_find()
 * @error: set to %UC_ERROR_FAILED
 *
 * What it would be answered if it checked in again as it was.
 */
gboolean
uc_publish_preview_find_offer(UcDatabase *database,
			      const UcPolicy *policies,
			      UcCheckinEndpoint *endpoint,
			      UcOffer **offer_out,
			      GError **error)
{
	g_autoptr(UcStatement) row = uc_database_query(
	    database,
	    error,
	    "SELECT key_id FROM identity_keys WHERE identity = ? AND EXISTS (SELECT 1 FROM meta"
	    " WHERE key = 'enrolment' AND value <> 'none')",
	    "s",
	    endpoint->identity);
	gboolean found = FALSE;

	if (row == NULL || !uc_statement_next(row, &found, error))
		return FALSE;
	endpoint->key = found ? uc_statement_get_int64(row, 0) : 0;
	return uc_offer_find(database, policies, endpoint, offer_out, error);
}

static gboolean
uc_publish_preview_look(const UcPublishPreview *self, GPtrArray *versions, GError **error)
{
	g_autoptr(UcPolicy) policies = uc_offer_policy_load(self->mirror->database, error);

	if (policies == NULL)
		return FALSE;
	for (guint i = 0; i < self->endpoints->len; i++) {
		const UcInventoryEndpoint *endpoint = g_ptr_array_index(self->endpoints, i);
		g_autoptr(UcCheckin) checkin = uc_publish_preview_parse(endpoint);
		g_autoptr(UcOffer) offer = NULL;

		if (checkin != NULL &&
		    !uc_publish_preview_find_offer(self->mirror->database,
						   policies,
						   g_ptr_array_index(checkin->endpoints, 0),
						   &offer,
						   error))
			return FALSE;
		g_ptr_array_add(versions,
				g_strdup(offer != NULL ? offer->version : UC_PUBLISH_PREVIEW_NONE));
	}
	return TRUE;
}

static JsonObject *
uc_publish_preview_new_change(const UcPublishPreview *self, guint index)
{
	const UcInventoryEndpoint *endpoint = g_ptr_array_index(self->endpoints, index);
	JsonObject *change = json_object_new();

	json_object_set_string_member(change, "vendor", endpoint->vendor);
	json_object_set_string_member(change, "model", endpoint->model);
	json_object_set_string_member(change, "hardware_level", endpoint->hardware_level);
	json_object_set_string_member(change, "installed", endpoint->version);
	json_object_set_string_member(change, "before", g_ptr_array_index(self->before, index));
	json_object_set_string_member(change, "after", g_ptr_array_index(self->after, index));
	json_object_set_int_member(change, "endpoints", 1);
	return change;
}

/* the endpoints are sorted by model, but not by what changes, so equal ones are found by a key */
static JsonArray *
uc_publish_preview_count(const UcPublishPreview *self)
{
	g_autoptr(GHashTable) changes =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	JsonArray *array = json_array_new();

	for (guint i = 0; i < self->endpoints->len; i++) {
		g_autoptr(JsonObject) change = NULL;
		g_autoptr(GBytes) key = NULL;
		g_autofree gchar *text = NULL;
		JsonObject *known = NULL;

		if (g_str_equal(g_ptr_array_index(self->before, i),
				g_ptr_array_index(self->after, i)))
			continue;
		change = uc_publish_preview_new_change(self, i);
		key = uc_json_to_bytes(change, FALSE);
		text = g_strndup(g_bytes_get_data(key, NULL), g_bytes_get_size(key));
		known = g_hash_table_lookup(changes, text);
		if (known != NULL) {
			json_object_set_int_member(known,
						   "endpoints",
						   json_object_get_int_member(known, "endpoints") +
						       1);
			continue;
		}
		g_hash_table_insert(changes, g_steal_pointer(&text), change);
		json_array_add_object_element(array, g_steal_pointer(&change));
	}
	return array;
}

/* a publication begins with what reports say by now */
static gboolean
uc_publish_preview_rehearse(UcPublishPreview *self, const UcPublishPlan *plan, GError **error)
{
	UcDatabase *database = self->mirror->database;
	gint64 now_secs = g_get_real_time() / G_USEC_PER_SEC;
	guint halted = 0;

	if (!uc_publish_plan_halt(plan, database, now_secs, &halted, error))
		return FALSE;
	self->sections = uc_policy_compile(plan, database, error);
	return self->sections != NULL &&
	       uc_publish_plan_rehearse(plan, self->sections, database, error);
}

static gboolean
uc_publish_preview_run(UcPublishPreview *self, const UcPublishPlan *plan, GError **error)
{
	UcDatabase *database = self->mirror->database;
	g_autoptr(UcTransaction) transaction = uc_transaction_begin(database, error);

	if (transaction == NULL)
		return FALSE;
	self->endpoints = uc_inventory_list(database, error);
	self->before = g_ptr_array_new_with_free_func(g_free);
	self->after = g_ptr_array_new_with_free_func(g_free);
	return self->endpoints != NULL && uc_publish_preview_look(self, self->before, error) &&
	       uc_publish_preview_rehearse(self, plan, error) &&
	       uc_publish_preview_look(self, self->after, error);
}

/**
 * uc_publish_preview:
 * @mirror: a mirror, which stays as it is
 * @error: set to %UC_ERROR_INVALID (a rule) or %UC_ERROR_FAILED
 *
 * Returns: (transfer full): `changes`, by model, hardware level, installed version, and what is and
 *   would be on offer, with the number of endpoints; `endpoints`, how many there are at all;
 *   `policy_changes`, as of uc_policy_diff_new(); and `policy`, the sections as they would be
 */
JsonObject *
uc_publish_preview(UcMirror *mirror, GError **error)
{
	g_auto(UcPublishPreview) self = {mirror};
	g_autoptr(UcPublishPlan) plan = uc_publish_plan_new(mirror, error);
	g_autoptr(JsonArray) differences = NULL;
	JsonObject *object = NULL;

	if (plan == NULL || !uc_publish_preview_run(&self, plan, error))
		return NULL;
	differences = uc_policy_diff_new(mirror, self.sections, error);
	if (differences == NULL)
		return NULL;
	object = json_object_new();
	json_object_set_int_member(object, "endpoints", self.endpoints->len);
	json_object_set_array_member(object, "changes", uc_publish_preview_count(&self));
	json_object_set_array_member(object, "policy_changes", g_steal_pointer(&differences));
	json_object_set_object_member(object, "policy", g_steal_pointer(&self.sections));
	return object;
}
