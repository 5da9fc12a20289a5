/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-command.h"
#include "uc-table.h"

static void
uc_command_list_print(GPtrArray *packages)
{
	g_autoptr(UcTable) table =
	    uc_table_new(_("ID"), _("STATE"), _("VENDOR"), _("NAME"), _("VERSION"), NULL);

	for (guint i = 0; i < packages->len; i++) {
		const UcPackage *package = g_ptr_array_index(packages, i);
		g_autofree gchar *id = uc_package_get_id(package);

		uc_table_add_row(table,
				 id,
				 package->halted ? _("halted")
						 : uc_package_state_to_string(package->state),
				 package->vendor,
				 package->name,
				 package->version,
				 NULL);
	}
	uc_table_print(table);
}

/**
 * uc_command_list:
 *
 * `list`
 */
gint
uc_command_list(UcCommandLine *line)
{
	g_autoptr(UcMirror) mirror = NULL;
	g_autoptr(GPtrArray) packages = NULL;
	g_autoptr(JsonObject) object = NULL;
	g_autoptr(GError) error = NULL;
	JsonArray *array = NULL;
	gint status = uc_command_parse(line, NULL, "", 0, 0);

	if (status != UC_EXIT_DONE)
		return status;
	mirror = uc_command_open(line);
	if (mirror == NULL)
		return UC_EXIT_FAILED;
	packages = uc_package_list(mirror->database, &error);
	if (packages == NULL)
		return uc_command_fail(error);
	if (!line->json) {
		uc_command_list_print(packages);
		return UC_EXIT_DONE;
	}
	object = json_object_new();
	array = json_array_new();
	for (guint i = 0; i < packages->len; i++)
		json_array_add_object_element(
		    array,
		    uc_command_package_to_json(g_ptr_array_index(packages, i)));
	json_object_set_array_member(object, "packages", array);
	uc_command_print_json(object);
	return UC_EXIT_DONE;
}
