/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-ctl.h"

static gint
uc_ctl_defer_run(gint argc, gchar **argv);

const UcCtlCommand uc_ctl_defer = {
    "defer",
    "[DEVICE]",
    N_("Not there yet in this version"),
    uc_ctl_defer_run,
};

static gint
uc_ctl_defer_run(gint argc, gchar **argv)
{
	g_printerr(_("ucupdatesctl: '%s' is not there yet in this version\n"), argv[0]);
	return UC_CTL_FAILED;
}
