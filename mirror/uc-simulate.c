/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What would become of a publication: who gets what, when the first and the last have it, and what
 * server and network carry in each hour. The change is made in a transaction that is rolled back,
 * so that the very code that decides and answers check-ins says it, and then each endpoint of the
 * inventory goes its way by the policy function.
 */

#include "uc-error.h"
#include "uc-inventory.h"
#include "uc-json.h"
#include "uc-model.h"
#include "uc-package-decide.h"
#include "uc-policy-compile.h"
#include "uc-policy-json.h"
#include "uc-publish-preview.h"
#include "uc-simulate-endpoint.h"
#include "uc-simulate.h"

typedef struct {
	gint64 downloads;
	gint64 size_bytes;
	gint64 done;
} UcSimulateHour;

/* all endpoints that go from one version to another */
typedef struct {
	gchar *vendor;
	gchar *model;
	gchar *installed;
	gchar *version;
	gint64 endpoints;
	gint64 never;
	gint64 first_secs;
	gint64 last_secs;
} UcSimulateChange;

typedef struct {
	UcMirror *mirror;		/* not owned */
	const UcSimulation *simulation; /* not owned */
	UcPolicy *policy;
	GPtrArray *endpoints; /* (element-type UcInventoryEndpoint) */
	GHashTable *changes;  /* (element-type utf8 UcSimulateChange) */
	GPtrArray *order;     /* (element-type UcSimulateChange), not owned */
	UcSimulateHour *hours;
} UcSimulate;

static void
uc_simulate_change_free(UcSimulateChange *change)
{
	g_free(change->vendor);
	g_free(change->model);
	g_free(change->installed);
	g_free(change->version);
	g_free(change);
}

static void
uc_simulate_clear(UcSimulate *self)
{
	g_clear_pointer(&self->policy, uc_policy_free);
	g_clear_pointer(&self->endpoints, g_ptr_array_unref);
	g_clear_pointer(&self->order, g_ptr_array_unref);
	g_clear_pointer(&self->changes, g_hash_table_unref);
	g_free(self->hours);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UcSimulate, uc_simulate_clear)

static UcSimulateChange *
uc_simulate_ensure_change(UcSimulate *self, const UcCheckinEndpoint *endpoint, const UcOffer *offer)
{
	g_autofree gchar *key = g_strjoin("\n",
					  endpoint->vendor,
					  endpoint->model,
					  endpoint->version,
					  offer->version,
					  NULL);
	UcSimulateChange *change = g_hash_table_lookup(self->changes, key);

	if (change != NULL)
		return change;
	change = g_new0(UcSimulateChange, 1);
	change->vendor = g_strdup(endpoint->vendor);
	change->model = g_strdup(endpoint->model);
	change->installed = g_strdup(endpoint->version);
	change->version = g_strdup(offer->version);
	g_hash_table_insert(self->changes, g_steal_pointer(&key), change);
	g_ptr_array_add(self->order, change);
	return change;
}

static UcSimulateHour *
uc_simulate_get_hour(UcSimulate *self, gint64 secs)
{
	return &self->hours[(secs - self->simulation->start_secs) / 3600];
}

static void
uc_simulate_count(UcSimulate *self,
		  UcSimulateChange *change,
		  const UcOffer *offer,
		  const UcSimulatedCourse *course)
{
	change->endpoints++;
	if (course->download_secs >= 0) {
		UcSimulateHour *hour = uc_simulate_get_hour(self, course->download_secs);

		hour->downloads++;
		hour->size_bytes += offer->size_bytes;
	}
	if (course->done_secs < 0) {
		change->never++;
		return;
	}
	uc_simulate_get_hour(self, course->done_secs)->done++;
	if (change->first_secs == 0 || course->done_secs < change->first_secs)
		change->first_secs = course->done_secs;
	change->last_secs = MAX(change->last_secs, course->done_secs);
}

/* a cab that was never published has no signed one yet; the imported one is about as long */
static gboolean
uc_simulate_ensure_size(UcDatabase *database, UcOffer *offer, GError **error)
{
	g_autoptr(UcStatement) row = NULL;
	gboolean found = FALSE;

	if (offer->size_bytes > 0)
		return TRUE;
	row = uc_database_query(database,
				error,
				"SELECT size_bytes FROM packages WHERE id = ?",
				"i",
				offer->package);
	if (row == NULL || !uc_statement_next(row, &found, error))
		return FALSE;
	if (found)
		offer->size_bytes = uc_statement_get_int64(row, 0);
	return TRUE;
}

static gboolean
uc_simulate_one(UcSimulate *self, const UcInventoryEndpoint *known, GError **error)
{
	UcDatabase *database = self->mirror->database;
	g_autoptr(UcCheckin) checkin = uc_publish_preview_parse(known);
	UcCheckinEndpoint *endpoint = NULL;
	g_autoptr(UcOffer) offer = NULL;
	UcSimulatedCourse course = {0};

	if (checkin == NULL)
		return TRUE;
	endpoint = g_ptr_array_index(checkin->endpoints, 0);
	if (!uc_publish_preview_find_offer(database, self->policy, endpoint, &offer, error))
		return FALSE;
	if (offer == NULL)
		return TRUE;
	if (!uc_simulate_ensure_size(database, offer, error))
		return FALSE;
	uc_simulate_endpoint(self->simulation, self->policy, endpoint, offer, &course);
	uc_simulate_count(self, uc_simulate_ensure_change(self, endpoint, offer), offer, &course);
	return TRUE;
}

static gboolean
uc_simulate_approve(UcDatabase *database, const UcSimulation *simulation, GError **error)
{
	for (guint i = 0; simulation->approve != NULL && simulation->approve[i] != NULL; i++) {
		g_autoptr(UcPackage) package =
		    uc_package_find(database, simulation->approve[i], error);

		if (package == NULL)
			return FALSE;
		if (package->state != UC_PACKAGE_PENDING) {
			g_set_error(error,
				    UC_ERROR,
				    UC_ERROR_REFUSED,
				    "package %s (%s %s) is %s; '--approve' takes only one that is "
				    "pending",
				    simulation->approve[i],
				    package->name,
				    package->version,
				    uc_package_state_to_string(package->state));
			return FALSE;
		}
		if (!uc_package_decide_approve(database, package, simulation->start_secs, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
uc_simulate_plan(UcSimulate *self, GError **error)
{
	UcDatabase *database = self->mirror->database;
	g_autoptr(UcPublishPlan) plan = NULL;
	g_autoptr(JsonObject) sections = NULL;
	guint halted = 0;

	/* which models a package has counts for what its approval ends */
	if (!uc_model_learn(database, NULL, error) ||
	    !uc_simulate_approve(database, self->simulation, error))
		return FALSE;
	plan = uc_publish_plan_new(self->mirror, error);
	if (plan == NULL ||
	    !uc_publish_plan_halt(plan, database, self->simulation->start_secs, &halted, error))
		return FALSE;
	sections = uc_policy_compile(plan, database, error);
	if (sections == NULL || !uc_publish_plan_rehearse(plan, sections, database, error))
		return FALSE;
	self->policy = uc_policy_from_json(sections, error);
	self->endpoints = uc_inventory_list(database, error);
	return self->policy != NULL && self->endpoints != NULL;
}

static JsonArray *
uc_simulate_list_changes(const UcSimulate *self)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < self->order->len; i++) {
		const UcSimulateChange *change = g_ptr_array_index(self->order, i);
		JsonObject *object = json_object_new();

		json_object_set_string_member(object, "vendor", change->vendor);
		json_object_set_string_member(object, "model", change->model);
		json_object_set_string_member(object, "installed", change->installed);
		json_object_set_string_member(object, "version", change->version);
		json_object_set_int_member(object, "endpoints", change->endpoints);
		json_object_set_int_member(object, "not_within", change->never);
		if (change->first_secs > 0) {
			uc_json_set_time(object, "first", change->first_secs);
			uc_json_set_time(object, "last", change->last_secs);
		}
		json_array_add_object_element(array, object);
	}
	return array;
}

/* (transfer full): up to the last hour in which anything happens */
static JsonArray *
uc_simulate_list_hours(const UcSimulate *self)
{
	JsonArray *array = json_array_new();
	guint end = self->simulation->days * 24;

	while (end > 0 && self->hours[end - 1].downloads == 0 && self->hours[end - 1].done == 0)
		end--;
	for (guint i = 0; i < end; i++) {
		const UcSimulateHour *hour = &self->hours[i];
		JsonObject *object = json_object_new();

		uc_json_set_time(object, "start", self->simulation->start_secs + i * 3600);
		json_object_set_int_member(object,
					   "check_ins",
					   (gint64)self->endpoints->len * 3600 /
					       self->policy->poll_secs);
		json_object_set_int_member(object, "downloads", hour->downloads);
		json_object_set_int_member(object, "size_bytes", hour->size_bytes);
		json_object_set_int_member(object, "updated", hour->done);
		json_array_add_object_element(array, object);
	}
	return array;
}

/**
 * uc_simulate:
 * @mirror: a mirror, which stays as it is
 * @simulation: what would be changed
 * @error: set to %UC_ERROR_INVALID (a rule), %UC_ERROR_NOT_FOUND, %UC_ERROR_REFUSED (a package that
 *   is not pending) or %UC_ERROR_FAILED
 *
 * Rooms are taken to be empty, releases to be of medium urgency, and `check_ins` to be spread
 * evenly by the poll interval of `[Policy]`. Holds the database while it computes.
 *
 * Returns: (transfer full): `start`, `endpoints`, `changes` by model and versions with the moments
 *   of the first and the last, and `hours` with the load
 */
JsonObject *
uc_simulate(UcMirror *mirror, const UcSimulation *simulation, GError **error)
{
	g_auto(UcSimulate) self = {mirror, simulation};
	g_autoptr(UcTransaction) transaction = uc_transaction_begin(mirror->database, error);
	JsonObject *result = NULL;

	self.changes = g_hash_table_new_full(g_str_hash,
					     g_str_equal,
					     g_free,
					     (GDestroyNotify)uc_simulate_change_free);
	self.order = g_ptr_array_new();
	self.hours = g_new0(UcSimulateHour, (gsize)simulation->days * 24);
	if (transaction == NULL || !uc_simulate_plan(&self, error))
		return NULL;
	for (guint i = 0; i < self.endpoints->len; i++) {
		if (!uc_simulate_one(&self, g_ptr_array_index(self.endpoints, i), error))
			return NULL;
	}
	result = json_object_new();
	uc_json_set_time(result, "start", simulation->start_secs);
	json_object_set_int_member(result, "endpoints", self.endpoints->len);
	json_object_set_array_member(result, "changes", uc_simulate_list_changes(&self));
	json_object_set_array_member(result, "hours", uc_simulate_list_hours(&self));
	return result;
}
