/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Rules, pinned versions, test devices and halts become the sections of policy.json,
 * docs/policy.md: `defaults`, `models`, `groups`, `test_devices`. Sorted, so that the same state
 * gives the same bytes.
 */

#include <string.h>

#include "uc-error.h"
#include "uc-json.h"
#include "uc-limits.h"
#include "uc-pin.h"
#include "uc-policy-compile.h"
#include "uc-policy-json.h"
#include "uc-rules-value.h"
#include "uc-test-device.h"
#include "uc-ucs-model.h"

/* what fits into a signed envelope, in which it is in base64, beside the signature */
#define UC_POLICY_COMPILE_MAX_BYTES ((UC_LIMIT_ENVELOPE_BYTES - 32 * 1024) / 4 * 3)

typedef struct {
	const UcPublishPlan *plan; /* not owned */
	GTree *models;		   /* (element-type utf8 JsonObject): by `vendor/model` */
} UcPolicyCompile;

static void
uc_policy_compile_clear(UcPolicyCompile *self)
{
	g_clear_pointer(&self->models, g_tree_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UcPolicyCompile, uc_policy_compile_clear)

static gint
uc_policy_compile_compare(gconstpointer a, gconstpointer b, gpointer user_data)
{
	return strcmp(a, b);
}

/* without what stays in the mirror */
static void
uc_policy_compile_copy(JsonObject *from, JsonObject *to)
{
	static const gchar *const own[] = {UC_RULES_ROLLOUT_SECS,
					   UC_RULES_ROLLOUT_PERCENT,
					   UC_RULES_HALT_PERCENT,
					   UC_RULES_HALT_MINIMUM,
					   NULL};
	g_autoptr(GList) members = json_object_get_members(from);

	for (GList *l = members; l != NULL; l = l->next) {
		if (!g_strv_contains(own, l->data))
			json_object_set_member(to, l->data, json_object_dup_member(from, l->data));
	}
}

/* (transfer none): the section of a model, which begins with its name */
static JsonObject *
uc_policy_compile_ensure_model(UcPolicyCompile *self, const gchar *name)
{
	JsonObject *section = g_tree_lookup(self->models, name);
	const gchar *slash = strchr(name, '/');
	g_autofree gchar *vendor = NULL;

	if (section != NULL || slash == NULL)
		return section;
	vendor = g_strndup(name, (gsize)(slash - name));
	section = json_object_new();
	json_object_set_string_member(section, "vendor", vendor);
	json_object_set_string_member(section, "model", slash + 1);
	g_tree_insert(self->models, g_strdup(name), section);
	return section;
}

static void
uc_policy_compile_add_pin(UcPolicyCompile *self, const UcPin *pin)
{
	g_autofree gchar *name = g_strdup_printf("%s/%s", pin->vendor, pin->model);
	JsonObject *section = NULL;

	/* phones with UC Software read their configuration, not this */
	if (uc_ucs_model_has(pin->vendor, pin->model))
		return;
	section = uc_policy_compile_ensure_model(self, name);
	json_object_set_string_member(section, "use_version", pin->version);
	json_object_set_boolean_member(section, "or_newer", pin->or_newer);
	if (pin->by_restore)
		json_object_set_boolean_member(section, "where_offered", TRUE);
}

/* (transfer none): what the section says about the rollout of a version */
static JsonObject *
uc_policy_compile_ensure_rollout(JsonObject *section, const gchar *version)
{
	JsonArray *rollouts = NULL;
	JsonObject *rollout = NULL;

	if (!json_object_has_member(section, "rollouts"))
		json_object_set_array_member(section, "rollouts", json_array_new());
	rollouts = json_object_get_array_member(section, "rollouts");
	for (guint i = 0; i < json_array_get_length(rollouts); i++) {
		rollout = json_array_get_object_element(rollouts, i);
		if (g_str_equal(json_object_get_string_member(rollout, "version"), version))
			return rollout;
	}
	rollout = json_object_new();
	json_object_set_string_member(rollout, "version", version);
	json_array_add_object_element(rollouts, rollout);
	return rollout;
}

/*
 * A release that everybody gets at once and that is not halted needs no entry. Endpoints tell
 * rollouts by the version alone: of several packages with one version, for other hardware or
 * another locale, the latest approval and any halt count for all.
 */
static void
uc_policy_compile_add_release(UcPolicyCompile *self, UcStatement *row)
{
	const UcRules *rules = self->plan->rules;
	const gchar *vendor = uc_statement_get_text(row, 0);
	const gchar *model = uc_statement_get_text(row, 1);
	gboolean halted = uc_statement_get_int64(row, 4) != 0;
	gint64 secs = uc_rules_get_number(rules, vendor, model, UC_RULES_ROLLOUT_SECS, 0);
	gint64 percent = uc_rules_get_number(rules, vendor, model, UC_RULES_ROLLOUT_PERCENT, 100);
	g_autofree gchar *name = g_strdup_printf("%s/%s", vendor, model);
	JsonObject *rollout = NULL;

	if ((secs == 0 && percent == 100 && !halted) || uc_ucs_model_has(vendor, model))
		return;
	rollout = uc_policy_compile_ensure_rollout(uc_policy_compile_ensure_model(self, name),
						   uc_statement_get_text(row, 2));
	uc_json_set_time(rollout, "start", uc_statement_get_int64(row, 3));
	json_object_set_int_member(rollout, "duration_secs", secs);
	json_object_set_int_member(rollout, "percent", percent);
	json_object_set_boolean_member(
	    rollout,
	    "halted",
	    halted || json_object_get_boolean_member_with_default(rollout, "halted", FALSE));
}

static gboolean
uc_policy_compile_add_releases(UcPolicyCompile *self, UcDatabase *database, GError **error)
{
	g_autoptr(UcStatement) row = NULL;
	gboolean more = FALSE;

	row = uc_database_query(
	    database,
	    error,
	    "SELECT m.vendor, m.model, p.version, p.approved_secs, h.package_id IS NOT NULL"
	    " FROM packages AS p JOIN package_models AS m ON m.package_id = p.id"
	    " LEFT JOIN halts AS h ON h.package_id = p.id WHERE p.state = 'approved'"
	    " ORDER BY m.vendor, m.model, p.approved_secs, p.id",
	    "");
	if (row == NULL)
		return FALSE;
	while (TRUE) {
		if (!uc_statement_next(row, &more, error))
			return FALSE;
		if (!more)
			return TRUE;
		uc_policy_compile_add_release(self, row);
	}
}

static gboolean
uc_policy_compile_take_model_cb(gpointer key, gpointer value, gpointer user_data)
{
	json_array_add_object_element(user_data, json_object_ref(value));
	return FALSE;
}

static JsonArray *
uc_policy_compile_list_groups(const UcRules *rules)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < rules->groups->len; i++) {
		const UcRulesScope *scope = g_ptr_array_index(rules->groups, i);
		JsonObject *section = json_object_new();

		json_object_set_string_member(section, "name", scope->name);
		uc_policy_compile_copy(scope->policy, section);
		json_array_add_object_element(array, section);
	}
	return array;
}

/* as the administrator named them: identity, MAC address or serial */
static JsonArray *
uc_policy_compile_list_devices(const GPtrArray *devices)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < devices->len; i++) {
		const UcTestDevice *device = g_ptr_array_index(devices, i);

		json_array_add_string_element(array, device->value);
	}
	return array;
}

static void
uc_policy_compile_set_array(JsonObject *body, const gchar *member, JsonArray *array)
{
	if (json_array_get_length(array) > 0)
		json_object_set_array_member(body, member, array);
	else
		json_array_unref(array);
}

/* by the very reader that endpoints have, so that nothing is published that they would refuse */
static gboolean
uc_policy_compile_check(JsonObject *body, GError **error)
{
	g_autoptr(GBytes) text = uc_json_to_bytes(body, FALSE);
	gsize size_bytes = g_bytes_get_size(text);
	g_autoptr(UcPolicy) policy = NULL;

	if (size_bytes > UC_POLICY_COMPILE_MAX_BYTES) {
		g_set_error(
		    error,
		    UC_ERROR,
		    UC_ERROR_LIMIT,
		    "policy.json would have %" G_GSIZE_FORMAT " bytes before it is signed, and "
		    "endpoints take at most %d; name fewer endpoints in groups, or fewer test "
		    "devices",
		    size_bytes,
		    UC_POLICY_COMPILE_MAX_BYTES);
		return FALSE;
	}
	policy = uc_policy_from_json(body, error);
	if (policy == NULL)
		g_prefix_error(error, "endpoints would refuse the policy of these rules: ");
	return policy != NULL;
}

/**
 * uc_policy_compile:
 * @plan: what is going to be published
 * @database: for the releases and which models they are for
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT (endpoints would refuse it), or
 *   %UC_ERROR_FAILED
 *
 * Returns: (transfer full): the sections of policy.json, without those that would be empty but
 *   `defaults`
 */
JsonObject *
uc_policy_compile(const UcPublishPlan *plan, UcDatabase *database, GError **error)
{
	g_auto(UcPolicyCompile) self = {plan};
	g_autoptr(JsonObject) body = json_object_new();
	JsonObject *defaults = json_object_new();
	JsonArray *models = json_array_new();

	self.models = g_tree_new_full(uc_policy_compile_compare,
				      NULL,
				      g_free,
				      (GDestroyNotify)json_object_unref);
	json_object_set_object_member(body, "defaults", defaults);
	uc_policy_compile_copy(plan->rules->policy, defaults);
	for (guint i = 0; i < plan->rules->models->len; i++) {
		const UcRulesScope *scope = g_ptr_array_index(plan->rules->models, i);

		uc_policy_compile_copy(scope->policy,
				       uc_policy_compile_ensure_model(&self, scope->name));
	}
	for (guint i = 0; i < plan->pins->len; i++)
		uc_policy_compile_add_pin(&self, g_ptr_array_index(plan->pins, i));
	if (!uc_policy_compile_add_releases(&self, database, error)) {
		json_array_unref(models);
		return NULL;
	}
	g_tree_foreach(self.models, uc_policy_compile_take_model_cb, models);
	uc_policy_compile_set_array(body, "models", models);
	uc_policy_compile_set_array(body, "groups", uc_policy_compile_list_groups(plan->rules));
	uc_policy_compile_set_array(body,
				    "test_devices",
				    uc_policy_compile_list_devices(plan->devices));
	return uc_policy_compile_check(body, error) ? g_steal_pointer(&body) : NULL;
}
