/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-ctl.h"

static gint
uc_ctl_install_run(gint argc, gchar **argv);

const UcCtlCommand uc_ctl_install = {
    "install",
    "[DEVICE] [--version=V] [--force]",
    N_("Update now, without waiting for window and idleness"),
    uc_ctl_install_run,
};

#define UC_CTL_INSTALL_MS (2 * 3600 * 1000)

static gint
uc_ctl_install_run(gint argc, gchar **argv)
{
	gboolean json = FALSE;
	gboolean force = FALSE;
	g_autofree gchar *version = NULL;
	GOptionEntry entries[] = {
	    {"version",
	     0,
	     0,
	     G_OPTION_ARG_STRING,
	     &version,
	     N_("That version, also an older one"),
	     "V"},
	    {"force", 0, 0, G_OPTION_ARG_NONE, &force, N_("Even during a call"), NULL},
	    {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL},
	    {NULL},
	};
	g_auto(GVariantDict) options = G_VARIANT_DICT_INIT(NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = NULL;

	if (!uc_ctl_parse(&uc_ctl_install, entries, 1, &argc, &argv))
		return UC_CTL_USAGE;
	if (version != NULL)
		g_variant_dict_insert(&options, "version", "s", version);
	if (force)
		g_variant_dict_insert(&options, "force", "b", TRUE);
	reply = uc_ctl_call(
	    "Install",
	    g_variant_new("(s@a{sv})", argc > 1 ? argv[1] : "", g_variant_dict_end(&options)),
	    UC_CTL_INSTALL_MS,
	    &error);
	if (reply == NULL)
		return uc_ctl_fail(error);
	if (json)
		g_print("{}\n");
	else
		g_print(_("staged and activated; it runs after the restart\n"));
	return UC_CTL_DONE;
}
