/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What is going to be on offer: approved packages and pinned versions for everybody, pending ones
 * for test devices. Recorded in the database with the publication, so that check-ins are answered
 * by what is public and not by what is decided since.
 */

#include "uc-model.h"
#include "uc-names.h"
#include "uc-offer-policy.h"
#include "uc-pin.h"
#include "uc-publish-plan.h"
#include "uc-test-device.h"
#include "uc-vote.h"

void
uc_publish_plan_free(UcPublishPlan *self)
{
	g_clear_pointer(&self->rules, uc_rules_free);
	g_clear_pointer(&self->packages, g_ptr_array_unref);
	g_clear_pointer(&self->pins, g_ptr_array_unref);
	g_clear_pointer(&self->devices, g_ptr_array_unref);
	g_free(self);
}

static gboolean
uc_publish_plan_mark(UcPublishPlan *self, UcDatabase *database, const UcPin *pin, GError **error)
{
	g_autoptr(GPtrArray) pinned = uc_pin_list_packages(database, pin, error);

	for (guint i = 0; pinned != NULL && i < pinned->len; i++) {
		const UcPackage *wanted = g_ptr_array_index(pinned, i);

		for (guint j = 0; j < self->packages->len; j++) {
			UcPackage *package = g_ptr_array_index(self->packages, j);

			if (package->row == wanted->row)
				package->pinned = TRUE;
		}
	}
	return pinned != NULL;
}

static GStrv
uc_publish_plan_list_models(const UcPublishPlan *self)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	for (guint i = 0; i < self->rules->models->len; i++) {
		const UcRulesScope *scope = g_ptr_array_index(self->rules->models, i);

		g_strv_builder_add(builder, scope->name);
	}
	return g_strv_builder_end(builder);
}

/* rules name models that nothing else may know yet */
static gboolean
uc_publish_plan_learn(const UcPublishPlan *self, UcDatabase *database, GError **error)
{
	g_auto(GStrv) names = uc_publish_plan_list_models(self);

	return uc_model_learn(database, (const gchar *const *)names, error);
}

/**
 * uc_publish_plan_new:
 * @error: set to %UC_ERROR_INVALID (a rule, with file, group, key, value and range) or
 *   %UC_ERROR_FAILED
 *
 * Returns: (transfer full): the plan
 */
UcPublishPlan *
uc_publish_plan_new(UcMirror *mirror, GError **error)
{
	g_autoptr(UcPublishPlan) self = g_new0(UcPublishPlan, 1);
	g_autofree gchar *rules = uc_mirror_path(mirror, "rules.d", NULL);
	UcDatabase *database = mirror->database;

	self->rules = uc_rules_load(rules, error);
	if (self->rules == NULL || !uc_publish_plan_learn(self, database, error))
		return NULL;
	self->packages = uc_package_list(database, error);
	if (self->packages == NULL)
		return NULL;
	self->pins = uc_pin_list(database, error);
	if (self->pins == NULL)
		return NULL;
	self->devices = uc_test_device_list(database, error);
	if (self->devices == NULL)
		return NULL;
	for (guint i = 0; i < self->pins->len; i++) {
		const UcPin *pin = g_ptr_array_index(self->pins, i);

		/* what `restore` brought back is approved; that version for other hardware is not
		 */
		if (!pin->by_restore && !uc_publish_plan_mark(self, database, pin, error))
			return NULL;
	}
	return g_steal_pointer(&self);
}

/* policy.json names rollouts by model; what has none is not published while it is halted */
static gboolean
uc_publish_plan_withhold(const UcPublishPlan *self, UcDatabase *database, GError **error)
{
	g_autoptr(UcStatement) row = NULL;
	gboolean more = FALSE;

	row = uc_database_query(database,
				error,
				"SELECT package_id FROM halts WHERE package_id NOT IN (SELECT"
				" package_id FROM package_models)",
				"");
	while (row != NULL) {
		gint64 id = 0;

		if (!uc_statement_next(row, &more, error))
			return FALSE;
		if (!more)
			return TRUE;
		id = uc_statement_get_int64(row, 0);
		for (guint i = 0; i < self->packages->len; i++) {
			UcPackage *package = g_ptr_array_index(self->packages, i);

			if (package->row == id && package->state == UC_PACKAGE_APPROVED)
				package->withheld = TRUE;
		}
	}
	return FALSE;
}

/**
 * uc_publish_plan_halt:
 * @now_secs: the present time, seconds since the Unix epoch
 * @halted_out: (out): so many releases were halted just now
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * Halts, within the caller's transaction, what failed on too many endpoints by now, uc-vote.c, and
 * what follows from that for the plan.
 */
gboolean
uc_publish_plan_halt(const UcPublishPlan *self,
		     UcDatabase *database,
		     gint64 now_secs,
		     guint *halted_out,
		     GError **error)
{
	return uc_vote_halt(database, self->rules, now_secs, halted_out, error) &&
	       uc_publish_plan_withhold(self, database, error);
}

/**
 * uc_publish_plan_list_unknown:
 * @error: set to %UC_ERROR_FAILED
 *
 * Returns: (transfer full): the models of rules that are for no package and no endpoint
 */
GStrv
uc_publish_plan_list_unknown(const UcPublishPlan *self, UcDatabase *database, GError **error)
{
	g_auto(GStrv) names = uc_publish_plan_list_models(self);

	return uc_model_list_unknown(database, (const gchar *const *)names, error);
}

/**
 * uc_publish_plan_offers:
 * @testing: to test devices
 *
 * Returns: whether the package is on offer
 */
gboolean
uc_publish_plan_offers(const UcPackage *package, gboolean testing)
{
	if (package->withheld)
		return FALSE;
	return package->state == UC_PACKAGE_APPROVED || package->pinned ||
	       (testing && package->state == UC_PACKAGE_PENDING);
}

static gboolean
uc_publish_plan_record_package(UcDatabase *database, const UcPackage *package, GError **error)
{
	static const gchar *const sql =
	    "INSERT INTO published (remote, package_id, role) VALUES (?, ?, ?)";
	const gchar *role = "pinned";

	if (package->state == UC_PACKAGE_APPROVED || package->state == UC_PACKAGE_PENDING)
		role = uc_package_state_to_string(package->state);
	if (uc_publish_plan_offers(package, FALSE) &&
	    !uc_database_run(database, error, sql, "sis", UC_REMOTE_ID, package->row, role))
		return FALSE;
	return !uc_publish_plan_offers(package, TRUE) || uc_database_run(database,
									 error,
									 sql,
									 "sis",
									 UC_REMOTE_TESTING_ID,
									 package->row,
									 role);
}

static gboolean
uc_publish_plan_record_enrolment(const UcPublishPlan *self, UcDatabase *database, GError **error)
{
	g_autofree gchar *days = g_strdup_printf("%" G_GUINT64_FORMAT, self->rules->enrolment_days);

	return uc_database_set_meta(database,
				    "enrolment",
				    uc_rules_enrolment_to_string(self->rules->enrolment),
				    error) &&
	       uc_database_set_meta(database, "enrolment_days", days, error);
}

static gboolean
uc_publish_plan_record_names(const UcPublishPlan *self, UcDatabase *database, GError **error)
{
	for (guint i = 0; i < self->pins->len; i++) {
		const UcPin *pin = g_ptr_array_index(self->pins, i);

		if (!uc_database_run(database,
				     error,
				     "INSERT INTO published_pins (vendor, model, version, or_newer)"
				     " VALUES (?, ?, ?, ?)",
				     "sssi",
				     pin->vendor,
				     pin->model,
				     pin->version,
				     (gint64)pin->or_newer))
			return FALSE;
	}
	for (guint i = 0; i < self->devices->len; i++) {
		const UcTestDevice *device = g_ptr_array_index(self->devices, i);

		if (!uc_database_run(database,
				     error,
				     "INSERT INTO published_test_devices (kind, value)"
				     " VALUES (?, ?)",
				     "ss",
				     device->kind,
				     device->value))
			return FALSE;
	}
	return TRUE;
}

static gboolean
uc_publish_plan_record_halts(UcDatabase *database, GError **error)
{
	return uc_database_run(database,
			       error,
			       "INSERT OR REPLACE INTO meta (key, value) SELECT ?,"
			       " json_group_array(package_id) FROM halts",
			       "s",
			       UC_PUBLISH_META_HALTS);
}

/**
 * uc_publish_plan_record:
 * @sections: of policy.json, as of uc_policy_compile()
 * @error: set to %UC_ERROR_FAILED
 *
 * Remembers, within the caller's transaction, that this is what is published.
 */
gboolean
uc_publish_plan_record(const UcPublishPlan *self,
		       JsonObject *sections,
		       UcDatabase *database,
		       GError **error)
{
	if (!uc_database_run(database, error, "DELETE FROM published", "") ||
	    !uc_database_run(database, error, "DELETE FROM published_pins", "") ||
	    !uc_database_run(database, error, "DELETE FROM published_test_devices", ""))
		return FALSE;
	for (guint i = 0; i < self->packages->len; i++) {
		if (!uc_publish_plan_record_package(database,
						    g_ptr_array_index(self->packages, i),
						    error))
			return FALSE;
	}
	return uc_offer_policy_record(database, sections, error) &&
	       uc_publish_plan_record_halts(database, error) &&
	       uc_publish_plan_record_names(self, database, error) &&
	       uc_publish_plan_record_enrolment(self, database, error);
}

/**
 * uc_publish_plan_rehearse:
 * @error: set to %UC_ERROR_FAILED
 *
 * As uc_publish_plan_record(), for a transaction that is rolled back: what is signed only when it
 * is really published counts as signed, because nothing is offered that is not.
 */
gboolean
uc_publish_plan_rehearse(const UcPublishPlan *self,
			 JsonObject *sections,
			 UcDatabase *database,
			 GError **error)
{
	return uc_publish_plan_record(self, sections, database, error) &&
	       uc_database_run(database,
			       error,
			       "UPDATE packages SET signed_sha256 = sha256 WHERE "
			       "COALESCE(signed_sha256, '') = ''"
			       " AND id IN (SELECT package_id FROM published)",
			       "");
}
