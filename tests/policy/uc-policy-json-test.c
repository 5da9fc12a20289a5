/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-error.h"
#include "uc-facts.h"
#include "uc-json.h"
#include "uc-policy-json.h"
#include "uc-policy-select.h"

static JsonObject *
parse(const gchar *text)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
	g_autoptr(GError) error = NULL;
	JsonObject *object = uc_json_parse_object(bytes, 65536, "test", &error);

	g_assert_no_error(error);
	return object;
}

static void
test_policy_refused(void)
{
	static const gchar *const texts[] = {
	    "{\"defaults\": []}",
	    "{\"defaults\": {\"windows\": {}}}",
	    "{\"defaults\": {\"windows\": [1]}}",
	    "{\"defaults\": {\"windows\": [{\"start\": \"20:00\"}]}}",
	    "{\"defaults\": {\"windows\": [{\"start\": \"24:00\", \"end\": \"06:00\"}]}}",
	    "{\"defaults\": {\"windows\": [{\"start\": \"20:00\", \"end\": \"24:01\"}]}}",
	    "{\"defaults\": {\"idle_secs\": -1}}",
	    "{\"defaults\": {\"idle_secs\": 86401}}",
	    "{\"defaults\": {\"idle_secs\": \"300\"}}",
	    "{\"defaults\": {\"poll_secs\": 9}}",
	    "{\"defaults\": {\"poll_secs\": 604801}}",
	    "{\"expires\": \"tomorrow\"}",
	    "{\"defaults\": {\"style\": \"loud\"}}",
	    "{\"defaults\": {\"restart_prompt\": true}}",
	    "{\"defaults\": {\"spread_secs\": 86401}}",
	    "{\"defaults\": {\"prompt_secs\": 9}}",
	    "{\"defaults\": {\"battery_percent\": 102}}",
	    "{\"defaults\": {\"deadline_secs\": {\"high\": 3599}}}",
	    "{\"defaults\": {\"deadline_secs\": {\"high\": 7200}, \"hard_deadline_secs\": 7199}}",
	    "{\"defaults\": {\"blocked_dates\": [\"2026-02-29\"]}}",
	    "{\"defaults\": {\"blocked_dates\": [\"2026-03-02/2026-03-01\"]}}",
	    "{\"defaults\": {\"rollouts\": [{\"percent\": 5}]}}",
	    "{\"defaults\": {\"rollouts\": [{\"version\": \"1\", \"percent\": 101}]}}",
	    "{\"defaults\": {\"windows\": [{\"start\": \"20:00\", \"end\": \"21:00\", "
	    "\"days\": [\"someday\"]}]}}",
	    "{\"models\": [{\"idle_secs\": 5}]}",
	    "{\"models\": [{\"model\": \"m\", \"idle_secs\": -5}]}",
	    "{\"groups\": [{\"name\": \"g\", \"endpoints\": [1]}]}",
	    "{\"pins\": [{\"endpoint\": \"e\"}]}",
	    "{\"test_devices\": \"e\"}",
	};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(JsonObject) object = parse(texts[i]);
		g_autoptr(GError) error = NULL;

		g_assert_null(uc_policy_from_json(object, &error));
		g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
	}
}

static void
test_policy_limit(void)
{
	g_autoptr(GString) text = g_string_new("{\"defaults\": {\"windows\": [");
	g_autoptr(JsonObject) object = NULL;
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < 17; i++)
		g_string_append_printf(text,
				       "%s{\"start\": \"01:00\", \"end\": \"02:00\"}",
				       i > 0 ? "," : "");
	g_string_append(text, "]}}");
	object = parse(text->str);
	g_assert_null(uc_policy_from_json(object, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_LIMIT);
}

static void
test_policy(void)
{
	g_autoptr(JsonObject) empty = parse("{}");
	g_autoptr(JsonObject) full =
	    parse("{\"expires\": \"2026-12-01T00:00:00Z\", \"defaults\": {\"idle_secs\": 0, "
		  "\"poll_secs\": 10, \"windows\": [{\"start\": \"22:30\", \"end\": \"24:00\"}]}}");
	g_autoptr(JsonObject) never = parse("{\"defaults\": {\"windows\": []}}");
	g_autoptr(GError) error = NULL;
	g_autoptr(UcPolicy) one = uc_policy_from_json(empty, &error);
	g_autoptr(UcPolicy) two = uc_policy_from_json(full, &error);
	g_autoptr(UcPolicy) three = uc_policy_from_json(never, &error);

	g_assert_no_error(error);
	g_assert_cmpint(one->windows->len, ==, 1);
	g_assert_cmpint(one->idle_secs, ==, 300);
	g_assert_cmpint(one->poll_secs, ==, 86400);
	g_assert_cmpint(two->idle_secs, ==, 0);
	g_assert_cmpint(two->poll_secs, ==, 10);
	g_assert_cmpint(two->expires_secs, ==, 1796083200);
	g_assert_cmpint(g_array_index(two->windows, UcWindow, 0).start_mins, ==, 1350);
	g_assert_cmpint(g_array_index(two->windows, UcWindow, 0).end_mins, ==, 1440);
	g_assert_cmpint(three->windows->len, ==, 0);
}

/* defaults, then models, then groups, then the device */
static void
test_select(void)
{
	g_autoptr(JsonObject) object =
	    parse("{\"defaults\": {\"idle_secs\": 1, \"poll_secs\": 100, \"style\": \"prompt\"}, "
		  "\"models\": [{\"model\": \"m\", \"idle_secs\": 2, \"poll_secs\": 200}, "
		  "{\"vendor\": \"w\u00fc\", \"model\": \"m\", \"idle_secs\": 9}], "
		  "\"groups\": [{\"name\": \"g\", \"endpoints\": [\"e\"], \"poll_secs\": 300}], "
		  "\"pins\": [{\"endpoint\": \"e\", \"version\": \"1.0\"}], "
		  "\"test_devices\": [\"e\"], \"unknown\": 7}");
	static const struct {
		UcSubject subject;
		gint64 idle_secs;
		gint64 poll_secs;
		gboolean device;
	} rows[] = {
	    {{"x", "v", "x", NULL}, 1, 100, FALSE},
	    {{"x", "v", "m", NULL}, 2, 200, FALSE},
	    {{"x", "w\xc3\xbc", "m", NULL}, 9, 200, FALSE},
	    {{"x", "W\xc3\x9c", "M", NULL}, 9, 200, FALSE},
	    {{"x", "w\xff", "m", NULL}, 2, 200, FALSE},
	    {{"x", "v", "m", "g"}, 2, 300, FALSE},
	    {{"e", "v", "x", NULL}, 1, 300, TRUE},
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(UcPolicy) all = uc_policy_from_json(object, &error);

	g_assert_no_error(error);
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(UcPolicy) one = uc_policy_select(all, &rows[i].subject);

		g_assert_cmpint(one->idle_secs, ==, rows[i].idle_secs);
		g_assert_cmpint(one->poll_secs, ==, rows[i].poll_secs);
		g_assert_cmpint(one->style, ==, UC_STYLE_PROMPT);
		g_assert_cmpint(one->test_device, ==, rows[i].device);
		g_assert_cmpstr(one->device_version, ==, rows[i].device ? "1.0" : NULL);
	}
}

/* by whatever the administrator has at hand, and nothing else */
static void
test_named(void)
{
	static const struct {
		const gchar *name;
		gboolean named;
	} rows[] = {
	    {"codec", TRUE},
	    {"CODEC", FALSE},
	    {"AC0001", TRUE},
	    {"ac0001", FALSE},
	    {"00:04:f2:00:00:01", TRUE},
	    {"00:04:F2:00:00:01", TRUE},
	    {"00:04:f2:00:00:02", FALSE},
	    {"serial/acme/AC0001", TRUE},
	    {"serial/other/AC0001", FALSE},
	    {"icon400", FALSE},
	    {"", FALSE},
	};
	const UcSubject subject = {.endpoint = "codec",
				   .vendor = "Acme",
				   .model = "icon400",
				   .serial = "AC0001",
				   .mac_address = "00:04:F2:00:00:01",
				   .identity = "serial/acme/AC0001"};
	const UcSubject nobody = {.vendor = "Acme", .model = "icon400"};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree gchar *text =
		    g_strdup_printf("{\"test_devices\": [\"%s\"], "
				    "\"pins\": [{\"endpoint\": \"%s\", \"version\": \"1.0\"}], "
				    "\"groups\": [{\"name\": \"g\", \"endpoints\": [\"%s\"], "
				    "\"idle_secs\": 7}]}",
				    rows[i].name,
				    rows[i].name,
				    rows[i].name);
		g_autoptr(JsonObject) object = parse(text);
		g_autoptr(GError) error = NULL;
		g_autoptr(UcPolicy) all = uc_policy_from_json(object, &error);
		g_autoptr(UcPolicy) one = NULL;

		g_assert_no_error(error);
		one = uc_policy_select(all, &subject);
		g_assert_cmpint(one->test_device, ==, rows[i].named);
		g_assert_cmpstr(one->device_version, ==, rows[i].named ? "1.0" : NULL);
		g_assert_cmpint(one->idle_secs, ==, rows[i].named ? 7 : 300);
		g_assert_cmpint(uc_policy_is_test_device(all, &subject), ==, rows[i].named);
		g_assert_false(uc_policy_is_test_device(all, &nobody));
	}
}

/* as many as there may be, of which an endpoint is in some, by one name each */
static void
test_groups(void)
{
	static const struct {
		UcSubject subject;
		guint64 groups;
		gint64 idle_secs;
	} rows[] = {
	    {{.endpoint = "n5"}, G_GUINT64_CONSTANT(1) << 5, 5},
	    {{.endpoint = "n63"}, G_GUINT64_CONSTANT(1) << 63, 63},
	    {{.endpoint = "n5", .serial = "n32", .identity = "n31"},
	     G_GUINT64_CONSTANT(0x180000020),
	     32},
	    {{.serial = "n7", .group = "g40"}, G_GUINT64_CONSTANT(1) << 7, 40},
	    {{.endpoint = "all", .mac_address = "N5"}, G_MAXUINT64, 63},
	    {{.endpoint = "n64"}, 0, 300},
	};
	g_autoptr(GString) text = g_string_new("{\"groups\": [");
	g_autoptr(JsonObject) object = NULL;
	g_autoptr(UcPolicy) all = NULL;
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < UC_POLICY_SECTIONS_MAX; i++)
		g_string_append_printf(text,
				       "%s{\"name\": \"g%u\", \"idle_secs\": %u, "
				       "\"endpoints\": [\"n%u\", \"all\", \"n%u\"]}",
				       i > 0 ? ", " : "",
				       i,
				       i,
				       i,
				       i);
	g_string_append(text, "]}");
	object = parse(text->str);
	all = uc_policy_from_json(object, &error);
	g_assert_no_error(error);
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(UcPolicy) one = uc_policy_select(all, &rows[i].subject);
		g_autoptr(UcPolicy) again = uc_policy_select(one, &rows[i].subject);

		g_assert_true(uc_policy_find_groups(all, &rows[i].subject) == rows[i].groups);
		g_assert_cmpint(one->idle_secs, ==, rows[i].idle_secs);
		g_assert_cmpint(again->idle_secs, ==, rows[i].idle_secs);
	}
}

static void
test_narrow(void)
{
	g_autoptr(UcPolicy) policy = uc_policy_new();
	const UcPolicyLimits less = {.idle_secs = 10};
	const UcPolicyLimits more = {.idle_secs = 900, .first_update_normal = TRUE};

	uc_policy_narrow(policy, &less);
	g_assert_cmpint(policy->idle_secs, ==, 300);
	g_assert_cmpint(policy->first_update, ==, UC_FIRST_UPDATE_MANDATORY);
	uc_policy_narrow(policy, &more);
	g_assert_cmpint(policy->idle_secs, ==, 900);
	g_assert_cmpint(policy->first_update, ==, UC_FIRST_UPDATE_NORMAL);
}

static void
test_facts_refused(void)
{
	static const gchar *const texts[] = {
	    "{\"use\": \"maybe\"}",
	    "{\"use\": true}",
	    "{\"progress\": \"done\"}",
	    "{\"idle_secs\": -1}",
	    "{\"human_now\": 1}",
	    "{\"last_check\": 12}",
	};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(JsonObject) object = parse(texts[i]);
		g_autoptr(GError) error = NULL;

		g_assert_null(uc_facts_from_json(object, &error));
		g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
	}
}

static void
test_facts_round_trip(void)
{
	static const gchar *const text =
	    "{\"endpoint\":\"codec\",\"vendor\":\"v\",\"model\":\"m\",\"group\":\"g\","
	    "\"use\":\"call\",\"use_reason\":\"x\",\"idle_secs\":7,\"free_secs\":8,"
	    "\"busy_secs\":9,\"progress\":\"staged\",\"version\":\"1.1.0\","
	    "\"severity\":\"critical\",\"duration_secs\":60,\"room_duration_secs\":90,"
	    "\"failed_before\":true,\"withdrawn\":true,\"write_in_place\":true,"
	    "\"children_pending\":true,\"human_now\":true,\"human_force\":true,"
	    "\"first_update\":true,\"second_step\":true,\"restarted\":true,"
	    "\"prompt\":\"shown\",\"prompt_shown_secs\":3,\"prompt_input_secs\":2,"
	    "\"call_source\":false,\"activity_source\":false,\"clock_synchronised\":false,"
	    "\"mains\":false,\"battery_percent\":40,\"disk_free_bytes\":5,"
	    "\"disk_needed_bytes\":6,\"metered\":true,\"other_update\":true,"
	    "\"shutdown\":true,\"restart_by_agent\":true,"
	    "\"first_seen\":\"2026-01-01T00:00:03Z\",\"said_no\":\"2026-01-01T00:00:04Z\","
	    "\"last_idle\":\"2026-01-01T00:00:05Z\","
	    "\"last_check\":\"2026-01-01T00:00:00Z\","
	    "\"check_retry\":\"2026-01-01T00:00:01Z\",\"retry\":\"2026-01-01T00:00:02Z\"}";
	g_autoptr(JsonObject) object = parse(text);
	g_autoptr(GError) error = NULL;
	g_autoptr(UcFacts) facts = uc_facts_from_json(object, &error);
	g_autoptr(JsonObject) again = NULL;
	g_autoptr(GBytes) bytes = NULL;

	g_assert_no_error(error);
	again = uc_facts_to_json(facts);
	bytes = uc_json_to_bytes(again, FALSE);
	g_assert_cmpmem(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), text, strlen(text));
}

static void
test_facts_unknown(void)
{
	g_autoptr(JsonObject) object = parse("{}");
	g_autoptr(UcFacts) facts = uc_facts_from_json(object, NULL);

	g_assert_cmpint(facts->use, ==, UC_USE_UNKNOWN);
	g_assert_cmpint(facts->idle_secs, ==, -1);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/policy-json/refused", test_policy_refused);
	g_test_add_func("/policy-json/limit", test_policy_limit);
	g_test_add_func("/policy-json/accepted", test_policy);
	g_test_add_func("/policy-json/select", test_select);
	g_test_add_func("/policy-json/named", test_named);
	g_test_add_func("/policy-json/groups", test_groups);
	g_test_add_func("/policy-json/narrow", test_narrow);
	g_test_add_func("/facts/refused", test_facts_refused);
	g_test_add_func("/facts/round-trip", test_facts_round_trip);
	g_test_add_func("/facts/unknown", test_facts_unknown);
	return g_test_run();
}
