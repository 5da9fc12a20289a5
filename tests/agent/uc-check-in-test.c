/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-check-in.h"
#include "uc-limits.h"
#include "uc-test-state.h"

#define MACHINE "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static UcTarget *
uc_check_in_test_target(guint guids, const gchar *reason)
{
	UcTarget *target = uc_target_new("codec");

	target->endpoint = g_new0(UcEndpoint, 1);
	target->endpoint->id = g_strdup("codec");
	target->endpoint->vendor = g_strdup("acme");
	target->endpoint->model = g_strdup("icon400");
	target->device = fwupd_device_new();
	for (guint i = 0; i < guids; i++) {
		g_autofree gchar *guid = g_strdup_printf("00000000-0000-0000-0000-%012u", i);

		fwupd_device_add_guid(target->device, guid);
	}
	target->decision = uc_decision_new();
	target->decision->reason = g_strdup(reason);
	return target;
}

static JsonObject *
uc_check_in_test_add(const UcTarget *target)
{
	g_autoptr(JsonObject) check_in = uc_check_in_new(MACHINE);
	g_autoptr(UcHistory) history = uc_history_load();
	JsonArray *endpoints = json_object_get_array_member(check_in, "endpoints");

	g_assert_true(uc_check_in_is_empty(check_in));
	uc_check_in_add(check_in, (UcTarget *)target, history, FALSE);
	g_assert_cmpuint(json_array_get_length(endpoints), ==, 1);
	return json_object_ref(json_array_get_object_element(endpoints, 0));
}

/* one endpoint that says more than a service takes would be refused with all that are beside it */
static void
uc_check_in_test_limits(void)
{
	static const struct {
		guint guids;
		guint guids_said;
		gsize reason_bytes; /* of two each, but for the first */
		gsize reason_said;
	} rows[] = {
	    {1, 1, 0, 0},
	    {64, 64, 255, 255},
	    {65, 64, 257, 255},
	    {200, 64, 1001, 255},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GString) reason = g_string_new(rows[i].reason_bytes > 0 ? "a" : "");
		g_autoptr(UcTarget) target = NULL;
		g_autoptr(JsonObject) said = NULL;
		const gchar *text = NULL;

		while (reason->len < rows[i].reason_bytes)
			g_string_append(reason, "ä");
		target = uc_check_in_test_target(rows[i].guids, reason->str);
		said = uc_check_in_test_add(target);
		text = json_object_get_string_member(said, "reason");
		g_assert_cmpuint(json_array_get_length(json_object_get_array_member(said, "guids")),
				 ==,
				 rows[i].guids_said);
		g_assert_cmpuint(strlen(text), ==, rows[i].reason_said);
		g_assert_true(g_utf8_validate(text, -1, NULL));
		g_assert_true(g_str_has_prefix(reason->str, text));
	}
}

/* as long as fwupd has no device for it, too */
static void
uc_check_in_test_unclaimed(void)
{
	g_autoptr(JsonObject) check_in = uc_check_in_new(MACHINE);
	g_autofree gchar *reason = g_strnfill(UC_LIMIT_CHECKIN_TEXT_BYTES + 1, 'x');
	g_autoptr(UcTarget) target = uc_check_in_test_target(0, NULL);
	JsonObject *said = NULL;

	uc_check_in_add_unclaimed(check_in, target->endpoint, reason);
	said =
	    json_array_get_object_element(json_object_get_array_member(check_in, "endpoints"), 0);
	g_assert_cmpuint(strlen(json_object_get_string_member(said, "reason")),
			 ==,
			 UC_LIMIT_CHECKIN_TEXT_BYTES);
}

int
main(int argc, char **argv)
{
	g_autofree gchar *dir = NULL;

	g_test_init(&argc, &argv, NULL);
	dir = uc_test_state_new();
	g_test_add_func("/check-in/limits", uc_check_in_test_limits);
	g_test_add_func("/check-in/unclaimed", uc_check_in_test_unclaimed);
	return g_test_run();
}
