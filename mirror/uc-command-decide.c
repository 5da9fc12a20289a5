/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-command-decide.h"

/**
 * uc_command_decide:
 * @decide: what is to become of the package
 *
 * What `approve`, `reject` and `restore` have in common.
 */
gint
uc_command_decide(UcCommandLine *line, UcCommandDecide decide)
{
	g_autoptr(UcMirror) mirror = NULL;
	g_autoptr(UcPackage) package = NULL;
	g_autoptr(JsonObject) object = NULL;
	g_autoptr(GError) error = NULL;
	gint status = uc_command_parse(line, NULL, "ID", 1, 1);

	if (status != UC_EXIT_DONE)
		return status;
	mirror = uc_command_open(line);
	if (mirror == NULL)
		return UC_EXIT_FAILED;
	if (!decide(mirror->database,
		    line->argv[1],
		    g_get_real_time() / G_USEC_PER_SEC,
		    &package,
		    &error))
		return uc_command_fail(error);
	if (line->json) {
		object = uc_command_package_to_json(package);
		uc_command_print_json(object);
		return UC_EXIT_DONE;
	}
	g_print(_("%.12s  %s %s is %s; endpoints see it after the next 'publish'\n"),
		package->sha256,
		package->name,
		package->version,
		uc_package_state_to_string(package->state));
	return UC_EXIT_DONE;
}
