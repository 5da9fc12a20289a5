/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is told about the agent, docs/agent.md. Everything is worked out anew when it is asked for.
 */

#include "config.h"

#include <string.h>

#include "uc-agent-private.h"
#include "uc-agent-status.h"
#include "uc-downloads.h"
#include "uc-error.h"
#include "uc-json.h"
#include "uc-key-enrolment.h"
#include "uc-names.h"
#include "uc-timeline.h"
#include "uc-trust-fetch.h"

#define UC_AGENT_TIMELINE_SECS (3 * 86400)

const gchar *
uc_agent_work_to_string(UcAgentWork work)
{
	static const gchar *const names[] = {"idle",
					     "asking fwupd",
					     "noting results",
					     "looking for updates",
					     "downloading",
					     "staging",
					     "activating",
					     "restarting",
					     "revoking",
					     "forgetting the service"};

	G_STATIC_ASSERT(G_N_ELEMENTS(names) == UC_AGENT_LAST);
	g_return_val_if_fail(work < UC_AGENT_LAST, NULL);
	return names[work];
}

static gint
uc_agent_compare_targets(gconstpointer a, gconstpointer b)
{
	return g_strcmp0((*(UcTarget *const *)a)->id, (*(UcTarget *const *)b)->id);
}

static GPtrArray *
uc_agent_list_targets(UcAgent *self)
{
	GPtrArray *targets = g_ptr_array_new();
	GHashTableIter iter;
	gpointer value = NULL;

	g_hash_table_iter_init(&iter, self->targets);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		g_ptr_array_add(targets, value);
	g_ptr_array_sort(targets, uc_agent_compare_targets);
	return targets;
}

/**
 * uc_agent_find_target:
 * @endpoint: the `Id` of an endpoint or a fwupd device id; may be empty when there is one only
 * @error: set to %UC_ERROR_NOT_FOUND
 *
 * Returns: (transfer none): the target, or %NULL
 */
UcTarget *
uc_agent_find_target(UcAgent *self, const gchar *endpoint, GError **error)
{
	UcTarget *known = g_hash_table_lookup(self->targets, endpoint);
	g_autoptr(GPtrArray) targets = NULL;

	if (known != NULL)
		return known;
	targets = uc_agent_list_targets(self);
	if (endpoint[0] == '\0' && targets->len == 1)
		return g_ptr_array_index(targets, 0);
	for (guint i = 0; i < targets->len; i++) {
		UcTarget *target = g_ptr_array_index(targets, i);

		if (g_strcmp0(fwupd_device_get_id(target->device), endpoint) == 0)
			return target;
	}
	if (endpoint[0] == '\0' && targets->len == 0)
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_NOT_FOUND,
				    "there is no endpoint; `ucupdatesctl status` may say why");
	else if (endpoint[0] == '\0')
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_NOT_FOUND,
			    "there are %u endpoints, expected the name of one",
			    targets->len);
	else
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_NOT_FOUND,
			    "there is no endpoint '%s'; `ucupdatesctl status` shows those that are",
			    endpoint);
	return NULL;
}

static void
uc_agent_set_text(JsonObject *object, const gchar *member, const gchar *text)
{
	if (text != NULL)
		json_object_set_string_member(object, member, text);
}

static void
uc_agent_set_time(JsonObject *object, const gchar *member, gint64 secs)
{
	if (secs > 0)
		uc_json_set_time(object, member, secs);
}

static JsonObject *
uc_agent_describe_target(UcAgent *self, UcAgentRound *round, UcTarget *target)
{
	g_autoptr(UcPolicy) policy = uc_agent_select_policy(self, target);
	g_autoptr(UcFacts) facts = NULL;
	g_autoptr(UcDecision) decision = NULL;
	JsonObject *object = json_object_new();

	uc_agent_choose(self, target, policy);
	facts = uc_agent_collect_facts(self, round, target, policy);
	decision = uc_policy_decide(policy, facts, uc_agent_now_secs(self), round->zone);
	json_object_set_string_member(object, "id", target->id);
	uc_agent_set_text(object, "name", fwupd_device_get_name(target->device));
	uc_agent_set_text(object, "vendor", fwupd_device_get_vendor(target->device));
	uc_agent_set_text(object, "fwupd_device_id", fwupd_device_get_id(target->device));
	uc_agent_set_text(object, "version", fwupd_device_get_version(target->device));
	uc_agent_set_text(object, "updated", uc_history_get_updated(self->history, target->id));
	json_object_set_string_member(object, "progress", uc_progress_to_string(facts->progress));
	uc_agent_set_text(object, "version_new", facts->version);
	json_object_set_string_member(object, "action", uc_action_to_string(decision->action));
	json_object_set_string_member(object, "reason_id", decision->reason_id);
	json_object_set_string_member(object, "reason", decision->reason);
	uc_agent_set_time(object, "next", decision->next_secs);
	uc_agent_set_text(object, "error", target->error_text);
	uc_agent_set_text(object, "version_missing", target->missing);
	return object;
}

static void
uc_agent_describe_service(UcAgent *self, JsonObject *object)
{
	UcService *service = uc_service_link_get_service(self->link);
	g_autofree gchar *url = service != NULL ? uc_service_get_url(service) : NULL;
	g_autofree gchar *first_use = uc_trust_fetch_describe();

	uc_agent_set_text(object, "organisation", uc_state_get_organisation(self->state));
	uc_agent_set_text(object, "service", url);
	uc_agent_set_time(object, "last_check", self->last_check_secs);
	uc_agent_set_text(object, "check_error", self->check_error);
	uc_agent_set_time(object, "check_retry", self->check_retry_secs);
	uc_agent_set_text(object, "remote_error", self->remote_error);
	uc_agent_set_text(object, "fwupd_error", self->load_error);
	uc_agent_set_text(object, "plugin_error", self->plugin_problem);
	uc_agent_set_text(object, "first_use", first_use);
	uc_key_enrolment_describe(object);
	json_object_set_boolean_member(object, "signed_in", self->settings->sign_in != NULL);
	json_object_set_int_member(object, "reports_waiting", uc_reports_get_length(self->reports));
}

/**
 * uc_agent_get_service:
 *
 * Returns: (transfer full): the members of docs/agent.md "Service"
 */
JsonObject *
uc_agent_get_service(UcAgent *self)
{
	UcService *service = uc_service_link_get_service(self->link);
	GStrv domains = uc_state_get_domains(self->state);
	JsonObject *object = json_object_new();
	JsonArray *array = json_array_new();

	uc_agent_describe_service(self, object);
	json_object_set_string_member(object,
				      "way",
				      uc_way_to_string(uc_service_link_get_way(self->link)));
	for (guint i = 0; domains != NULL && domains[i] != NULL; i++)
		json_array_add_string_element(array, domains[i]);
	json_object_set_array_member(object, "domains", array);
	uc_agent_set_text(object, "external_url", uc_state_get_external_url(self->state));
	uc_agent_set_text(object, "given_url", uc_state_get_given(self->state));
	uc_agent_set_text(object, "given_external_url", uc_state_get_given_external(self->state));
	uc_agent_set_text(object, "configured_url", self->settings->url);
	uc_agent_set_text(object, "configured_external_url", self->settings->external_url);
	if (service != NULL) {
		json_object_set_int_member(object,
					   "serial",
					   uc_service_get_description(service)->serial);
		uc_agent_set_time(object,
				  "expires",
				  uc_service_get_description(service)->expires_secs);
	}
	return object;
}

/* the plugin's problem explains all of them at once */
static JsonArray *
uc_agent_list_unclaimed(UcAgent *self)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; self->plugin_problem == NULL && i < self->unclaimed->len; i++) {
		const UcEndpoint *endpoint = g_ptr_array_index(self->unclaimed, i);

		json_array_add_string_element(array, endpoint->id);
	}
	for (guint i = 0; i < self->unusable->len; i++)
		json_array_add_string_element(array, g_ptr_array_index(self->unusable, i));
	return array;
}

/**
 * uc_agent_get_status:
 *
 * Returns: (transfer full): the members of docs/agent.md "Status" but for `endpoints`
 */
JsonObject *
uc_agent_get_status(UcAgent *self)
{
	static const gchar *const uses[] = {"none", "call", "unknown"};
	g_autofree gchar *reason = uc_room_get_reason(self->room);
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "version", PACKAGE_VERSION);
	json_object_set_string_member(object, "work", uc_agent_work_to_string(self->work));
	json_object_set_boolean_member(object,
				       "in_use",
				       uc_room_get_use(self->room) != UC_USE_NONE);
	json_object_set_string_member(object, "use", uses[uc_room_get_use(self->room)]);
	json_object_set_string_member(object, "use_reason", reason);
	json_object_set_int_member(object, "idle_secs", uc_room_get_idle_secs(self->room));
	json_object_set_boolean_member(object,
				       "call_source",
				       uc_room_has_source(self->room, UC_ROOM_CALLS));
	json_object_set_boolean_member(object,
				       "activity_source",
				       uc_room_has_source(self->room, UC_ROOM_ACTIVITY));
	uc_agent_describe_service(self, object);
	uc_agent_set_time(object, "next", self->next_secs);
	json_object_set_boolean_member(object, "endpoints_known", self->loaded);
	json_object_set_array_member(object, "unclaimed", uc_agent_list_unclaimed(self));
	return object;
}

/**
 * uc_agent_tell_endpoints:
 * @tell: gets each object of `endpoints` of docs/agent.md "Status", one after the other
 */
void
uc_agent_tell_endpoints(UcAgent *self, UcAgentTell tell, gpointer user_data)
{
	g_autoptr(GPtrArray) targets = uc_agent_list_targets(self);
	g_autoptr(UcAgentRound) round = uc_agent_round_new(self);

	for (guint i = 0; i < targets->len; i++) {
		g_autoptr(JsonObject) object =
		    uc_agent_describe_target(self, round, g_ptr_array_index(targets, i));

		tell(object, user_data);
	}
}

static JsonObject *
uc_agent_explain_target(UcAgent *self, UcAgentRound *round, UcTarget *target)
{
	g_autoptr(UcPolicy) policy = uc_agent_select_policy(self, target);
	g_autoptr(UcFacts) facts = NULL;
	g_autoptr(UcDecision) decision = NULL;
	g_autofree gchar *first_use = uc_trust_fetch_describe();
	gint64 now_secs = uc_agent_now_secs(self);
	JsonObject *object = NULL;
	JsonObject *known = NULL;

	uc_agent_choose(self, target, policy);
	facts = uc_agent_collect_facts(self, round, target, policy);
	decision = uc_policy_decide(policy, facts, now_secs, round->zone);
	object = uc_decision_to_json(decision);
	known = uc_facts_to_json(facts);
	uc_agent_describe_offers(self, target, policy, known);
	json_object_set_string_member(object, "id", target->id);
	uc_agent_set_text(object, "version", fwupd_device_get_version(target->device));
	uc_agent_set_text(object, "version_new", facts->version);
	json_object_set_string_member(object, "work", uc_agent_work_to_string(self->work));
	uc_agent_set_text(object, "version_missing", target->missing);
	uc_agent_set_text(object, "first_use", first_use);
	json_object_set_object_member(object, "facts", known);
	/* what follows if nothing else happens: nobody comes, and nothing else is published */
	json_object_set_array_member(
	    object,
	    "timeline",
	    uc_timeline_to_json(policy, facts, now_secs, round->zone, UC_AGENT_TIMELINE_SECS));
	if (decision->next_secs < 0)
		json_object_remove_member(object, "next"); /* D-Bus has no null */
	return object;
}

/* all of them when @endpoint is empty */
static GPtrArray *
uc_agent_choose_targets(UcAgent *self, const gchar *endpoint, GError **error)
{
	GPtrArray *targets = NULL;
	UcTarget *target = NULL;

	if (endpoint[0] == '\0')
		return uc_agent_list_targets(self);
	target = uc_agent_find_target(self, endpoint, error);
	if (target == NULL)
		return NULL;
	targets = g_ptr_array_new();
	g_ptr_array_add(targets, target);
	return targets;
}

/**
 * uc_agent_explain:
 * @endpoint: the `Id` of an endpoint or a fwupd device id; empty for all
 * @tell: gets per endpoint the members of docs/agent.md "Explanation", one after the other
 * @error: set to %UC_ERROR_NOT_FOUND
 */
gboolean
uc_agent_explain(UcAgent *self,
		 const gchar *endpoint,
		 UcAgentTell tell,
		 gpointer user_data,
		 GError **error)
{
	g_autoptr(GPtrArray) targets = uc_agent_choose_targets(self, endpoint, error);
	g_autoptr(UcAgentRound) round = NULL;

	if (targets == NULL)
		return FALSE;
	round = uc_agent_round_new(self);
	for (guint i = 0; i < targets->len; i++) {
		g_autoptr(JsonObject) object =
		    uc_agent_explain_target(self, round, g_ptr_array_index(targets, i));

		tell(object, user_data);
	}
	return TRUE;
}

/* the name of its file on the service, as `install --file` takes it */
static void
uc_agent_set_file(JsonObject *object, FwupdRelease *release)
{
	GPtrArray *locations = fwupd_release_get_locations(release);
	const gchar *location = NULL;
	const gchar *slash = NULL;

	if (locations == NULL || locations->len == 0)
		return;
	location = g_ptr_array_index(locations, 0);
	slash = strrchr(location, '/');
	json_object_set_string_member(object, "file", slash != NULL ? slash + 1 : location);
}

static JsonObject *
uc_agent_describe_release(UcTarget *target, FwupdRelease *release)
{
	JsonObject *object = json_object_new();
	const gchar *version = fwupd_release_get_version(release);
	const gchar *relation = "same";

	if (fwupd_release_has_flag(release, FWUPD_RELEASE_FLAG_IS_UPGRADE))
		relation = "newer";
	else if (fwupd_release_has_flag(release, FWUPD_RELEASE_FLAG_IS_DOWNGRADE))
		relation = "older";
	json_object_set_string_member(object, "id", target->id);
	uc_agent_set_text(object, "version", version);
	json_object_set_string_member(object, "relation", relation);
	uc_agent_set_text(object, "remote", fwupd_release_get_remote_id(release));
	uc_agent_set_text(object, "summary", fwupd_release_get_summary(release));
	uc_agent_set_text(object, "sha256", uc_target_get_sha256(release));
	uc_agent_set_file(object, release);
	json_object_set_int_member(object, "size_bytes", (gint64)fwupd_release_get_size(release));
	json_object_set_boolean_member(object,
				       "downloaded",
				       uc_target_get_sha256(release) != NULL &&
					   uc_downloads_has(uc_target_get_sha256(release)));
	return object;
}

static void
uc_agent_tell_versions(UcAgent *self, UcTarget *target, UcAgentTell tell, gpointer user_data)
{
	g_autoptr(UcPolicy) policy = uc_agent_select_policy(self, target);

	for (guint i = 0; i < target->releases->len; i++) {
		FwupdRelease *release = g_ptr_array_index(target->releases, i);
		const gchar *remote = fwupd_release_get_remote_id(release);
		g_autoptr(JsonObject) object = NULL;

		if (uc_target_is_pending(release) ? !policy->test_device
						  : g_strcmp0(remote, UC_REMOTE_ID) != 0)
			continue;
		object = uc_agent_describe_release(target, release);
		tell(object, user_data);
	}
}

/**
 * uc_agent_get_versions:
 * @endpoint: the `Id` of an endpoint or a fwupd device id; empty for all
 * @tell: gets every version that the organisation offers, newest first, one after the other; what
 *   is pending is offered to test devices only
 * @error: set to %UC_ERROR_NOT_FOUND
 */
gboolean
uc_agent_get_versions(UcAgent *self,
		      const gchar *endpoint,
		      UcAgentTell tell,
		      gpointer user_data,
		      GError **error)
{
	g_autoptr(GPtrArray) targets = uc_agent_choose_targets(self, endpoint, error);

	if (targets == NULL)
		return FALSE;
	for (guint i = 0; i < targets->len; i++)
		uc_agent_tell_versions(self, g_ptr_array_index(targets, i), tell, user_data);
	return TRUE;
}

/**
 * uc_agent_get_history:
 *
 * Returns: (transfer none): newest first
 */
JsonArray *
uc_agent_get_history(UcAgent *self)
{
	return uc_history_get_entries(self->history);
}
