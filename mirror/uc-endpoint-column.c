/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What `endpoints` can show, filter by and sort by. */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "uc-endpoint-column.h"
#include "uc-error.h"
#include "uc-version.h"

#define UC_ENDPOINT_COLUMN_TEXT(name)                                                    \
	static gchar *uc_endpoint_column_get_##name(const UcInventoryEndpoint *endpoint) \
	{                                                                                \
		return g_strdup(endpoint->name);                                         \
	}
#define UC_ENDPOINT_COLUMN_TIME(name, field)                                             \
	static gchar *uc_endpoint_column_get_##name(const UcInventoryEndpoint *endpoint) \
	{                                                                                \
		return uc_endpoint_column_format_time(endpoint->field);                  \
	}                                                                                \
	static gint uc_endpoint_column_compare_##name(const UcInventoryEndpoint *a,      \
						      const UcInventoryEndpoint *b)      \
	{                                                                                \
		return (a->field > b->field) - (a->field < b->field);                    \
	}

static gchar *
uc_endpoint_column_format_time(gint64 secs)
{
	g_autoptr(GDateTime) time = secs != 0 ? g_date_time_new_from_unix_utc(secs) : NULL;

	return time != NULL ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ") : g_strdup("");
}

static gchar *
uc_endpoint_column_get_id(const UcInventoryEndpoint *endpoint)
{
	return g_strdup_printf("%" G_GINT64_FORMAT, endpoint->row);
}

static gint
uc_endpoint_column_compare_id(const UcInventoryEndpoint *a, const UcInventoryEndpoint *b)
{
	return (a->row > b->row) - (a->row < b->row);
}

static gint
uc_endpoint_column_compare_version(const UcInventoryEndpoint *a, const UcInventoryEndpoint *b)
{
	return uc_version_compare(a->version, b->version);
}

UC_ENDPOINT_COLUMN_TEXT(identity)
UC_ENDPOINT_COLUMN_TEXT(vendor)
UC_ENDPOINT_COLUMN_TEXT(model)
UC_ENDPOINT_COLUMN_TEXT(hardware_level)
UC_ENDPOINT_COLUMN_TEXT(serial)
UC_ENDPOINT_COLUMN_TEXT(mac_address)
UC_ENDPOINT_COLUMN_TEXT(version)
UC_ENDPOINT_COLUMN_TEXT(state)
UC_ENDPOINT_COLUMN_TEXT(reason)
UC_ENDPOINT_COLUMN_TEXT(agent_version)
UC_ENDPOINT_COLUMN_TEXT(last_event)
UC_ENDPOINT_COLUMN_TEXT(blocked)
UC_ENDPOINT_COLUMN_TIME(blocked_since, blocked_since_secs)
UC_ENDPOINT_COLUMN_TIME(first_seen, first_seen_secs)
UC_ENDPOINT_COLUMN_TIME(last_seen, last_seen_secs)
UC_ENDPOINT_COLUMN_TIME(last_report, last_report_secs)

#define UC_ENDPOINT_COLUMN(name, title)                           \
	{                                                         \
#name, title, uc_endpoint_column_get_##name, NULL \
	}
#define UC_ENDPOINT_COLUMN_BY(name, title)                                                     \
	{                                                                                      \
#name, title, uc_endpoint_column_get_##name, uc_endpoint_column_compare_##name \
	}

static const UcEndpointColumn uc_endpoint_columns[] = {
    UC_ENDPOINT_COLUMN_BY(id, N_("ID")),
    UC_ENDPOINT_COLUMN(identity, N_("IDENTITY")),
    UC_ENDPOINT_COLUMN(vendor, N_("VENDOR")),
    UC_ENDPOINT_COLUMN(model, N_("MODEL")),
    UC_ENDPOINT_COLUMN(hardware_level, N_("HW")),
    UC_ENDPOINT_COLUMN(serial, N_("SERIAL")),
    UC_ENDPOINT_COLUMN(mac_address, N_("MAC ADDRESS")),
    UC_ENDPOINT_COLUMN_BY(version, N_("VERSION")),
    UC_ENDPOINT_COLUMN(state, N_("STATE")),
    UC_ENDPOINT_COLUMN(reason, N_("REASON")),
    UC_ENDPOINT_COLUMN(agent_version, N_("AGENT")),
    UC_ENDPOINT_COLUMN(last_event, N_("LAST REPORT")),
    UC_ENDPOINT_COLUMN(blocked, N_("BLOCKED BY")),
    UC_ENDPOINT_COLUMN_BY(blocked_since, N_("SINCE")),
    UC_ENDPOINT_COLUMN_BY(first_seen, N_("FIRST SEEN")),
    UC_ENDPOINT_COLUMN_BY(last_seen, N_("LAST SEEN")),
    UC_ENDPOINT_COLUMN_BY(last_report, N_("REPORTED")),
};

/**
 * uc_endpoint_column_find:
 * @name: of a column
 * @error: set to %UC_ERROR_INVALID with those there are
 *
 * Returns: (transfer none): the column, or %NULL
 */
const UcEndpointColumn *
uc_endpoint_column_find(const gchar *name, GError **error)
{
	g_autoptr(GString) names = g_string_new(NULL);

	for (guint i = 0; i < G_N_ELEMENTS(uc_endpoint_columns); i++) {
		if (g_str_equal(uc_endpoint_columns[i].name, name))
			return &uc_endpoint_columns[i];
		g_string_append_printf(names,
				       "%s%s",
				       i > 0 ? ", " : "",
				       uc_endpoint_columns[i].name);
	}
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "there is no column '%s', expected one of: %s",
		    name,
		    names->str);
	return NULL;
}

/**
 * uc_endpoint_column_filter:
 * @endpoints: (element-type UcInventoryEndpoint): only those that match stay
 * @condition: `COLUMN=VALUE`, where VALUE may have `*` and `?`, in any case
 * @error: set to %UC_ERROR_INVALID
 */
gboolean
uc_endpoint_column_filter(GPtrArray *endpoints, const gchar *condition, GError **error)
{
	g_auto(GStrv) parts = g_strsplit(condition, "=", 2);
	const UcEndpointColumn *column = NULL;
	g_autofree gchar *folded = NULL;
	g_autoptr(GPatternSpec) pattern = NULL;

	if (parts[0] == NULL || parts[1] == NULL || !g_utf8_validate(parts[1], -1, NULL)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "'%s' is no condition, expected COLUMN=VALUE",
			    condition);
		return FALSE;
	}
	column = uc_endpoint_column_find(parts[0], error);
	if (column == NULL)
		return FALSE;
	folded = g_utf8_casefold(parts[1], -1);
	pattern = g_pattern_spec_new(folded);
	for (guint i = endpoints->len; i > 0; i--) {
		g_autofree gchar *text = column->get(g_ptr_array_index(endpoints, i - 1));
		g_autofree gchar *text_folded = g_utf8_casefold(text, -1);

		if (!g_pattern_spec_match_string(pattern, text_folded))
			g_ptr_array_remove_index(endpoints, i - 1);
	}
	return TRUE;
}

static gint
uc_endpoint_column_compare_cb(gconstpointer a, gconstpointer b, gpointer user_data)
{
	const UcEndpointColumn *column = user_data;
	const UcInventoryEndpoint *endpoint_a = *(UcInventoryEndpoint *const *)a;
	const UcInventoryEndpoint *endpoint_b = *(UcInventoryEndpoint *const *)b;
	g_autofree gchar *text_a = NULL;
	g_autofree gchar *text_b = NULL;

	if (column->compare != NULL)
		return column->compare(endpoint_a, endpoint_b);
	text_a = column->get(endpoint_a);
	text_b = column->get(endpoint_b);
	return strcmp(text_a, text_b);
}

void
uc_endpoint_column_sort(GPtrArray *endpoints, const UcEndpointColumn *column)
{
	g_ptr_array_sort_with_data(endpoints, uc_endpoint_column_compare_cb, (gpointer)column);
}
