/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-command-endpoints.h"
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
	uc_json_set_time(object, "first_seen", endpoint->first_seen_secs);
	uc_json_set_time(object, "last_seen", endpoint->last_seen_secs);
	if (endpoint->last_report_secs != 0) {
		json_object_set_string_member(object, "last_event", endpoint->last_event);
		uc_json_set_time(object, "last_report", endpoint->last_report_secs);
	}
	return object;
}

static void
uc_command_endpoints_print(GPtrArray *endpoints)
{
	g_autoptr(UcTable) table = uc_table_new(_("ID"),
						_("VENDOR"),
						_("MODEL"),
						_("HW"),
						_("SERIAL"),
						_("VERSION"),
						_("STATE"),
						_("LAST SEEN"),
						_("LAST REPORT"),
						NULL);

	for (guint i = 0; i < endpoints->len; i++) {
		const UcInventoryEndpoint *endpoint = g_ptr_array_index(endpoints, i);
		g_autofree gchar *id = g_strdup_printf("%" G_GINT64_FORMAT, endpoint->row);
		g_autofree gchar *seen = uc_command_format_time(endpoint->last_seen_secs);
		gboolean reported = endpoint->last_event[0] != '\0';

		uc_table_add_row(table,
				 id,
				 endpoint->vendor,
				 endpoint->model,
				 endpoint->hardware_level,
				 endpoint->serial[0] != '\0' ? endpoint->serial
							     : endpoint->mac_address,
				 endpoint->version,
				 endpoint->state,
				 seen,
				 reported ? endpoint->last_event : "-",
				 NULL);
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

/**
 * uc_command_endpoints:
 *
 * `endpoints`
 */
gint
uc_command_endpoints(UcCommandLine *line)
{
	g_autoptr(UcMirror) mirror = NULL;
	g_autoptr(GPtrArray) endpoints = NULL;
	g_autoptr(GError) error = NULL;
	gint status = uc_command_parse(line, NULL, "", 0, 0);

	if (status != UC_EXIT_DONE)
		return status;
	mirror = uc_command_open(line);
	if (mirror == NULL)
		return UC_EXIT_FAILED;
	endpoints = uc_inventory_list(mirror->database, &error);
	if (endpoints == NULL)
		return uc_command_fail(error);
	if (line->json)
		uc_command_endpoints_print_json(endpoints);
	else
		uc_command_endpoints_print(endpoints);
	return UC_EXIT_DONE;
}
