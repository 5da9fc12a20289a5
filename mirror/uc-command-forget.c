/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-command.h"
#include "uc-inventory-forget.h"

/**
 * uc_command_forget:
 *
 * `forget ID`
 */
gint
uc_command_forget(UcCommandLine *line)
{
	g_autoptr(UcMirror) mirror = NULL;
	g_autoptr(UcInventoryEndpoint) endpoint = NULL;
	g_autoptr(GError) error = NULL;
	gint status = uc_command_parse(line, NULL, "ID", 1, 1);

	if (status != UC_EXIT_DONE)
		return status;
	mirror = uc_command_open(line);
	if (mirror == NULL)
		return UC_EXIT_FAILED;
	endpoint = uc_inventory_find(mirror->database, line->argv[1], &error);
	if (endpoint == NULL || !uc_inventory_forget(mirror->database,
						     endpoint,
						     g_get_real_time() / G_USEC_PER_SEC,
						     &error))
		return uc_command_fail(error);
	g_print(
	    "%s\n",
	    line->json
		? "{}"
		: _("It is forgotten, with its versions and reports; its key, if it had one, is "
		    "revoked."));
	return UC_EXIT_DONE;
}
