/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-command.h"
#include "uc-model.h"
#include "uc-package-hardware.h"
#include "uc-table.h"

/* what it is for, too: two of one name may be for different hardware levels */
static void
uc_command_list_print(GPtrArray *packages, UcPackageHardware *hardware)
{
	g_autoptr(UcTable) table =
	    uc_table_new(_("ID"), _("STATE"), _("VENDOR"), _("NAME"), _("VERSION"), _("FOR"), NULL);

	for (guint i = 0; i < packages->len; i++) {
		const UcPackage *package = g_ptr_array_index(packages, i);
		gboolean halted = package->halted && package->state == UC_PACKAGE_APPROVED;
		g_autofree gchar *id = uc_package_get_id(package);
		g_auto(GStrv) models = uc_package_hardware_list(hardware, package);
		g_autofree gchar *text = g_strjoinv("; ", models);

		uc_table_add_row(table,
				 id,
				 halted ? _("halted") : uc_package_state_to_string(package->state),
				 package->vendor,
				 package->name,
				 package->version,
				 text[0] != '\0' ? text : "-",
				 NULL);
	}
	uc_table_print(table);
}

static void
uc_command_list_print_json(GPtrArray *packages, UcPackageHardware *hardware)
{
	g_autoptr(JsonObject) object = json_object_new();
	JsonArray *array = json_array_new();

	json_object_set_array_member(object, "packages", array);
	for (guint i = 0; i < packages->len; i++) {
		const UcPackage *package = g_ptr_array_index(packages, i);
		JsonObject *entry = uc_command_package_to_json(package);
		g_auto(GStrv) models = uc_package_hardware_list(hardware, package);
		JsonArray *texts = json_array_new();

		for (guint j = 0; models[j] != NULL; j++)
			json_array_add_string_element(texts, models[j]);
		json_object_set_array_member(entry, "for", texts);
		json_array_add_object_element(array, entry);
	}
	uc_command_print_json(object);
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
	g_autoptr(UcPackageHardware) hardware = NULL;
	g_autoptr(GError) error = NULL;
	gint status = uc_command_parse(line, NULL, "", 0, 0);

	if (status != UC_EXIT_DONE)
		return status;
	mirror = uc_command_open(line);
	if (mirror == NULL)
		return UC_EXIT_FAILED;
	packages = uc_package_list(mirror->database, &error);
	if (packages == NULL || !uc_model_learn(mirror->database, NULL, &error))
		return uc_command_fail(error);
	hardware = uc_package_hardware_new(mirror->database, &error);
	if (hardware == NULL)
		return uc_command_fail(error);
	if (line->json)
		uc_command_list_print_json(packages, hardware);
	else
		uc_command_list_print(packages, hardware);
	return UC_EXIT_DONE;
}
