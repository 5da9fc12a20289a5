/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "uc-command-endpoints.h"
#include "uc-endpoint-column.h"
#include "uc-json.h"
#include "uc-table.h"

/**
 * uc_command_endpoint_to_json:
 *
 * Returns: (transfer full): an endpoint as `--json` shows it
 */
JsonObject *
uc_command_endpoint_to_json(const UcInventoryEndpoint *endpoint)
{
	JsonObject *object = json_object_new();

	json_object_set_int_member(object, "id", endpoint->row);
	json_object_set_string_member(object, "identity", endpoint->identity);
	json_object_set_string_member(object, "vendor", endpoint->vendor);
	json_object_set_string_member(object, "model", endpoint->model);
	json_object_set_string_member(object, "hardware_level", endpoint->hardware_level);
	json_object_set_string_member(object, "serial", endpoint->serial);
	json_object_set_string_member(object, "mac_address", endpoint->mac_address);
	json_object_set_string_member(object, "version", endpoint->version);
	json_object_set_string_member(object, "state", endpoint->state);
	json_object_set_string_member(object, "reason", endpoint->reason);
	json_object_set_string_member(object, "agent_version", endpoint->agent_version);
	if (endpoint->blocked[0] != '\0') {
		json_object_set_string_member(object, "blocked", endpoint->blocked);
		uc_json_set_time(object, "blocked_since", endpoint->blocked_since_secs);
	}
	uc_json_set_time(object, "first_seen", endpoint->first_seen_secs);
	uc_json_set_time(object, "last_seen", endpoint->last_seen_secs);
	if (endpoint->last_report_secs != 0) {
		json_object_set_string_member(object, "last_event", endpoint->last_event);
		uc_json_set_time(object, "last_report", endpoint->last_report_secs);
	}
	return object;
}

#define UC_COMMAND_ENDPOINTS_COLUMNS \
	"id,vendor,model,hardware_level,serial,version,state,last_seen,last_event"
#define UC_COMMAND_ENDPOINTS_BLOCKED "id,vendor,model,serial,version,blocked,blocked_since"

typedef struct {
	gchar *columns;
	gchar *sort;
	GStrv where;
	gboolean blocked;
	gboolean waiting;
	gboolean conflicts;
	gboolean csv;
} UcCommandEndpoints;

static void
uc_command_endpoints_clear(UcCommandEndpoints *self)
{
	g_free(self->columns);
	g_free(self->sort);
	g_strfreev(self->where);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UcCommandEndpoints, uc_command_endpoints_clear)

/* (transfer container) (element-type UcEndpointColumn) */
static GPtrArray *
uc_command_endpoints_list_columns(const UcCommandEndpoints *self, GError **error)
{
	const gchar *fallback = self->blocked ? UC_COMMAND_ENDPOINTS_BLOCKED
					      : UC_COMMAND_ENDPOINTS_COLUMNS;
	const gchar *text = self->columns != NULL ? self->columns : fallback;
	g_auto(GStrv) names = g_strsplit(text, ",", 64);
	g_autoptr(GPtrArray) columns = g_ptr_array_new();

	/* of nothing, g_strsplit() makes not even an empty name */
	if (text[0] == '\0' && uc_endpoint_column_find(text, error) == NULL)
		return NULL;
	for (guint i = 0; names[i] != NULL; i++) {
		const UcEndpointColumn *column = uc_endpoint_column_find(names[i], error);

		if (column == NULL)
			return NULL;
		g_ptr_array_add(columns, (gpointer)column);
	}
	return g_steal_pointer(&columns);
}

static gboolean
uc_command_endpoints_select(const UcCommandEndpoints *self, GPtrArray *endpoints, GError **error)
{
	const UcEndpointColumn *column = NULL;

	for (guint i = 0; self->where != NULL && self->where[i] != NULL; i++) {
		if (!uc_endpoint_column_filter(endpoints, self->where[i], error))
			return FALSE;
	}
	if (self->blocked && !uc_endpoint_column_filter(endpoints, "blocked=?*", error))
		return FALSE;
	if (self->sort == NULL)
		return TRUE;
	column = uc_endpoint_column_find(self->sort, error);
	if (column != NULL)
		uc_endpoint_column_sort(endpoints, column);
	return column != NULL;
}

static GStrv
uc_command_endpoints_get_cells(GPtrArray *columns, const UcInventoryEndpoint *endpoint)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	for (guint i = 0; i < columns->len; i++) {
		const UcEndpointColumn *column = g_ptr_array_index(columns, i);
		g_autofree gchar *text = endpoint != NULL ? column->get(endpoint)
							  : g_strdup(_(column->title));

		g_strv_builder_add(builder, text);
	}
	return g_strv_builder_end(builder);
}

/* RFC 4180; a cell that a spreadsheet would take as a formula gets an apostrophe */
static gchar *
uc_command_endpoints_quote(const gchar *text)
{
	g_auto(GStrv) parts = g_strsplit(text, "\"", -1);
	g_autofree gchar *doubled = g_strjoinv("\"\"", parts);

	return g_strdup_printf("\"%s%s\"",
			       strchr("=+-@", text[0]) != NULL && text[0] != '\0' ? "'" : "",
			       doubled);
}

static void
uc_command_endpoints_print_csv(GPtrArray *columns, GPtrArray *endpoints)
{
	for (guint i = 0; i <= endpoints->len; i++) {
		g_auto(GStrv) cells = NULL;

		cells = uc_command_endpoints_get_cells(columns,
						       i > 0 ? g_ptr_array_index(endpoints, i - 1)
							     : NULL);
		for (guint j = 0; cells[j] != NULL; j++) {
			const UcEndpointColumn *column = g_ptr_array_index(columns, j);
			g_autofree gchar *quoted =
			    uc_command_endpoints_quote(i > 0 ? cells[j] : column->name);

			g_print("%s%s", j > 0 ? "," : "", quoted);
		}
		g_print("\r\n");
	}
}

static void
uc_command_endpoints_print(GPtrArray *columns, GPtrArray *endpoints)
{
	g_auto(GStrv) titles = uc_command_endpoints_get_cells(columns, NULL);
	g_autoptr(UcTable) table = uc_table_new_strv((const gchar *const *)titles);

	for (guint i = 0; i < endpoints->len; i++) {
		g_auto(GStrv) cells =
		    uc_command_endpoints_get_cells(columns, g_ptr_array_index(endpoints, i));

		uc_table_add_strv(table, (const gchar *const *)cells);
	}
	uc_table_print(table);
}

static void
uc_command_endpoints_print_json(GPtrArray *endpoints)
{
	g_autoptr(JsonObject) object = json_object_new();
	JsonArray *array = json_array_new();

	for (guint i = 0; i < endpoints->len; i++)
		json_array_add_object_element(
		    array,
		    uc_command_endpoint_to_json(g_ptr_array_index(endpoints, i)));
	json_object_set_array_member(object, "endpoints", array);
	uc_command_print_json(object);
}

static gint
uc_command_endpoints_run(const UcCommandLine *line, const UcCommandEndpoints *self)
{
	g_autoptr(UcMirror) mirror = uc_command_open(line);
	g_autoptr(GPtrArray) endpoints = NULL;
	g_autoptr(GPtrArray) columns = NULL;
	g_autoptr(GError) error = NULL;

	if (mirror == NULL)
		return UC_EXIT_FAILED;
	columns = uc_command_endpoints_list_columns(self, &error);
	if (columns == NULL)
		return uc_command_usage("%s", error->message);
	endpoints = uc_inventory_list(mirror->database, &error);
	if (endpoints == NULL)
		return uc_command_fail(error);
	if (!uc_command_endpoints_select(self, endpoints, &error))
		return uc_command_usage("%s", error->message);
	if (self->csv)
		uc_command_endpoints_print_csv(columns, endpoints);
	else if (line->json)
		uc_command_endpoints_print_json(endpoints);
	else
		uc_command_endpoints_print(columns, endpoints);
	return UC_EXIT_DONE;
}

/* what is about endpoints is not about keys */
static gboolean
uc_command_endpoints_check(const UcCommandLine *line, const UcCommandEndpoints *self)
{
	gboolean endpoints = self->where != NULL || self->sort != NULL || self->columns != NULL ||
			     self->blocked || self->csv;

	return !(self->csv && line->json) && !(self->waiting && self->conflicts) &&
	       !(endpoints && (self->waiting || self->conflicts));
}

/**
 * uc_command_endpoints:
 *
 * `endpoints [--where=COLUMN=VALUE]… [--sort=COLUMN] [--columns=COLUMN,…] [--blocked] [--csv]`,
 * `endpoints --waiting`, `endpoints --conflicts`
 */
gint
uc_command_endpoints(UcCommandLine *line)
{
	g_auto(UcCommandEndpoints) self = {0};
	const GOptionEntry entries[] = {
	    {"where",
	     0,
	     0,
	     G_OPTION_ARG_STRING_ARRAY,
	     &self.where,
	     N_("Only those with this value, where * and ? may stand for something"),
	     N_("COLUMN=VALUE")},
	    {"sort", 0, 0, G_OPTION_ARG_STRING, &self.sort, N_("Sort by this"), N_("COLUMN")},
	    {"columns", 0, 0, G_OPTION_ARG_STRING, &self.columns, N_("Show these"), N_("COLUMN,…")},
	    {"blocked",
	     0,
	     0,
	     G_OPTION_ARG_NONE,
	     &self.blocked,
	     N_("Only those that something keeps from their update: what, and since when"),
	     NULL},
	    {"waiting",
	     0,
	     0,
	     G_OPTION_ARG_NONE,
	     &self.waiting,
	     N_("Show the keys of endpoints that wait for 'endpoint approve'"),
	     NULL},
	    {"conflicts",
	     0,
	     0,
	     G_OPTION_ARG_NONE,
	     &self.conflicts,
	     N_("Show the keys that claim to be what another key is"),
	     NULL},
	    {"csv", 0, 0, G_OPTION_ARG_NONE, &self.csv, N_("Print comma-separated values"), NULL},
	    {NULL},
	};
	const gchar *usage =
	    "[--where=COLUMN=VALUE]… [--sort=COLUMN] [--columns=COLUMN,…] [--blocked]"
	    " [--csv|--json] | --waiting | --conflicts";
	gint status = uc_command_parse(line, entries, usage, 0, 0);

	if (status != UC_EXIT_DONE)
		return status;
	if (!uc_command_endpoints_check(line, &self))
		return uc_command_expected(line, usage);
	if (self.waiting || self.conflicts)
		return uc_command_endpoint_keys(line, self.conflicts);
	return uc_command_endpoints_run(line, &self);
}
