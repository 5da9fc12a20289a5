/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* docs/service-protocol.md, section 5 */

#include "config.h"

#include "uc-check-in.h"
#include "uc-identity.h"
#include "uc-json.h"
#include "uc-limits.h"
#include "uc-policy-select.h"

/* a service takes no longer texts; of a sentence the beginning says most */
static void
uc_check_in_set_sentence(JsonObject *object, const gchar *member, const gchar *text)
{
	g_autofree gchar *begin = NULL;
	const gchar *end = NULL;

	if (text == NULL)
		return;
	begin = g_strndup(text, UC_LIMIT_CHECKIN_TEXT_BYTES);
	/* a character that was cut through */
	if (!g_utf8_validate(begin, -1, &end))
		begin[end - begin] = '\0';
	json_object_set_string_member(object, member, begin);
}

static void
uc_check_in_set(JsonObject *object, const gchar *member, const gchar *text)
{
	if (text != NULL)
		json_object_set_string_member(object, member, text);
}

/**
 * uc_check_in_new:
 * @machine_id: from uc_machine_get_id()
 *
 * Returns: (transfer full): a check-in without endpoints
 */
JsonObject *
uc_check_in_new(const gchar *machine_id)
{
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "format", "ucupdates-checkin-1");
	json_object_set_string_member(object, "agent_version", PACKAGE_VERSION);
	json_object_set_string_member(object, "machine_id", machine_id);
	json_object_set_array_member(object, "endpoints", json_array_new());
	return object;
}

static void
uc_check_in_set_identity(JsonObject *object, const UcEndpoint *endpoint)
{
	uc_check_in_set(object, "device_type", endpoint->device_type);
	uc_check_in_set(object, "vendor", endpoint->vendor);
	uc_check_in_set(object,
			"model",
			endpoint->model != NULL ? endpoint->model : endpoint->part_number);
	uc_check_in_set(object, "revision", endpoint->revision);
	uc_check_in_set(object, "part_number", endpoint->part_number);
	uc_check_in_set(object, "hardware_level", endpoint->hardware_level);
	uc_check_in_set(object, "serial", endpoint->serial);
	uc_check_in_set(object, "mac_address", endpoint->mac_address);
	uc_check_in_set(object, "locale", endpoint->locale);
	uc_check_in_set(object, "room", endpoint->room);
}

static void
uc_check_in_set_modules(JsonObject *object, UcTarget *target, const gchar *updated)
{
	JsonArray *modules = json_array_new();
	JsonObject *module = json_object_new();

	json_object_set_string_member(module, "name", "application");
	uc_check_in_set(module, "version", fwupd_device_get_version(target->device));
	uc_check_in_set(module, "updated", updated);
	json_array_add_object_element(modules, module);
	json_object_set_array_member(object, "modules", modules);
}

static const gchar *
uc_check_in_state(UcTarget *target, gboolean in_use)
{
	static const gchar *const names[] = {"current",
					     "pending",
					     "downloading",
					     "staged",
					     "activated"};
	UcProgress progress = uc_course_get_progress(&target->update->course);

	G_STATIC_ASSERT(G_N_ELEMENTS(names) == UC_PROGRESS_LAST);
	if (uc_course_failed_before(&target->update->course))
		return "failed";
	if (in_use && progress != UC_PROGRESS_CURRENT)
		return "in-use";
	return names[progress];
}

/**
 * uc_check_in_add:
 * @target: one that has an endpoint file; another one has no vendor and model to tell
 * @in_use: whether the room is in use
 */
void
uc_check_in_add(JsonObject *check_in, UcTarget *target, UcHistory *history, gboolean in_use)
{
	JsonArray *endpoints = json_object_get_array_member(check_in, "endpoints");
	JsonArray *guids = json_array_new();
	JsonObject *object = json_object_new();
	GPtrArray *found = fwupd_device_get_guids(target->device);

	json_object_set_string_member(object, "id", target->id);
	uc_check_in_set_identity(object, target->endpoint);
	uc_check_in_set_modules(object, target, uc_history_get_updated(history, target->id));
	uc_check_in_set(object, "fwupd_device_id", fwupd_device_get_id(target->device));
	for (guint i = 0; found != NULL && i < MIN(found->len, UC_LIMIT_CHECKIN_GUIDS); i++)
		json_array_add_string_element(guids, g_ptr_array_index(found, i));
	json_object_set_array_member(object, "guids", guids);
	json_object_set_string_member(object, "state", uc_check_in_state(target, in_use));
	if (target->update->course.said_no_secs > 0)
		uc_json_set_time(object, "said_no", target->update->course.said_no_secs);
	if (target->decision != NULL) {
		uc_check_in_set_sentence(object, "reason", target->decision->reason);
		json_object_set_array_member(object,
					     "reports",
					     uc_decision_reports_to_json(target->decision));
	}
	json_array_add_object_element(endpoints, object);
}

/**
 * uc_check_in_add_unclaimed:
 * @endpoint: the file of an endpoint for which fwupd has no device
 * @reason: a sentence that says why
 *
 * Which version is installed is not known then, and neither is a state; the service keeps what it
 * knew. An endpoint whose vendor or model the agent cannot read itself is left out.
 */
void
uc_check_in_add_unclaimed(JsonObject *check_in, const UcEndpoint *endpoint, const gchar *reason)
{
	JsonArray *endpoints = json_object_get_array_member(check_in, "endpoints");
	JsonObject *object = NULL;

	if (endpoint->vendor == NULL || (endpoint->model == NULL && endpoint->part_number == NULL))
		return;
	object = json_object_new();
	json_object_set_string_member(object, "id", endpoint->id);
	uc_check_in_set_identity(object, endpoint);
	uc_check_in_set_sentence(object, "reason", reason);
	json_array_add_object_element(endpoints, object);
}

/**
 * uc_check_in_add_report:
 * @word: in lower case, docs/service-protocol.md section 5
 *
 * Adds what an administrator should hear of this machine to each of its endpoints.
 */
void
uc_check_in_add_report(JsonObject *check_in, const gchar *word)
{
	JsonArray *endpoints = json_object_get_array_member(check_in, "endpoints");

	for (guint i = 0; i < json_array_get_length(endpoints); i++) {
		JsonObject *endpoint = json_array_get_object_element(endpoints, i);

		if (!json_object_has_member(endpoint, "reports"))
			json_object_set_array_member(endpoint, "reports", json_array_new());
		json_array_add_string_element(json_object_get_array_member(endpoint, "reports"),
					      word);
	}
}

/**
 * uc_check_in_add_place:
 * @zone: (nullable): name of the time zone
 * @user: (nullable): who has signed in, where that may be told
 *
 * Adds them to each of the endpoints that are there.
 */
void
uc_check_in_add_place(JsonObject *check_in, const gchar *zone, const gchar *user)
{
	JsonArray *endpoints = json_object_get_array_member(check_in, "endpoints");

	for (guint i = 0; i < json_array_get_length(endpoints); i++) {
		JsonObject *endpoint = json_array_get_object_element(endpoints, i);

		uc_check_in_set(endpoint, "zone", zone);
		uc_check_in_set(endpoint, "user", user);
	}
}

/**
 * uc_check_in_is_empty:
 *
 * Returns: whether there is no endpoint in it, as before fwupd answers; no service takes that
 */
gboolean
uc_check_in_is_empty(JsonObject *check_in)
{
	return json_array_get_length(json_object_get_array_member(check_in, "endpoints")) == 0;
}

static gboolean
uc_check_in_is_test_device(JsonObject *endpoint, const gchar *machine_id, const UcPolicy *policy)
{
	g_autofree gchar *identity = uc_identity_new(machine_id, endpoint, NULL);
	const UcSubject subject = {
	    .endpoint = json_object_get_string_member(endpoint, "id"),
	    .serial = json_object_get_string_member_with_default(endpoint, "serial", NULL),
	    .mac_address =
		json_object_get_string_member_with_default(endpoint, "mac_address", NULL),
	    .identity = identity,
	};

	return uc_policy_is_test_device(policy, &subject);
}

/**
 * uc_check_in_has_test_device:
 * @policy: the organisation's, for everybody
 *
 * Returns: whether one of the endpoints gets what is pending
 */
gboolean
uc_check_in_has_test_device(JsonObject *check_in, const UcPolicy *policy)
{
	JsonArray *endpoints = json_object_get_array_member(check_in, "endpoints");
	const gchar *machine_id = json_object_get_string_member(check_in, "machine_id");

	for (guint i = 0; i < json_array_get_length(endpoints); i++) {
		JsonObject *endpoint = json_array_get_object_element(endpoints, i);

		if (uc_check_in_is_test_device(endpoint, machine_id, policy))
			return TRUE;
	}
	return FALSE;
}
