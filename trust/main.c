/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <stdlib.h>

#include "uc-trust.h"

#define UC_EXIT_USAGE 2

static gint
uc_main_report(gboolean done, const GError *error)
{
	if (done)
		return EXIT_SUCCESS;
	g_printerr("ucupdates-trust: %s\n", error->message);
	return EXIT_FAILURE;
}

static gint
uc_main_run(gint argc, gchar **argv)
{
	g_autoptr(GError) error = NULL;

	if (argc == 2 && g_str_equal(argv[1], "apply")) {
		gboolean done = uc_trust_apply(g_get_real_time() / G_USEC_PER_SEC, &error);

		return uc_main_report(done, error);
	}
	if (argc == 3 && g_str_equal(argv[1], "install")) {
		gboolean done = uc_trust_install(argv[2], &error);

		return uc_main_report(done, error);
	}
	g_printerr(_("usage: ucupdates-trust apply | install DIRECTORY\n"));
	return UC_EXIT_USAGE;
}

int
main(int argc, char **argv)
{
	gboolean version = FALSE;
	GOptionEntry entries[] = {
	    {"version", 0, 0, G_OPTION_ARG_NONE, &version, N_("Print the version"), NULL},
	    {NULL},
	};
	g_autoptr(GOptionContext) context = g_option_context_new("apply | install DIRECTORY");
	g_autoptr(GError) error = NULL;

	setlocale(LC_ALL, "");
	bindtextdomain(GETTEXT_PACKAGE, UC_LOCALEDIR);
	bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
	textdomain(GETTEXT_PACKAGE);
	g_option_context_add_main_entries(context, entries, GETTEXT_PACKAGE);
	g_option_context_set_summary(
	    context,
	    _("Installs the anchors of an organisation's update service."));
	if (!g_option_context_parse(context, &argc, &argv, &error)) {
		g_printerr("ucupdates-trust: %s\n", error->message);
		return UC_EXIT_USAGE;
	}
	if (version) {
		g_print("ucupdates-trust %s\n", PACKAGE_VERSION);
		return EXIT_SUCCESS;
	}
	return uc_main_run(argc, argv);
}
