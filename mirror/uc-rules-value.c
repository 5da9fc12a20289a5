/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The values of `rules.d/`, each from its text to the member of policy.json (docs/policy.md) that
 * it becomes.
 */

#include <string.h>

#include "uc-config.h"
#include "uc-error.h"
#include "uc-rules-value.h"
#include "uc-test-device.h"

#define UC_RULES_WINDOWS_MAX  16
#define UC_RULES_DATES_MAX    64
#define UC_RULES_VERSIONS_MAX 64
#define UC_RULES_NAMES_MAX    1000
#define UC_RULES_TEXT_BYTES   256

static const gchar *const uc_rules_styles[] = {"idle", "prompt", NULL};
static const gchar *const uc_rules_restart_prompts[] = {"ask", "start", "off", NULL};
static const gchar *const uc_rules_first_updates[] = {"mandatory", "normal", NULL};
static const gchar *const uc_rules_days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};

/**
 * uc_rules_value_fail:
 * @expected: the range
 * @error: set to %UC_ERROR_INVALID with file, group, key, value and range
 *
 * Returns: %FALSE
 */
gboolean
uc_rules_value_fail(const UcRulesValue *value, const gchar *expected, GError **error)
{
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "%s: [%s] %s is '%s', expected %s",
		    value->path,
		    value->group,
		    value->key,
		    value->text,
		    expected);
	return FALSE;
}

/* HH:MM from 00:00 to 24:00 */
static gboolean
uc_rules_is_time(const gchar *text)
{
	guint hour = 0;
	guint minute = 0;

	if (strlen(text) != 5 || text[2] != ':' || !g_ascii_isdigit(text[0]) ||
	    !g_ascii_isdigit(text[1]) || !g_ascii_isdigit(text[3]) || !g_ascii_isdigit(text[4]))
		return FALSE;
	hour = (guint)(text[0] - '0') * 10 + (guint)(text[1] - '0');
	minute = (guint)(text[3] - '0') * 10 + (guint)(text[4] - '0');
	return (hour < 24 && minute < 60) || (hour == 24 && minute == 0);
}

/* `mon,tue` before the times; without it every day */
static gboolean
uc_rules_add_days(JsonObject *window, const gchar *text)
{
	g_auto(GStrv) names = g_strsplit(text, ",", -1);
	g_autoptr(JsonArray) days = json_array_new();

	for (guint i = 0; names[i] != NULL; i++) {
		if (!g_strv_contains(uc_rules_days, names[i]) || i >= G_N_ELEMENTS(uc_rules_days))
			return FALSE;
		json_array_add_string_element(days, names[i]);
	}
	json_object_set_array_member(window, "days", g_steal_pointer(&days));
	return TRUE;
}

static gboolean
uc_rules_add_window(JsonArray *windows, const gchar *text)
{
	const gchar *space = strchr(text, ' ');
	const gchar *times = space != NULL ? space + 1 : text;
	g_autofree gchar *days = space != NULL ? g_strndup(text, (gsize)(space - text)) : NULL;
	g_auto(GStrv) ends = g_strsplit(times, "-", 2);
	g_autoptr(JsonObject) window = json_object_new();

	if (ends[0] == NULL || ends[1] == NULL || !uc_rules_is_time(ends[0]) ||
	    !uc_rules_is_time(ends[1]) || g_str_equal(ends[0], "24:00"))
		return FALSE;
	json_object_set_string_member(window, "start", ends[0]);
	json_object_set_string_member(window, "end", ends[1]);
	if (days != NULL && !uc_rules_add_days(window, days))
		return FALSE;
	json_array_add_object_element(windows, g_steal_pointer(&window));
	return TRUE;
}

static gboolean
uc_rules_take_windows(JsonObject *object,
		      const UcRulesKey *key,
		      const UcRulesValue *value,
		      GError **error)
{
	g_autoptr(JsonArray) windows = json_array_new();
	g_auto(GStrv) parts = g_strsplit(value->text, ";", -1);
	gboolean never = g_str_equal(value->text, "never");
	gboolean valid = TRUE;

	for (guint i = 0; !never && valid && parts[i] != NULL; i++) {
		g_strstrip(parts[i]);
		if (parts[i][0] != '\0')
			valid = uc_rules_add_window(windows, parts[i]);
	}
	if (!valid || (!never && json_array_get_length(windows) == 0) ||
	    json_array_get_length(windows) > UC_RULES_WINDOWS_MAX)
		return uc_rules_value_fail(
		    value,
		    "'never' or 1 to 16 windows HH:MM-HH:MM from 00:00 to 24:00, separated by "
		    "';', each with the days before it if it is not for all, such as "
		    "'sat,sun 08:00-20:00'",
		    error);
	json_object_set_array_member(object, key->member, g_steal_pointer(&windows));
	return TRUE;
}

static gboolean
uc_rules_is_date(const gchar *text)
{
	g_autofree gchar *full = g_strdup_printf("%sT00:00:00Z", text);
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(full, NULL);

	return strlen(text) == 10 && text[4] == '-' && text[7] == '-' && time != NULL;
}

static gboolean
uc_rules_add_dates(JsonArray *dates, const gchar *text)
{
	g_auto(GStrv) ends = g_strsplit(text, "/", 2);
	const gchar *last = ends[0] != NULL && ends[1] != NULL ? ends[1] : ends[0];

	if (last == NULL || !uc_rules_is_date(ends[0]) || !uc_rules_is_date(last) ||
	    strcmp(ends[0], last) > 0)
		return FALSE;
	json_array_add_string_element(dates, text);
	return TRUE;
}

static gboolean
uc_rules_take_dates(JsonObject *object,
		    const UcRulesKey *key,
		    const UcRulesValue *value,
		    GError **error)
{
	g_autoptr(JsonArray) dates = json_array_new();
	g_auto(GStrv) parts = g_strsplit(value->text, ";", -1);
	gboolean valid = TRUE;

	for (guint i = 0; valid && parts[i] != NULL; i++) {
		g_strstrip(parts[i]);
		if (parts[i][0] != '\0')
			valid = uc_rules_add_dates(dates, parts[i]);
	}
	if (!valid || json_array_get_length(dates) > UC_RULES_DATES_MAX)
		return uc_rules_value_fail(
		    value,
		    "at most 64 dates YYYY-MM-DD or ranges YYYY-MM-DD/YYYY-MM-DD, separated "
		    "by ';'",
		    error);
	json_object_set_array_member(object, key->member, g_steal_pointer(&dates));
	return TRUE;
}

static gboolean
uc_rules_take_uint(JsonObject *object,
		   const UcRulesKey *key,
		   const UcRulesValue *value,
		   GError **error)
{
	g_autofree gchar *expected = NULL;
	guint64 number = 0;

	if (uc_keyfile_parse_uint(value->text, key->min, key->max, &number)) {
		json_object_set_int_member(object, key->member, (gint64)number);
		return TRUE;
	}
	expected =
	    g_strdup_printf("a number of %s from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
			    key->unit,
			    key->min,
			    key->max);
	return uc_rules_value_fail(value, expected, error);
}

/* the deadlines stand in one object by severity */
static gboolean
uc_rules_take_deadline(JsonObject *object,
		       const UcRulesKey *key,
		       const UcRulesValue *value,
		       GError **error)
{
	JsonObject *deadlines = NULL;

	if (!json_object_has_member(object, "deadline_secs"))
		json_object_set_object_member(object, "deadline_secs", json_object_new());
	deadlines = json_object_get_object_member(object, "deadline_secs");
	return uc_rules_take_uint(deadlines, key, value, error);
}

static gboolean
uc_rules_take_boolean(JsonObject *object,
		      const UcRulesKey *key,
		      const UcRulesValue *value,
		      GError **error)
{
	if (!g_str_equal(value->text, "true") && !g_str_equal(value->text, "false"))
		return uc_rules_value_fail(value, "true or false", error);
	json_object_set_boolean_member(object, key->member, g_str_equal(value->text, "true"));
	return TRUE;
}

static gboolean
uc_rules_take_name(JsonObject *object,
		   const UcRulesKey *key,
		   const UcRulesValue *value,
		   GError **error)
{
	g_autofree gchar *expected = NULL;

	if (g_strv_contains(key->names, value->text)) {
		json_object_set_string_member(object, key->member, value->text);
		return TRUE;
	}
	expected = g_strjoinv(", ", (GStrv)key->names);
	return uc_rules_value_fail(value, expected, error);
}

/* as `test-device` takes it: endpoints have one way to write a MAC address */
static void
uc_rules_add_text(JsonArray *list, const gchar *text)
{
	g_autofree gchar *mac = uc_test_device_parse_mac(text);

	json_array_add_string_element(list, mac != NULL ? mac : text);
}

static gboolean
uc_rules_take_list(JsonObject *object,
		   const UcRulesKey *key,
		   const UcRulesValue *value,
		   GError **error)
{
	g_autoptr(JsonArray) list = json_array_new();
	g_auto(GStrv) parts = g_strsplit(value->text, ";", -1);
	g_autofree gchar *expected = NULL;
	gboolean valid = g_utf8_validate(value->text, -1, NULL);

	for (guint i = 0; valid && parts[i] != NULL; i++) {
		g_strstrip(parts[i]);
		valid = strlen(parts[i]) <= UC_RULES_TEXT_BYTES;
		if (parts[i][0] != '\0')
			uc_rules_add_text(list, parts[i]);
	}
	if (valid && json_array_get_length(list) <= key->max) {
		json_object_set_array_member(object, key->member, g_steal_pointer(&list));
		return TRUE;
	}
	expected =
	    g_strdup_printf("at most %" G_GUINT64_FORMAT " %s of at most %d bytes, separated "
			    "by ';'",
			    key->max,
			    key->unit,
			    UC_RULES_TEXT_BYTES);
	return uc_rules_value_fail(value, expected, error);
}

#define UC_RULES_YEAR_SECS	     (365 * 86400)
#define UC_RULES_DEADLINE_FIRST_SECS 3600

static const UcRulesKey uc_rules_keys[] = {
    {"Windows", "windows", UC_RULES_ANY, uc_rules_take_windows},
    {"BlockedDates", "blocked_dates", UC_RULES_ANY, uc_rules_take_dates},
    {"BlockedVersions",
     "blocked_versions",
     UC_RULES_ANY,
     uc_rules_take_list,
     0,
     UC_RULES_VERSIONS_MAX,
     "versions"},
    {"IdleSec", "idle_secs", UC_RULES_ANY, uc_rules_take_uint, 0, 86400, "seconds"},
    {"PollSec", "poll_secs", UC_RULES_ANY, uc_rules_take_uint, 10, 604800, "seconds"},
    {"SpreadSec", "spread_secs", UC_RULES_ANY, uc_rules_take_uint, 0, 86400, "seconds"},
    {"Style", "style", UC_RULES_ANY, uc_rules_take_name, .names = uc_rules_styles},
    {"PromptSec", "prompt_secs", UC_RULES_ANY, uc_rules_take_uint, 10, 3600, "seconds"},
    {"SnoozeSec", "snooze_secs", UC_RULES_ANY, uc_rules_take_uint, 60, 86400, "seconds"},
    {"AfterCallSec", "after_call_secs", UC_RULES_ANY, uc_rules_take_uint, 0, 86400, "seconds"},
    {"RestartPrompt",
     "restart_prompt",
     UC_RULES_ANY,
     uc_rules_take_name,
     .names = uc_rules_restart_prompts},
    {"FirstUpdate",
     "first_update",
     UC_RULES_ANY,
     uc_rules_take_name,
     .names = uc_rules_first_updates},
    {"WakeDisplay", "wake_display", UC_RULES_ANY, uc_rules_take_boolean},
    {"ApplyOnShutdown", "apply_on_shutdown", UC_RULES_ANY, uc_rules_take_boolean},
    {"Metered", "metered", UC_RULES_ANY, uc_rules_take_boolean},
    {"BatteryPercent", "battery_percent", UC_RULES_ANY, uc_rules_take_uint, 0, 101, "per cent"},
    {"DeadlineLowSec",
     "low",
     UC_RULES_ANY,
     uc_rules_take_deadline,
     UC_RULES_DEADLINE_FIRST_SECS,
     UC_RULES_YEAR_SECS,
     "seconds"},
    {"DeadlineMediumSec",
     "medium",
     UC_RULES_ANY,
     uc_rules_take_deadline,
     UC_RULES_DEADLINE_FIRST_SECS,
     UC_RULES_YEAR_SECS,
     "seconds"},
    {"DeadlineHighSec",
     "high",
     UC_RULES_ANY,
     uc_rules_take_deadline,
     UC_RULES_DEADLINE_FIRST_SECS,
     UC_RULES_YEAR_SECS,
     "seconds"},
    {"DeadlineCriticalSec",
     "critical",
     UC_RULES_ANY,
     uc_rules_take_deadline,
     UC_RULES_DEADLINE_FIRST_SECS,
     UC_RULES_YEAR_SECS,
     "seconds"},
    {"HardDeadlineSec",
     "hard_deadline_secs",
     UC_RULES_ANY,
     uc_rules_take_uint,
     0,
     UC_RULES_YEAR_SECS,
     "seconds"},
    {"RolloutSec",
     UC_RULES_ROLLOUT_SECS,
     UC_RULES_MIRROR,
     uc_rules_take_uint,
     0,
     UC_RULES_YEAR_SECS,
     "seconds"},
    {"RolloutPercent",
     UC_RULES_ROLLOUT_PERCENT,
     UC_RULES_MIRROR,
     uc_rules_take_uint,
     0,
     100,
     "per cent"},
    {"HaltPercent", UC_RULES_HALT_PERCENT, UC_RULES_MIRROR, uc_rules_take_uint, 1, 100, "per cent"},
    {"HaltMinimum",
     UC_RULES_HALT_MINIMUM,
     UC_RULES_MIRROR,
     uc_rules_take_uint,
     1,
     100000,
     "endpoints"},
    {"Endpoints",
     "endpoints",
     UC_RULES_GROUP,
     uc_rules_take_list,
     0,
     UC_RULES_NAMES_MAX,
     "serials, MAC addresses or identities"},
};

/**
 * uc_rules_key_find:
 * @name: of a key
 * @scope: where it stands
 *
 * Returns: (transfer none) (nullable): how it is read; %NULL if it is no rule there
 */
const UcRulesKey *
uc_rules_key_find(const gchar *name, UcRulesScopeKind scope)
{
	for (guint i = 0; i < G_N_ELEMENTS(uc_rules_keys); i++) {
		if (g_str_equal(uc_rules_keys[i].key, name) &&
		    (uc_rules_keys[i].scopes & scope) != 0)
			return &uc_rules_keys[i];
	}
	return NULL;
}
