/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the mirror writes is what endpoints read: every key, published and read by policy/. */

#include <glib/gstdio.h>
#include <string.h>

#include "uc-error.h"
#include "uc-policy-compile.h"
#include "uc-policy-json.h"
#include "uc-policy-select.h"
#include "uc-rules-value.h"
#include "uc-test-mirror.h"

typedef struct {
	UcMirror *mirror;
} UcTest;

static void
uc_test_set_up(UcTest *self, gconstpointer user_data)
{
	self->mirror = uc_test_mirror_make(g_get_real_time() / G_USEC_PER_SEC);
}

static void
uc_test_tear_down(UcTest *self, gconstpointer user_data)
{
	uc_test_mirror_remove(self->mirror);
}

static JsonObject *
uc_test_compile(UcTest *self, const gchar *rules, GError **error)
{
	g_autofree gchar *path = uc_mirror_path(self->mirror, "rules.d", "50.conf", NULL);
	g_autoptr(UcPublishPlan) plan = NULL;

	g_assert_true(g_file_set_contents(path, rules, -1, NULL));
	plan = uc_publish_plan_new(self->mirror, error);
	return plan != NULL ? uc_policy_compile(plan, self->mirror->database, error) : NULL;
}

static void
uc_test_policy_every_key(UcTest *self, gconstpointer user_data)
{
	static const gchar rules[] =
	    "[Policy]\nWindows=mon,sun 22:00-02:00;12:00-13:00\n"
	    "BlockedDates=2026-12-24;2026-12-30/2027-01-06\nBlockedVersions=1.0.0;1.0.1\n"
	    "IdleSec=61\nPollSec=601\nSpreadSec=62\nStyle=prompt\nPromptSec=63\nSnoozeSec=64\n"
	    "AfterCallSec=65\nRestartPrompt=off\nFirstUpdate=normal\nWakeDisplay=true\n"
	    "ApplyOnShutdown=true\nMetered=true\nBatteryPercent=66\nDeadlineLowSec=3604\n"
	    "DeadlineMediumSec=3603\nDeadlineHighSec=3602\nDeadlineCriticalSec=3601\n"
	    "HardDeadlineSec=3605\n[Model ACME/Icon400]\nIdleSec=71\n"
	    "[Group berlin]\nEndpoints=codec;other\nIdleSec=72\n";
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) body = uc_test_compile(self, rules, &error);
	g_autoptr(UcPolicy) policy = NULL;
	const UcWindow *windows = NULL;
	const UcDates *dates = NULL;

	g_assert_no_error(error);
	policy = uc_policy_from_json(body, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(policy->windows->len, ==, 2);
	windows = (const UcWindow *)policy->windows->data;
	g_assert_cmpint(windows[0].start_mins, ==, 22 * 60);
	g_assert_cmpint(windows[0].end_mins, ==, 2 * 60);
	g_assert_cmpuint(windows[0].weekdays, ==, 1 | 64);
	g_assert_cmpuint(windows[1].weekdays, ==, UC_WINDOW_ALL_DAYS);
	g_assert_cmpuint(policy->blocked_dates->len, ==, 2);
	dates = (const UcDates *)policy->blocked_dates->data;
	g_assert_cmpint(dates[0].last - dates[0].first, ==, 0);
	g_assert_cmpint(dates[1].last - dates[1].first, ==, 7);
	g_assert_true(uc_policy_blocks_version(policy, "1.0.1"));
	g_assert_cmpint(policy->idle_secs, ==, 61);
	g_assert_cmpint(policy->poll_secs, ==, 601);
	g_assert_cmpint(policy->spread_secs, ==, 62);
	g_assert_cmpint(policy->prompt_secs, ==, 63);
	g_assert_cmpint(policy->snooze_secs, ==, 64);
	g_assert_cmpint(policy->after_call_secs, ==, 65);
	g_assert_cmpint(policy->battery_percent, ==, 66);
	g_assert_cmpint(policy->hard_deadline_secs, ==, 3605);
	for (guint i = 0; i < UC_SEVERITY_LAST; i++)
		g_assert_cmpint(policy->deadline_secs[i], ==, 3604 - (gint64)i);
	g_assert_cmpuint(policy->style, ==, UC_STYLE_PROMPT);
	g_assert_cmpuint(policy->restart_prompt, ==, UC_RESTART_PROMPT_OFF);
	g_assert_cmpuint(policy->first_update, ==, UC_FIRST_UPDATE_NORMAL);
	g_assert_true(policy->wake_display && policy->apply_on_shutdown && policy->metered);
}

/* what endpoints make of a value that the mirror's own range does not stop */
static gboolean
uc_test_policy_reads(const UcRulesKey *key, guint64 value, GError **error)
{
	g_autofree gchar *text = g_strdup_printf("%" G_GUINT64_FORMAT, value);
	const UcRulesValue where = {.path = "x", .group = "Policy", .key = key->key, .text = text};
	g_autoptr(JsonObject) body = json_object_new();
	JsonObject *defaults = json_object_new();
	g_autoptr(UcPolicy) policy = NULL;
	UcRulesKey wide = *key;

	wide.min = 0;
	wide.max = G_MAXINT64;
	json_object_set_object_member(body, "defaults", defaults);
	g_assert_true(wide.take(defaults, &wide, &where, NULL));
	policy = uc_policy_from_json(body, error);
	return policy != NULL;
}

/* the ranges of the two tables are one: at both ends, and a step beyond each */
static void
uc_test_policy_ranges(gconstpointer user_data)
{
	static const gchar *const names[] = {"IdleSec",
					     "PollSec",
					     "SpreadSec",
					     "PromptSec",
					     "SnoozeSec",
					     "AfterCallSec",
					     "BatteryPercent",
					     "DeadlineLowSec",
					     "DeadlineMediumSec",
					     "DeadlineHighSec",
					     "DeadlineCriticalSec",
					     "HardDeadlineSec"};

	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		const UcRulesKey *key = uc_rules_key_find(names[i], UC_RULES_DEFAULTS);
		g_autoptr(GError) error = NULL;

		g_test_message("%s", names[i]);
		g_assert_nonnull(key);
		g_assert_true(uc_test_policy_reads(key, key->min, &error));
		g_assert_no_error(error);
		g_assert_true(uc_test_policy_reads(key, key->max, &error));
		g_assert_no_error(error);
		g_assert_false(uc_test_policy_reads(key, key->max + 1, &error));
		g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
		g_clear_error(&error);
		if (key->min == 0)
			continue;
		g_assert_false(uc_test_policy_reads(key, key->min - 1, &error));
		g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
	}
}

static void
uc_test_policy_sections(UcTest *self, gconstpointer user_data)
{
	const struct {
		UcSubject subject;
		gint64 idle_secs;
	} cases[] = {
	    {{"desk", "acme", "other", NULL}, 61},
	    {{"desk", "acme", "icon400", NULL}, 71},
	    {{"codec", "acme", "icon400", NULL}, 72},
	    {{"desk", "acme", "icon400", "berlin"}, 72},
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) body =
	    uc_test_compile(self,
			    "[Policy]\nIdleSec=61\n"
			    "[Model ACME/Icon400]\nIdleSec=71\n"
			    "[Group berlin]\nEndpoints=codec\nIdleSec=72\n",
			    &error);
	g_autoptr(UcPolicy) policy = NULL;

	g_assert_no_error(error);
	policy = uc_policy_from_json(body, &error);
	g_assert_no_error(error);
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(UcPolicy) selected = uc_policy_select(policy, &cases[i].subject);

		g_assert_cmpint(selected->idle_secs, ==, cases[i].idle_secs);
	}
}

static void
uc_test_policy_test_devices(UcTest *self, gconstpointer user_data)
{
	const UcSubject known = {"serial/acme/AC1", "acme", "icon400", NULL};
	const UcSubject other = {"serial/acme/AC2", "acme", "icon400", NULL};
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) body = NULL;
	g_autoptr(UcPolicy) policy = NULL;
	g_autoptr(UcPolicy) selected = NULL;
	g_autoptr(UcPolicy) not_selected = NULL;

	g_assert_true(uc_database_run(self->mirror->database,
				      &error,
				      "INSERT INTO test_devices (kind, value) VALUES ('id', ?)",
				      "s",
				      known.endpoint));
	body = uc_test_compile(self, "", &error);
	g_assert_no_error(error);
	policy = uc_policy_from_json(body, &error);
	g_assert_no_error(error);
	selected = uc_policy_select(policy, &known);
	not_selected = uc_policy_select(policy, &other);
	g_assert_true(selected->test_device);
	g_assert_false(not_selected->test_device);
}

/* what no single key shows, and endpoints would refuse */
static void
uc_test_policy_refused(UcTest *self, gconstpointer user_data)
{
	const gchar *const cases[] = {
	    "[Policy]\nDeadlineLowSec=7200\nHardDeadlineSec=3600\n",
	    "[Policy]\nDeadlineLowSec=3599\n",
	    "[Policy]\nHardDeadlineSec=31536001\n",
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(uc_test_compile(self, cases[i], &error));
		g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
		g_test_message("%s", error->message);
		if (i == 0)
			g_assert_nonnull(strstr(error->message, "endpoints would refuse"));
	}
}

#define UC_TEST_ADD(path, func) \
	g_test_add(path, UcTest, NULL, uc_test_set_up, func, uc_test_tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	UC_TEST_ADD("/policy-compile/every-key", uc_test_policy_every_key);
	g_test_add_data_func("/policy-compile/ranges", NULL, uc_test_policy_ranges);
	UC_TEST_ADD("/policy-compile/sections", uc_test_policy_sections);
	UC_TEST_ADD("/policy-compile/test-devices", uc_test_policy_test_devices);
	UC_TEST_ADD("/policy-compile/refused", uc_test_policy_refused);
	return g_test_run();
}
