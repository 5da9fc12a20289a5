/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <stdlib.h>

#include "uc-boot.h"
#include "uc-first-use.h"
#include "uc-paths.h"
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

/* what the agent left there: new keys of the organisation, or anchors on first use */
static gboolean
uc_main_apply(GError **error)
{
	g_autofree gchar *keys = uc_path_state("keys.json");
	g_autofree gchar *first_use = uc_path_state(UC_FIRST_USE_NAME);
	g_autofree gchar *boot_id = uc_boot_get_id();
	gint64 now_secs = g_get_real_time() / G_USEC_PER_SEC;

	if (!g_file_test(keys, G_FILE_TEST_EXISTS) && g_file_test(first_use, G_FILE_TEST_EXISTS))
		return uc_trust_apply_first_use(boot_id, uc_boot_get_secs(), now_secs, error);
	return uc_trust_apply(now_secs, error);
}

/* the one thing that is wrong with the arguments */
static gint
uc_main_usage(gint argc, gchar **argv)
{
	static const gchar *const commands[] = {"apply", "first-use", "install", NULL};
	gboolean install = argc > 1 && g_str_equal(argv[1], "install");

	if (argc < 2)
		g_printerr(
		    _("ucupdates-trust: a command is missing; see ucupdates-trust --help\n"));
	else if (!g_strv_contains(commands, argv[1]))
		g_printerr(_("ucupdates-trust: there is no command '%s'; see ucupdates-trust "
			     "--help\n"),
			   argv[1]);
	else if (install && argc < 3)
		g_printerr(_("ucupdates-trust: install needs the directory of a trust bundle; see "
			     "ucupdates-trust --help\n"));
	else
		g_printerr(_("ucupdates-trust: '%s' is not expected; see ucupdates-trust --help\n"),
			   argv[install ? 3 : 2]);
	return UC_EXIT_USAGE;
}

static gint
uc_main_run(gint argc, gchar **argv)
{
	g_autoptr(GError) error = NULL;

	if (argc == 2 && g_str_equal(argv[1], "apply")) {
		gboolean done = uc_main_apply(&error);

		return uc_main_report(done, error);
	}
	if (argc == 2 && g_str_equal(argv[1], "first-use")) {
		g_autofree gchar *boot_id = uc_boot_get_id();
		gboolean done = uc_trust_open_first_use(boot_id, uc_boot_get_secs(), &error);

		return uc_main_report(done, error);
	}
	if (argc == 3 && g_str_equal(argv[1], "install")) {
		gboolean done = uc_trust_install(argv[2], &error);

		if (done)
			g_print(_("the trust bundle is installed; fwupd reads its part when it "
				  "starts again\n"));
		return uc_main_report(done, error);
	}
	return uc_main_usage(argc, argv);
}

int
main(int argc, char **argv)
{
	gboolean version = FALSE;
	GOptionEntry entries[] = {
	    {"version", 0, 0, G_OPTION_ARG_NONE, &version, N_("Print the version"), NULL},
	    {NULL},
	};
	g_autoptr(GOptionContext) context =
	    g_option_context_new("apply | first-use | install DIRECTORY");
	g_autoptr(GError) error = NULL;

	setlocale(LC_ALL, "");
	bindtextdomain(GETTEXT_PACKAGE, UC_LOCALEDIR);
	bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
	textdomain(GETTEXT_PACKAGE);
	g_option_context_add_main_entries(context, entries, GETTEXT_PACKAGE);
	g_option_context_set_summary(
	    context,
	    _("Installs the anchors of an organisation's update service."));
	g_option_context_set_description(
	    context,
	    _("Commands:\n"
	      "  install DIRECTORY  Trust what is in this directory, an administrator's trust "
	      "bundle\n"
	      "  apply              Take the keys that the agent has fetched, if the recovery key\n"
	      "                     signed them; ucupdates-trust.path runs it\n"
	      "  first-use          Take the anchors from the network once, within ten minutes;\n"
	      "                     ucupdates-first-use.service runs it"));
	if (!g_option_context_parse(context, &argc, &argv, &error)) {
		/* TRANSLATORS: what is wrong with the options */
		g_printerr(_("ucupdates-trust: %s; see ucupdates-trust --help\n"), error->message);
		return UC_EXIT_USAGE;
	}
	if (version) {
		g_print("ucupdates-trust %s\n", PACKAGE_VERSION);
		return EXIT_SUCCESS;
	}
	return uc_main_run(argc, argv);
}
