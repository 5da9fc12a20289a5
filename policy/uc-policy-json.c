/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* policy.json, docs/policy.md. Whoever calls has verified the document. */

#include <string.h>

#include "uc-civil.h"
#include "uc-error.h"
#include "uc-json.h"
#include "uc-limits.h"
#include "uc-members.h"
#include "uc-policy-groups.h"
#include "uc-policy-json.h"
#include "uc-policy-select.h"

static const gchar *const uc_policy_styles[] = {"idle", "prompt", NULL};
static const gchar *const uc_policy_restart_prompts[] = {"ask", "start", "off", NULL};
static const gchar *const uc_policy_first_updates[] = {"mandatory", "normal", NULL};
static const gchar *const uc_policy_weekdays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

#define AT(member) G_STRUCT_OFFSET(UcPolicy, member)
#define INT(member, min, max)                                      \
	{                                                          \
#member, UC_MEMBER_INT, AT(member), min, max, NULL \
	}
#define BOOLEAN(member)                                            \
	{                                                          \
#member, UC_MEMBER_BOOLEAN, AT(member), 0, 0, NULL \
	}
#define ENUM(member, list)                                      \
	{                                                       \
#member, UC_MEMBER_ENUM, AT(member), 0, 0, list \
	}
#define UC_POLICY_YEAR_SECS	 (365 * 86400)
#define UC_POLICY_DEADLINE_FIRST 3600

static const UcMember uc_policy_members[] = {
    INT(idle_secs, 0, 86400),
    INT(poll_secs, 10, 604800),
    INT(spread_secs, 0, 86400),
    INT(prompt_secs, 10, 3600),
    INT(snooze_secs, 60, 86400),
    INT(after_call_secs, 0, 86400),
    INT(hard_deadline_secs, 0, UC_POLICY_YEAR_SECS),
    INT(battery_percent, 0, 101),
    ENUM(style, uc_policy_styles),
    ENUM(restart_prompt, uc_policy_restart_prompts),
    ENUM(first_update, uc_policy_first_updates),
    BOOLEAN(wake_display),
    BOOLEAN(apply_on_shutdown),
    BOOLEAN(metered),
    BOOLEAN(or_newer),
    BOOLEAN(where_offered),
    {"use_version", UC_MEMBER_TEXT, AT(use_version), 0, 64, NULL},
};

static gboolean
uc_policy_json_read_time(JsonObject *object, const gchar *member, gint *mins_out, GError **error)
{
	const gchar *text = NULL;

	if (!uc_json_get_string(object, member, UC_JSON_REQUIRED, 16, &text, error))
		return FALSE;
	if (uc_window_parse_time(text, mins_out))
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "member '%s' is '%s', expected HH:MM from 00:00 to 24:00",
		    member,
		    text);
	return FALSE;
}

static gboolean
uc_policy_json_read_weekdays(UcWindow *window, JsonObject *object, GError **error)
{
	g_auto(GStrv) days = NULL;

	window->weekdays = UC_WINDOW_ALL_DAYS;
	if (!uc_json_get_strv(object, "days", UC_JSON_OPTIONAL, 7, 8, &days, error))
		return FALSE;
	if (days == NULL)
		return TRUE;
	window->weekdays = 0;
	for (guint i = 0; days[i] != NULL; i++) {
		guint day = 0;

		while (day < G_N_ELEMENTS(uc_policy_weekdays) &&
		       !g_str_equal(days[i], uc_policy_weekdays[day]))
			day++;
		window->weekdays |= 1u << day;
	}
	if (window->weekdays != 0 && window->weekdays <= UC_WINDOW_ALL_DAYS)
		return TRUE;
	g_set_error_literal(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "member 'days' is expected to have some of: mon, tue, wed, thu, fri, "
			    "sat, sun");
	return FALSE;
}

static gboolean
uc_policy_json_read_window(UcPolicy *self, JsonObject *object, GError **error)
{
	UcWindow window = {0};

	if (!uc_policy_json_read_time(object, "start", &window.start_mins, error) ||
	    !uc_policy_json_read_time(object, "end", &window.end_mins, error) ||
	    !uc_policy_json_read_weekdays(&window, object, error))
		return FALSE;
	if (window.start_mins == UC_WINDOW_MINS_DAY) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "'start' is 24:00, expected 00:00 to 23:59");
		return FALSE;
	}
	g_array_append_val(self->windows, window);
	return TRUE;
}

static gboolean
uc_policy_json_read_rollout(UcPolicy *self, JsonObject *object, GError **error)
{
	UcRollout rollout = {.percent = 100};
	const gchar *version = NULL;

	if (!uc_json_get_string(object, "version", UC_JSON_REQUIRED, 64, &version, error) ||
	    !uc_json_get_time(object, "start", UC_JSON_OPTIONAL, &rollout.start_secs, error) ||
	    !uc_json_get_int64(object,
			       "duration_secs",
			       UC_JSON_OPTIONAL,
			       0,
			       UC_POLICY_YEAR_SECS,
			       &rollout.duration_secs,
			       error) ||
	    !uc_json_get_int64(object,
			       "percent",
			       UC_JSON_OPTIONAL,
			       0,
			       100,
			       &rollout.percent,
			       error) ||
	    !uc_json_get_boolean(object, "halted", UC_JSON_OPTIONAL, &rollout.halted, error))
		return FALSE;
	rollout.version = (gchar *)version;
	uc_policy_add_rollout(self, &rollout);
	return TRUE;
}

typedef gboolean (*UcPolicyReadFunc)(UcPolicy *self, JsonObject *object, GError **error);

static gboolean
uc_policy_json_read_objects(UcPolicy *self,
			    JsonObject *section,
			    const gchar *member,
			    guint max_elements,
			    UcPolicyReadFunc read,
			    GError **error)
{
	JsonArray *array = NULL;

	if (!uc_json_get_array(section, member, UC_JSON_OPTIONAL, max_elements, &array, error))
		return FALSE;
	for (guint i = 0; array != NULL && i < json_array_get_length(array); i++) {
		JsonObject *object = uc_json_array_get_object(array, i, member, error);

		if (object == NULL)
			return FALSE;
		if (!read(self, object, error)) {
			g_prefix_error(error, "%s[%u]: ", member, i);
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean
uc_policy_json_read_windows(UcPolicy *self, JsonObject *section, GError **error)
{
	JsonNode *node = json_object_get_member(section, "windows");

	/* a section's windows take the place of those before it */
	if (node != NULL && !JSON_NODE_HOLDS_NULL(node))
		g_array_set_size(self->windows, 0);
	return uc_policy_json_read_objects(self,
					   section,
					   "windows",
					   UC_POLICY_WINDOWS_MAX,
					   uc_policy_json_read_window,
					   error);
}

/* `YYYY-MM-DD` or `YYYY-MM-DD/YYYY-MM-DD`, both included */
static gboolean
uc_policy_json_parse_dates(const gchar *text, UcDates *dates)
{
	g_auto(GStrv) parts = g_strsplit(text, "/", 2);

	if (parts[0] == NULL || !uc_civil_parse(parts[0], &dates->first))
		return FALSE;
	dates->last = dates->first;
	return parts[1] == NULL ||
	       (uc_civil_parse(parts[1], &dates->last) && dates->last >= dates->first);
}

static gboolean
uc_policy_json_read_dates(UcPolicy *self, JsonObject *section, GError **error)
{
	g_auto(GStrv) texts = NULL;

	if (!uc_json_get_strv(section,
			      "blocked_dates",
			      UC_JSON_OPTIONAL,
			      UC_POLICY_DATES_MAX,
			      32,
			      &texts,
			      error))
		return FALSE;
	if (texts != NULL)
		g_array_set_size(self->blocked_dates, 0);
	for (guint i = 0; texts != NULL && texts[i] != NULL; i++) {
		UcDates dates = {0};

		if (!uc_policy_json_parse_dates(texts[i], &dates)) {
			g_set_error(error,
				    UC_ERROR,
				    UC_ERROR_INVALID,
				    "blocked_dates[%u] is '%s', expected YYYY-MM-DD or "
				    "YYYY-MM-DD/YYYY-MM-DD",
				    i,
				    texts[i]);
			return FALSE;
		}
		g_array_append_val(self->blocked_dates, dates);
	}
	return TRUE;
}

static gboolean
uc_policy_json_read_versions(UcPolicy *self, JsonObject *section, GError **error)
{
	g_auto(GStrv) versions = NULL;

	if (!uc_json_get_strv(section,
			      "blocked_versions",
			      UC_JSON_OPTIONAL,
			      UC_POLICY_DATES_MAX,
			      64,
			      &versions,
			      error))
		return FALSE;
	for (guint i = 0; versions != NULL && versions[i] != NULL; i++) {
		if (self->blocked_versions->len < UC_POLICY_NAMES_MAX)
			g_ptr_array_add(self->blocked_versions, g_strdup(versions[i]));
	}
	return TRUE;
}

static gboolean
uc_policy_json_read_deadlines(UcPolicy *self, JsonObject *section, GError **error)
{
	static const gchar *const names[] = {"low", "medium", "high", "critical"};
	JsonObject *object = NULL;

	G_STATIC_ASSERT(G_N_ELEMENTS(names) == UC_SEVERITY_LAST);
	if (!uc_json_get_object(section, "deadline_secs", UC_JSON_OPTIONAL, &object, error))
		return FALSE;
	for (guint i = 0; object != NULL && i < G_N_ELEMENTS(names); i++) {
		if (!uc_json_get_int64(object,
				       names[i],
				       UC_JSON_OPTIONAL,
				       UC_POLICY_DEADLINE_FIRST,
				       UC_POLICY_YEAR_SECS,
				       &self->deadline_secs[i],
				       error)) {
			g_prefix_error(error, "deadline_secs: ");
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean
uc_policy_json_check(const UcPolicy *self, GError **error)
{
	for (guint i = 0; i < UC_SEVERITY_LAST && self->hard_deadline_secs > 0; i++) {
		if (self->deadline_secs[i] <= self->hard_deadline_secs)
			continue;
		g_set_error(
		    error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "member 'hard_deadline_secs' is %" G_GINT64_FORMAT
		    ", expected not less than any of 'deadline_secs', which has %" G_GINT64_FORMAT,
		    self->hard_deadline_secs,
		    self->deadline_secs[i]);
		return FALSE;
	}
	return TRUE;
}

/**
 * uc_policy_apply_json:
 * @section: `defaults` of a policy document, or an element of `models` or `groups`
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT; @self is of no use then
 *
 * Puts what the section says in the place of what was there. Unknown members are ignored.
 */
gboolean
uc_policy_apply_json(UcPolicy *self, JsonObject *section, GError **error)
{
	return uc_members_read(uc_policy_members,
			       G_N_ELEMENTS(uc_policy_members),
			       section,
			       self,
			       error) &&
	       uc_policy_json_read_windows(self, section, error) &&
	       uc_policy_json_read_dates(self, section, error) &&
	       uc_policy_json_read_versions(self, section, error) &&
	       uc_policy_json_read_deadlines(self, section, error) &&
	       uc_policy_json_read_objects(self,
					   section,
					   "rollouts",
					   UC_POLICY_ROLLOUTS_MAX,
					   uc_policy_json_read_rollout,
					   error) &&
	       uc_policy_json_check(self, error);
}

/**
 * uc_policy_from_json:
 * @body: the body of a policy document, docs/policy.md; whoever calls has verified it
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT with the member, the value and the range
 *
 * Returns: (transfer full): the policy of `defaults`, see uc_policy_select(), or %NULL
 */
UcPolicy *
uc_policy_from_json(JsonObject *body, GError **error)
{
	g_autoptr(UcPolicy) self = uc_policy_new();
	JsonObject *defaults = NULL;

	if (!uc_json_get_time(body, "expires", UC_JSON_OPTIONAL, &self->expires_secs, error) ||
	    !uc_json_get_object(body, "defaults", UC_JSON_OPTIONAL, &defaults, error))
		return NULL;
	if (defaults != NULL && !uc_policy_apply_json(self, defaults, error)) {
		g_prefix_error(error, "defaults: ");
		return NULL;
	}
	self->sections = json_object_ref(body);
	if (!uc_policy_check_sections(self, error))
		return NULL;
	self->groups = uc_policy_groups_new(body);
	return g_steal_pointer(&self);
}
