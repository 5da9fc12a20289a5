/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>
#include <locale.h>

#include "fu-uc-endpoint-quirk.h"
#include "fu-uc-endpoint-spawn.h"
#include "uc-confirm.h"

#define UC_CONFIRM_RESTART_MS 30000

/* systemctl also knows what to do where there is no bus */
static gboolean
uc_confirm_restart(GError **error)
{
	g_autofree gchar *program = fu_path_find_program("systemctl", error);
	g_autofree gchar *output = NULL;
	const gchar *argv[] = {program, "--no-block", "reboot", NULL};

	if (program == NULL)
		return FALSE;
	output = fu_uc_endpoint_spawn(argv, UC_CONFIRM_RESTART_MS, error);
	return output != NULL;
}

int
main(int argc, char **argv)
{
	UcConfirmResult result;
	gboolean version = FALSE;
	const GOptionEntry entries[] = {
	    {"version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version", NULL},
	    {NULL},
	};
	g_autofree gchar *path =
	    fu_path_build(FU_PATH_KIND_SYSCONFDIR, "ucupdates", "endpoints.d", NULL);
	g_autofree gchar *quirk = fu_path_build(FU_PATH_KIND_LOCALSTATEDIR_PKG,
						"uc-endpoint",
						FU_UC_ENDPOINT_QUIRK_FILE,
						NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GOptionContext) context =
	    g_option_context_new("- confirm that new firmware is healthy, or go back");

	/* characters only: what it says goes to the journal */
	(void)setlocale(LC_CTYPE, "");
	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error)) {
		g_printerr("ucupdates-confirm: %s; it takes no arguments\n", error->message);
		return 2;
	}
	if (argc > 1) {
		g_printerr("ucupdates-confirm: '%s' is not expected; it takes no arguments\n",
			   argv[1]);
		return 2;
	}
	if (version) {
		g_print("ucupdates-confirm %s\n", PACKAGE_VERSION);
		return 0;
	}
	result = uc_confirm_all(path, quirk);
	if (result == UC_CONFIRM_RESTART && !uc_confirm_restart(&error))
		g_printerr("ucupdates-confirm: restart the machine, as it could not be asked to: "
			   "%s\n",
			   error->message);
	return result == UC_CONFIRM_NOTHING || result == UC_CONFIRM_HEALTHY ? 0 : 1;
}
