/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>

#include "uc-agent-authority.h"
#include "uc-agent-interface.h"
#include "uc-error.h"
#include "uc-history.h"
#include "uc-limits.h"
#include "uc-machine.h"
#include "uc-paths.h"
#include "uc-reports.h"
#include "uc-state-file.h"
#include "uc-state.h"
#include "uc-test-state.h"

#define ISSUED_SECS 4102444800 /* 2100-01-01, after any build */

static void
test_corrupt(void)
{
	static const gchar *const texts[] = {
	    "",
	    "{",
	    "[]",
	    "{}",
	    "{\"format\": \"other\"}",
	    "\xff\xfe",
	};
	g_autofree gchar *path = uc_path_state("x.json");
	g_autofree gchar *dir = g_path_get_dirname(path);

	g_assert_cmpint(g_mkdir_with_parents(dir, 0755), ==, 0);
	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autofree gchar *aside = NULL;

		g_assert_true(g_file_set_contents(path, texts[i], -1, NULL));
		g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "*set aside*");
		g_assert_null(uc_state_file_load("x.json", "x-1", &aside));
		g_test_assert_expected_messages();
		g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
		g_assert_true(g_file_test(aside, G_FILE_TEST_EXISTS));
	}
}

static void
test_state(void)
{
	static const gchar *const domains[] = {"room.example", "hall.example", NULL};
	g_autoptr(UcState) state = uc_state_load();
	g_autoptr(UcState) again = NULL;
	g_autoptr(UcState) forgotten = NULL;
	g_autoptr(GError) error = NULL;

	g_assert_null(uc_state_get_organisation(state));
	g_assert_cmpint(uc_state_get_serial(state, "policy"), ==, 0);
	uc_state_set_enrolment(state, "room.example", domains, "https://x.example/");
	uc_state_set_given(state, "https://y.example/", NULL);
	uc_state_add_serial(state, "policy", 7);
	uc_state_add_serial(state, "policy", 6); /* never back */
	uc_state_add_issued(state, ISSUED_SECS);
	uc_state_set_metadata(state,
			      "ucupdates",
			      "1111111111111111111111111111111111111111111111111111111111111111");
	g_assert_true(uc_state_save(state, &error));
	again = uc_state_load();
	g_assert_cmpstr(uc_state_get_organisation(again), ==, "room.example");
	g_assert_cmpint(uc_state_get_serial(again, "policy"), ==, 7);
	g_assert_cmpint(uc_state_get_floor_secs(again), ==, ISSUED_SECS - 300);
	g_assert_cmpstr(uc_state_get_metadata(again, "ucupdates"),
			==,
			uc_state_get_metadata(state, "ucupdates"));
	g_assert_cmpint(g_strv_length(uc_state_get_domains(again)), ==, 2);
	g_assert_cmpstr(uc_state_get_external_url(again), ==, "https://x.example/");
	g_assert_cmpstr(uc_state_get_given(again), ==, "https://y.example/");
	g_assert_null(uc_state_get_given_external(again));
	uc_state_forget(again);
	g_assert_true(uc_state_save(again, &error));
	forgotten = uc_state_load();
	g_assert_null(uc_state_get_organisation(forgotten));
	g_assert_null(uc_state_get_domains(forgotten));
	g_assert_null(uc_state_get_given(forgotten));
	g_assert_cmpint(uc_state_get_serial(forgotten, "policy"), ==, 0);
	/* the build date is left */
	g_assert_cmpint(uc_state_get_floor_secs(forgotten), >, 1700000000);
	g_assert_cmpint(uc_state_get_floor_secs(forgotten), <, ISSUED_SECS - 300);
}

static void
corrupt(const gchar *name)
{
	g_autofree gchar *path = uc_path_state(name);

	g_assert_true(g_file_set_contents(path, "{\"format\": \"ucup", -1, NULL));
}

/* whose endpoint this is, and how far the documents have come, are not lost by a broken file */
static void
test_state_corrupt(void)
{
	static const gchar *const domains[] = {"room.example", NULL};
	g_autofree gchar *path = uc_path_state("service.json");
	g_autoptr(UcState) state = uc_state_load();
	g_autoptr(UcState) kept = NULL;
	g_autoptr(UcState) again = NULL;
	g_autoptr(UcState) removed = NULL;
	g_autoptr(UcState) lost = NULL;
	g_autoptr(GError) error = NULL;

	uc_state_set_enrolment(state, "room.example", domains, NULL);
	uc_state_add_serial(state, "policy", 7);
	g_assert_true(uc_state_save(state, &error));
	corrupt("service.json");
	g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "*service.json cannot be used*set aside*");
	g_test_expect_message(NULL, G_LOG_LEVEL_MESSAGE, "*enrolment*service-copy.json*");
	kept = uc_state_load();
	g_test_assert_expected_messages();
	g_assert_cmpstr(uc_state_get_organisation(kept), ==, "room.example");
	g_assert_cmpint(uc_state_get_serial(kept, "policy"), ==, 7);
	again = uc_state_load();
	g_assert_cmpstr(uc_state_get_organisation(again), ==, "room.example");
	/* removed is another thing: somebody wanted that */
	g_assert_cmpint(g_unlink(path), ==, 0);
	removed = uc_state_load();
	g_assert_null(uc_state_get_organisation(removed));
	g_assert_true(uc_state_save(kept, &error));
	corrupt("service.json");
	corrupt("service-copy.json");
	g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "*service.json cannot be used*");
	g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "*service-copy.json cannot be used*");
	lost = uc_state_load();
	g_test_assert_expected_messages();
	g_assert_null(uc_state_get_organisation(lost));
}

/* a disk that does not take it: the next attempt writes it down, rather than to find it there */
static void
test_history_full_disk(void)
{
	g_autofree gchar *path = uc_path_state("history.json");
	g_autofree gchar *inside = g_build_filename(path, "in-the-way", NULL);
	g_autoptr(UcHistory) history = uc_history_load();
	g_autoptr(UcHistory) again = NULL;
	g_autoptr(JsonObject) entry = json_object_new();
	g_autoptr(GError) error = NULL;

	json_object_set_string_member(entry, "uuid", "full");
	g_assert_cmpint(g_mkdir_with_parents(inside, 0755), ==, 0);
	g_assert_false(uc_history_add(history, entry, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_FAILED);
	g_assert_cmpint(json_array_get_length(uc_history_get_entries(history)), ==, 0);
	g_assert_cmpint(g_rmdir(inside), ==, 0);
	g_assert_cmpint(g_rmdir(path), ==, 0);
	g_assert_true(uc_history_add(history, entry, NULL));
	again = uc_history_load();
	g_assert_cmpint(json_array_get_length(uc_history_get_entries(again)), ==, 1);
	g_assert_cmpint(g_unlink(path), ==, 0);
}

static void
test_history(void)
{
	g_autoptr(UcHistory) history = uc_history_load();
	g_autoptr(UcHistory) again = NULL;

	for (guint i = 0; i < 205; i++) {
		g_autoptr(JsonObject) entry = json_object_new();
		g_autofree gchar *uuid = g_strdup_printf("%u", i);

		json_object_set_string_member(entry, "uuid", uuid);
		json_object_set_string_member(entry, "event", "success");
		json_object_set_string_member(entry, "endpoint", "codec");
		json_object_set_string_member(entry, "time", uuid);
		g_assert_true(uc_history_add(history, entry, NULL));
		g_assert_true(uc_history_add(history, entry, NULL)); /* once */
	}
	again = uc_history_load();
	g_assert_cmpint(json_array_get_length(uc_history_get_entries(again)), ==, 200);
	g_assert_cmpstr(uc_history_get_updated(again, "codec"), ==, "204");
	g_assert_null(uc_history_get_updated(again, "panel"));
}

static JsonObject *
new_entry(const gchar *uuid, const gchar *endpoint, const gchar *event, const gchar *message)
{
	JsonObject *entry = json_object_new();

	json_object_set_string_member(entry, "uuid", uuid);
	json_object_set_string_member(entry, "endpoint", endpoint);
	json_object_set_string_member(entry, "event", event);
	json_object_set_string_member(entry, "time", uuid);
	json_object_set_string_member(entry, "message", message);
	return entry;
}

static void
add_entry(UcHistory *history, const gchar *uuid, const gchar *endpoint, const gchar *event)
{
	g_autoptr(JsonObject) entry = new_entry(uuid, endpoint, event, "");

	g_assert_true(uc_history_add(history, entry, NULL));
}

static guint
count_entries(UcHistory *history, const gchar *endpoint)
{
	JsonArray *entries = uc_history_get_entries(history);
	guint count = 0;

	for (guint i = 0; i < json_array_get_length(entries); i++) {
		JsonObject *entry = json_array_get_object_element(entries, i);

		if (g_strcmp0(json_object_get_string_member(entry, "endpoint"), endpoint) == 0)
			count++;
	}
	return count;
}

/* of an endpoint that others have outdone the last entry stays, and the last success */
static void
test_history_many(void)
{
	g_autofree gchar *path = uc_path_state("history.json");
	g_autoptr(UcHistory) history = NULL;
	g_autoptr(UcHistory) again = NULL;

	(void)g_unlink(path);
	history = uc_history_load();
	add_entry(history, "first-staged", "first", "staged");
	add_entry(history, "first-success", "first", "success");
	add_entry(history, "first-failed", "first", "failed");
	for (guint i = 0; i < 300; i++) {
		g_autofree gchar *uuid = g_strdup_printf("%u", i);
		g_autofree gchar *endpoint = g_strdup_printf("p%u", i / 3);

		add_entry(history, uuid, endpoint, i % 3 == 2 ? "success" : "staged");
	}
	again = uc_history_load();
	g_assert_cmpuint(json_array_get_length(uc_history_get_entries(again)), ==, 235);
	g_assert_cmpuint(count_entries(again, "first"), ==, 2);
	g_assert_cmpstr(uc_history_get_updated(again, "first"), ==, "first-success");
	g_assert_cmpuint(count_entries(again, "p0"), ==, 1);
	g_assert_cmpstr(uc_history_get_updated(again, "p0"), ==, "2");
	g_assert_cmpuint(count_entries(again, "p99"), ==, 3);
	g_assert_cmpint(g_unlink(path), ==, 0);
}

/* what a later version of the agent kept more of is not lost */
static void
test_history_longer(void)
{
	g_autofree gchar *path = uc_path_state("history.json");
	g_autoptr(GString) text =
	    g_string_new("{\"format\": \"ucupdates-history-1\", \"entries\": [");
	g_autoptr(UcHistory) history = NULL;

	for (guint i = 0; i < 2 * UC_LIMIT_HISTORY_ALL; i++)
		g_string_append_printf(text,
				       "%s{\"uuid\": \"u%u\", \"endpoint\": \"e%u\", \"event\": "
				       "\"success\", \"time\": \"t%u\"}",
				       i > 0 ? "," : "",
				       i,
				       i,
				       i);
	g_string_append(text, "]}");
	g_assert_true(g_file_set_contents(path, text->str, -1, NULL));
	history = uc_history_load();
	g_assert_cmpuint(json_array_get_length(uc_history_get_entries(history)),
			 ==,
			 UC_LIMIT_HISTORY_ALL);
	g_assert_cmpstr(uc_history_get_updated(history, "e0"), ==, "t0");
	g_assert_cmpint(g_unlink(path), ==, 0);
}

/* each endpoint failed with the longest sentence that is recorded, which JSON makes longer */
static void
test_history_long_sentences(void)
{
	g_autofree gchar *path = uc_path_state("history.json");
	g_autofree gchar *message = g_strnfill(4096, '"');
	g_autoptr(JsonObject) object = json_object_new();
	JsonArray *entries = json_array_new();
	g_autoptr(UcHistory) history = NULL;

	for (guint i = 0; i < UC_LIMIT_HISTORY_ALL; i++) {
		g_autofree gchar *uuid = g_strdup_printf("u%u", i);
		g_autofree gchar *endpoint = g_strdup_printf("e%u", i);

		json_array_add_object_element(entries,
					      new_entry(uuid, endpoint, "failed", message));
	}
	json_object_set_string_member(object, "format", "ucupdates-history-1");
	json_object_set_array_member(object, "entries", entries);
	g_assert_true(uc_state_file_save("history.json", object, NULL));
	history = uc_history_load();
	g_assert_cmpuint(json_array_get_length(uc_history_get_entries(history)),
			 ==,
			 UC_LIMIT_HISTORY_ALL);
	g_assert_cmpint(g_unlink(path), ==, 0);
}

static void
replace_entry(UcHistory *history, JsonObject *entry)
{
	g_autoptr(JsonArray) entries = json_array_new();

	json_array_add_object_element(entries, json_object_ref(entry));
	g_assert_true(uc_history_replace(history, entries, NULL));
}

static void
test_history_replace(void)
{
	g_autofree gchar *path = uc_path_state("history.json");
	g_autoptr(UcHistory) history = uc_history_load();
	g_autoptr(UcHistory) again = NULL;
	g_autoptr(JsonObject) one = new_entry("refused", "codec", "refused", "serial 1");
	g_autoptr(JsonObject) two = new_entry("refused", "codec", "refused", "serial 2");
	JsonObject *newest = NULL;

	g_assert_null(uc_history_get_message(history, "refused"));
	replace_entry(history, one);
	add_entry(history, "later", "codec", "staged");
	replace_entry(history, two);
	again = uc_history_load();
	g_assert_cmpuint(json_array_get_length(uc_history_get_entries(again)), ==, 2);
	newest = json_array_get_object_element(uc_history_get_entries(again), 0);
	g_assert_cmpstr(json_object_get_string_member(newest, "message"), ==, "serial 2");
	g_assert_cmpstr(uc_history_get_message(again, "refused"), ==, "serial 2");
	g_assert_cmpint(g_unlink(path), ==, 0);
}

/* what an agent left that was killed while it wrote */
static void
test_sweep(void)
{
	static const struct {
		const gchar *name;
		gboolean stays;
	} rows[] = {
	    {"service.json.AbC123", FALSE},
	    {"endpoint.key.AbC123", FALSE},
	    {"updates/codec.json.AbC123", FALSE},
	    {"reports/1.json.AbC123", FALSE},
	    {"updates/kept.json", TRUE},
	    {"notes.backup", TRUE},
	    {"endpoint.key.backup", TRUE}, /* an administrator's */
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree gchar *path = uc_path_state(rows[i].name);
		g_autofree gchar *dir = g_path_get_dirname(path);

		g_assert_cmpint(g_mkdir_with_parents(dir, 0755), ==, 0);
		g_assert_true(g_file_set_contents(path, "{", -1, NULL));
	}
	uc_state_file_sweep();
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree gchar *path = uc_path_state(rows[i].name);

		g_test_message("%s", rows[i].name);
		g_assert_cmpint(g_file_test(path, G_FILE_TEST_EXISTS), ==, rows[i].stays);
		(void)g_unlink(path);
	}
}

/* the same text on many machines would be one machine to the service */
static void
test_machine_id(void)
{
	static const gchar *const wrong[] = {"uninitialized\n",
					     "00000000000000000000000000000000\n",
					     "0123456789abcdef0123456789abcde\n",
					     "0123456789abcdef0123456789abcdef0\n",
					     "0123456789ABCDEF0123456789ABCDEF\n"};
	g_autofree gchar *path = uc_path_state("etc-machine-id");
	g_autofree gchar *own = NULL;
	g_autofree gchar *right = NULL;

	own = uc_machine_get_id(path);
	g_assert_true(g_file_set_contents(path, "0123456789abcdef0123456789abcdef\n", -1, NULL));
	right = uc_machine_get_id(path);
	g_assert_cmpstr(right, !=, own);
	for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autofree gchar *id = NULL;

		g_assert_true(g_file_set_contents(path, wrong[i], -1, NULL));
		g_test_expect_message(NULL,
				      G_LOG_LEVEL_WARNING,
				      "*etc-machine-id is no machine id*");
		id = uc_machine_get_id(path);
		g_test_assert_expected_messages();
		g_assert_cmpstr(id, ==, own);
	}
	g_assert_cmpint(g_unlink(path), ==, 0);
}

static void
test_reports(void)
{
	g_autoptr(UcReports) reports = uc_reports_new();
	g_autoptr(UcReports) again = NULL;
	g_autoptr(JsonObject) report = json_object_new();

	json_object_set_string_member(report, "uuid", "one");
	g_assert_true(uc_reports_add(reports, report, NULL));
	g_assert_true(uc_reports_add(reports, report, NULL));
	json_object_set_string_member(report, "uuid", "two");
	g_assert_true(uc_reports_add(reports, report, NULL));
	again = uc_reports_new();
	g_assert_cmpint(uc_reports_get_length(again), ==, 2);
}

/* every method of the interface is in the table, what is not is nobody's */
static void
test_authority(void)
{
	GDBusMethodInfo **methods = org_ucupdates_agent1_interface.methods;

	for (guint i = 0; methods[i] != NULL; i++)
		g_assert_cmpint(uc_agent_authority_get(methods[i]->name), !=, UC_CALLER_NOBODY);
	g_assert_cmpint(uc_agent_authority_get("Install"), ==, UC_CALLER_ROOT);
	g_assert_cmpint(uc_agent_authority_get("Check"), ==, UC_CALLER_ROOT);
	g_assert_cmpint(uc_agent_authority_get("SetService"), ==, UC_CALLER_ROOT);
	g_assert_cmpint(uc_agent_authority_get("ForgetService"), ==, UC_CALLER_ROOT);
	g_assert_cmpint(uc_agent_authority_get("install"), ==, UC_CALLER_NOBODY);
	g_assert_cmpint(uc_agent_authority_get(""), ==, UC_CALLER_NOBODY);
}

int
main(int argc, char **argv)
{
	g_autofree gchar *dir = NULL;

	g_test_init(&argc, &argv, NULL);
	dir = uc_test_state_new();
	g_test_add_func("/state-file/corrupt", test_corrupt);
	g_test_add_func("/state/round-trip", test_state);
	g_test_add_func("/state/corrupt", test_state_corrupt);
	g_test_add_func("/history/full-disk", test_history_full_disk);
	g_test_add_func("/history/once-and-bounded", test_history);
	g_test_add_func("/history/many-endpoints", test_history_many);
	g_test_add_func("/history/longer", test_history_longer);
	g_test_add_func("/history/long-sentences", test_history_long_sentences);
	g_test_add_func("/history/replace", test_history_replace);
	g_test_add_func("/state-file/sweep", test_sweep);
	g_test_add_func("/machine/id", test_machine_id);
	g_test_add_func("/reports/once", test_reports);
	g_test_add_func("/authority/complete", test_authority);
	return g_test_run();
}
