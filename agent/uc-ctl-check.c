/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-ctl.h"

static gint
uc_ctl_check_run(gint argc, gchar **argv);

const UcCtlCommand uc_ctl_check = {
    "check",
    "[--json]",
    N_("Look for updates now"),
    uc_ctl_check_run,
};

#define UC_CTL_CHECK_MS (10 * 60 * 1000)

static gint
uc_ctl_check_run(gint argc, gchar **argv)
{
	gboolean json = FALSE;
	GOptionEntry entries[] = {
	    {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL},
	    {NULL},
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = NULL;

	if (!uc_ctl_parse(&uc_ctl_check, entries, 0, &argc, &argv))
		return UC_CTL_USAGE;
	reply = uc_ctl_call("Check", NULL, UC_CTL_CHECK_MS, &error);
	if (reply == NULL)
		return uc_ctl_fail(error);
	if (json)
		g_print("{}\n");
	else
		g_print(_("the service was asked, and fwupd knows what is on offer\n"));
	return UC_CTL_DONE;
}
