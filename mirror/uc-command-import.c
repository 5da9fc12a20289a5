/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-command.h"
#include "uc-import.h"

static void
uc_command_import_print(const UcPackage *package, gboolean added)
{
	g_autofree gchar *id = uc_package_get_id(package);

	if (added)
		g_print(_("%s  %s %s is pending\n"), id, package->name, package->version);
	else
		g_print(_("%s  %s %s is there already, and %s\n"),
			id,
			package->name,
			package->version,
			uc_package_state_to_string(package->state));
}

static gint
uc_command_import_all(UcCommandLine *line, UcMirror *mirror, JsonArray *array)
{
	gint status = UC_EXIT_DONE;

	/* one that is refused does not keep the others out */
	for (gint i = 1; i < line->argc; i++) {
		g_autoptr(UcPackage) package = NULL;
		g_autoptr(GError) error = NULL;
		gboolean added = FALSE;

		if (!uc_import_file(mirror,
				    line->argv[i],
				    g_get_real_time() / G_USEC_PER_SEC,
				    &package,
				    &added,
				    &error)) {
			status = uc_command_fail(error);
		} else if (line->json) {
			JsonObject *object = uc_command_package_to_json(package);

			json_object_set_boolean_member(object, "added", added);
			json_array_add_object_element(array, object);
		} else {
			uc_command_import_print(package, added);
		}
	}
	return status;
}

/**
 * uc_command_import:
 *
 * `import FILE.cab…`
 */
gint
uc_command_import(UcCommandLine *line)
{
	g_autoptr(UcMirror) mirror = NULL;
	g_autoptr(JsonObject) object = json_object_new();
	JsonArray *array = json_array_new();
	gint status = UC_EXIT_DONE;

	json_object_set_array_member(object, "packages", array);
	status = uc_command_parse(line, NULL, "FILE.cab…", 1, -1);
	if (status != UC_EXIT_DONE)
		return status;
	mirror = uc_command_open(line);
	if (mirror == NULL)
		return UC_EXIT_FAILED;
	status = uc_command_import_all(line, mirror, array);
	if (line->json)
		uc_command_print_json(object);
	return status;
}
