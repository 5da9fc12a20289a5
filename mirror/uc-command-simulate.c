/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <stdint.h>

#include "uc-command.h"
#include "uc-file.h"
#include "uc-simulate.h"
#include "uc-table.h"
#include "uc-zone-load.h"

#define UC_COMMAND_SIMULATE_DAYS 14

typedef struct {
	GStrv approve;
	gchar *zone;
	gchar *svg;
	gint days;
} UcCommandSimulate;

static void
uc_command_simulate_clear(UcCommandSimulate *self)
{
	g_strfreev(self->approve);
	g_free(self->zone);
	g_free(self->svg);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UcCommandSimulate, uc_command_simulate_clear)

static void
uc_command_simulate_print_changes(JsonArray *changes)
{
	g_autoptr(UcTable) table = uc_table_new(_("ENDPOINTS"),
						_("VENDOR"),
						_("MODEL"),
						_("INSTALLED"),
						_("VERSION"),
						_("FIRST"),
						_("LAST"),
						_("NOT WITHIN"),
						NULL);

	for (guint i = 0; i < json_array_get_length(changes); i++) {
		JsonObject *change = json_array_get_object_element(changes, i);
		g_autofree gchar *count =
		    g_strdup_printf("%" G_GINT64_FORMAT,
				    json_object_get_int_member(change, "endpoints"));
		g_autofree gchar *never =
		    g_strdup_printf("%" G_GINT64_FORMAT,
				    json_object_get_int_member(change, "not_within"));

		uc_table_add_row(table,
				 count,
				 json_object_get_string_member(change, "vendor"),
				 json_object_get_string_member(change, "model"),
				 json_object_get_string_member(change, "installed"),
				 json_object_get_string_member(change, "version"),
				 json_object_get_string_member_with_default(change, "first", "-"),
				 json_object_get_string_member_with_default(change, "last", "-"),
				 never,
				 NULL);
	}
	uc_table_print(table);
}

static void
uc_command_simulate_print_hours(JsonArray *hours)
{
	g_autoptr(UcTable) table = uc_table_new(_("HOUR"),
						_("CHECK-INS"),
						_("DOWNLOADS"),
						_("MB"),
						_("MBIT/S"),
						_("UPDATED"),
						NULL);

	for (guint i = 0; i < json_array_get_length(hours); i++) {
		JsonObject *hour = json_array_get_object_element(hours, i);
		gint64 size_bytes = json_object_get_int_member(hour, "size_bytes");
		const gint64 numbers[] = {json_object_get_int_member(hour, "check_ins"),
					  json_object_get_int_member(hour, "downloads"),
					  size_bytes / 1000000};
		gint64 updated = json_object_get_int_member(hour, "updated");
		g_auto(GStrv) cells = g_new0(gchar *, G_N_ELEMENTS(numbers) + 4);

		if (numbers[1] == 0 && updated == 0)
			continue;
		cells[0] = g_strdup(json_object_get_string_member(hour, "start"));
		for (guint j = 0; j < G_N_ELEMENTS(numbers); j++)
			cells[j + 1] = g_strdup_printf("%" G_GINT64_FORMAT, numbers[j]);
		cells[4] = g_strdup_printf("%.1f", (gdouble)size_bytes * 8 / 3600 / 1000000);
		cells[5] = g_strdup_printf("%" G_GINT64_FORMAT, updated);
		uc_table_add_strv(table, (const gchar *const *)cells);
	}
	uc_table_print(table);
}

static void
uc_command_simulate_print(JsonObject *result)
{
	JsonArray *changes = json_object_get_array_member(result, "changes");

	if (json_array_get_length(changes) == 0) {
		g_print(_("Of %jd endpoints none would be updated.\n"),
			(intmax_t)json_object_get_int_member(result, "endpoints"));
		return;
	}
	uc_command_simulate_print_changes(changes);
	g_print("\n");
	uc_command_simulate_print_hours(json_object_get_array_member(result, "hours"));
}

static gint
uc_command_simulate_run(const UcCommandLine *line,
			const UcCommandSimulate *options,
			UcMirror *mirror)
{
	UcSimulation simulation = {(const gchar *const *)options->approve};
	g_autoptr(UcZone) zone = NULL;
	g_autoptr(JsonObject) result = NULL;
	g_autoptr(GBytes) svg = NULL;
	g_autoptr(GError) error = NULL;

	zone = options->zone != NULL ? uc_zone_load(options->zone, &error)
				     : uc_zone_load_local(&error);
	if (zone == NULL)
		return uc_command_fail(error);
	simulation.zone = zone;
	simulation.start_secs = g_get_real_time() / G_USEC_PER_SEC;
	simulation.days = (guint)options->days;
	result = uc_simulate(mirror, &simulation, &error);
	if (result == NULL)
		return uc_command_fail(error);
	svg = uc_simulate_to_svg(result);
	if (options->svg != NULL && !uc_file_write(options->svg, svg, &error))
		return uc_command_fail(error);
	if (line->json)
		uc_command_print_json(result);
	else
		uc_command_simulate_print(result);
	return UC_EXIT_DONE;
}

/**
 * uc_command_simulate:
 *
 * `simulate [--approve=ID]… [--zone=ZONE] [--days=N] [--svg=FILE]`
 */
gint
uc_command_simulate(UcCommandLine *line)
{
	g_auto(UcCommandSimulate) options = {.days = UC_COMMAND_SIMULATE_DAYS};
	const GOptionEntry entries[] = {
	    {"approve",
	     0,
	     0,
	     G_OPTION_ARG_STRING_ARRAY,
	     &options.approve,
	     N_("As if this pending package were approved as well"),
	     N_("ID")},
	    {"zone",
	     0,
	     0,
	     G_OPTION_ARG_STRING,
	     &options.zone,
	     N_("Time zone of the endpoints, such as Europe/Berlin"),
	     N_("ZONE")},
	    {"days", 0, 0, G_OPTION_ARG_INT, &options.days, N_("Look so far ahead"), N_("N")},
	    {"svg",
	     0,
	     0,
	     G_OPTION_ARG_FILENAME,
	     &options.svg,
	     N_("Write a picture as well"),
	     N_("FILE")},
	    {NULL},
	};
	g_autoptr(UcMirror) mirror = NULL;
	gint status = uc_command_parse(line,
				       entries,
				       "[--approve=ID]… [--zone=ZONE] [--days=N] [--svg=FILE]",
				       0,
				       0);

	if (status != UC_EXIT_DONE)
		return status;
	if (options.days < 1 || options.days > UC_SIMULATE_DAYS_MAX)
		return uc_command_usage(_("--days is %d, expected 1 to %d"),
					options.days,
					UC_SIMULATE_DAYS_MAX);
	mirror = uc_command_open(line);
	return mirror != NULL ? uc_command_simulate_run(line, &options, mirror) : UC_EXIT_FAILED;
}
