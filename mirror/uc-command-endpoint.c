/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-command-endpoints.h"
#include "uc-inventory-forget.h"
#include "uc-table.h"

static void
uc_command_endpoint_print_reports(JsonArray *reports)
{
	g_autoptr(UcTable) table =
	    uc_table_new(_("RECEIVED"), _("EVENT"), _("FROM"), _("TO"), _("MESSAGE"), NULL);

	for (guint i = 0; i < json_array_get_length(reports); i++) {
		JsonObject *report = json_array_get_object_element(reports, i);

		uc_table_add_row(table,
				 json_object_get_string_member(report, "received"),
				 json_object_get_string_member(report, "event"),
				 json_object_get_string_member(report, "version_old"),
				 json_object_get_string_member(report, "version_new"),
				 json_object_get_string_member(report, "message"),
				 NULL);
	}
	uc_table_print(table);
}

static void
uc_command_endpoint_print_versions(JsonArray *versions)
{
	g_autoptr(UcTable) table =
	    uc_table_new(_("MODULE"), _("VERSION"), _("FIRST SEEN"), _("LAST SEEN"), NULL);

	for (guint i = 0; i < json_array_get_length(versions); i++) {
		JsonObject *version = json_array_get_object_element(versions, i);

		uc_table_add_row(table,
				 json_object_get_string_member(version, "module"),
				 json_object_get_string_member(version, "version"),
				 json_object_get_string_member(version, "first"),
				 json_object_get_string_member(version, "last"),
				 NULL);
	}
	g_print("\n");
	uc_table_print(table);
}

static void
uc_command_endpoint_print(const UcInventoryEndpoint *endpoint,
			  JsonArray *versions,
			  JsonArray *reports)
{
	g_autofree gchar *first = uc_command_format_time(endpoint->first_seen_secs);
	g_autofree gchar *last = uc_command_format_time(endpoint->last_seen_secs);
	g_autoptr(UcTable) table = uc_table_new(_("Identity"), endpoint->identity, NULL);

	uc_table_add_row(table, _("Vendor"), endpoint->vendor, NULL);
	uc_table_add_row(table, _("Model"), endpoint->model, NULL);
	uc_table_add_row(table, _("Hardware level"), endpoint->hardware_level, NULL);
	uc_table_add_row(table, _("Serial"), endpoint->serial, NULL);
	uc_table_add_row(table, _("MAC address"), endpoint->mac_address, NULL);
	uc_table_add_row(table, _("Version"), endpoint->version, NULL);
	uc_table_add_row(table, _("State"), endpoint->state, NULL);
	uc_table_add_row(table, _("Reason"), endpoint->reason, NULL);
	uc_table_add_row(table, _("Agent"), endpoint->agent_version, NULL);
	uc_table_add_row(table, _("First seen"), first, NULL);
	uc_table_add_row(table, _("Last seen"), last, NULL);
	if (endpoint->blocked[0] != '\0')
		uc_table_add_row(table, _("Blocked by"), endpoint->blocked, NULL);
	uc_table_print(table);
	if (json_array_get_length(versions) > 0)
		uc_command_endpoint_print_versions(versions);
	if (json_array_get_length(reports) > 0) {
		g_print("\n");
		uc_command_endpoint_print_reports(reports);
	}
}

/**
 * uc_command_endpoint:
 *
 * `endpoint ID`, `endpoint approve ID`, `endpoint deny ID`
 */
gint
uc_command_endpoint(UcCommandLine *line)
{
	g_autoptr(UcMirror) mirror = NULL;
	g_autoptr(UcInventoryEndpoint) endpoint = NULL;
	g_autoptr(JsonArray) versions = NULL;
	g_autoptr(JsonArray) reports = NULL;
	g_autoptr(JsonObject) object = NULL;
	g_autoptr(JsonNode) details = NULL;
	g_autoptr(GError) error = NULL;
	gint status = uc_command_parse(line, NULL, "ID | approve ID | deny ID", 1, 2);

	if (status != UC_EXIT_DONE)
		return status;
	if (line->argc == 3)
		return uc_command_endpoint_key(line);
	mirror = uc_command_open(line);
	if (mirror == NULL)
		return UC_EXIT_FAILED;
	endpoint = uc_inventory_find(mirror->database, line->argv[1], &error);
	if (endpoint != NULL)
		versions = uc_inventory_list_versions(mirror->database, endpoint, &error);
	if (versions != NULL)
		reports = uc_inventory_list_reports(mirror->database, endpoint, &error);
	if (reports == NULL)
		return uc_command_fail(error);
	if (!line->json) {
		uc_command_endpoint_print(endpoint, versions, reports);
		return UC_EXIT_DONE;
	}
	object = uc_command_endpoint_to_json(endpoint);
	details = json_from_string(endpoint->details, NULL);
	if (details != NULL)
		json_object_set_member(object, "details", g_steal_pointer(&details));
	json_object_set_array_member(object, "versions", g_steal_pointer(&versions));
	json_object_set_array_member(object, "reports", g_steal_pointer(&reports));
	uc_command_print_json(object);
	return UC_EXIT_DONE;
}
