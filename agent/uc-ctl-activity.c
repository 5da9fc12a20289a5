/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-ctl.h"

static gint
uc_ctl_activity_run(gint argc, gchar **argv);

const UcCtlCommand uc_ctl_activity = {
    "activity",
    "[--json]",
    N_("Say that somebody is here; the idle time starts again"),
    uc_ctl_activity_run,
};

static gint
uc_ctl_activity_run(gint argc, gchar **argv)
{
	gboolean json = FALSE;
	GOptionEntry entries[] = {
	    {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL},
	    {NULL},
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = NULL;

	if (!uc_ctl_parse(&uc_ctl_activity, entries, 0, &argc, &argv))
		return UC_CTL_USAGE;
	reply = uc_ctl_call("Activity", NULL, -1, &error);
	if (reply == NULL)
		return uc_ctl_fail(error);
	if (json)
		g_print("{}\n");
	return UC_CTL_DONE;
}
