/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-error.h"
#include "uc-json.h"
#include "uc-policy-json.h"

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
uc_policy_json_read_window(UcPolicy *self, JsonArray *array, guint index, GError **error)
{
	UcWindow window = {0};
	JsonObject *object = uc_json_array_get_object(array, index, "windows", error);

	if (object == NULL)
		return FALSE;
	if (!uc_policy_json_read_time(object, "start", &window.start_mins, error) ||
	    !uc_policy_json_read_time(object, "end", &window.end_mins, error)) {
		g_prefix_error(error, "window %u: ", index);
		return FALSE;
	}
	if (window.start_mins == UC_WINDOW_MINS_DAY) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "window %u: 'start' is 24:00, expected 00:00 to 23:59",
			    index);
		return FALSE;
	}
	g_array_append_val(self->windows, window);
	return TRUE;
}

static gboolean
uc_policy_json_read_windows(UcPolicy *self, JsonObject *defaults, GError **error)
{
	JsonArray *array = NULL;

	if (!uc_json_get_array(defaults,
			       "windows",
			       UC_JSON_OPTIONAL,
			       UC_POLICY_WINDOWS_MAX,
			       &array,
			       error))
		return FALSE;
	if (array == NULL)
		return TRUE;
	g_array_set_size(self->windows, 0);
	for (guint i = 0; i < json_array_get_length(array); i++) {
		if (!uc_policy_json_read_window(self, array, i, error))
			return FALSE;
	}
	return TRUE;
}

/**
 * uc_policy_from_json:
 * @body: the body of a policy document, docs/policy.md; whoever calls has verified it
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT with the member, the value and the range
 *
 * Returns: (transfer full): the policy, or %NULL
 */
UcPolicy *
uc_policy_from_json(JsonObject *body, GError **error)
{
	g_autoptr(UcPolicy) self = uc_policy_new();
	JsonObject *defaults = NULL;

	if (!uc_json_get_time(body, "expires", UC_JSON_OPTIONAL, &self->expires_secs, error) ||
	    !uc_json_get_object(body, "defaults", UC_JSON_OPTIONAL, &defaults, error))
		return NULL;
	if (defaults == NULL)
		return g_steal_pointer(&self);
	if (!uc_policy_json_read_windows(self, defaults, error) ||
	    !uc_json_get_int64(defaults,
			       "idle_secs",
			       UC_JSON_OPTIONAL,
			       0,
			       86400,
			       &self->idle_secs,
			       error) ||
	    !uc_json_get_int64(defaults,
			       "poll_secs",
			       UC_JSON_OPTIONAL,
			       10,
			       604800,
			       &self->poll_secs,
			       error)) {
		g_prefix_error(error, "defaults: ");
		return NULL;
	}
	return g_steal_pointer(&self);
}
