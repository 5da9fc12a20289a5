/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <stdlib.h>

#include "uc-error.h"
#include "uc-notification.h"

#define UC_EXIT_USAGE 2

static gboolean
quit_cb(gpointer user_data)
{
	g_main_loop_quit(user_data);
	return G_SOURCE_REMOVE;
}

static gint
run(GMainLoop *loop)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(UcNotification) notification = uc_notification_new(&error);

	if (notification == NULL) {
		g_printerr("ucupdates-prompt: %s\n", error->message);
		return EXIT_FAILURE;
	}
	g_main_loop_run(loop);
	return EXIT_SUCCESS;
}

static gboolean
parse(gint *argc, gchar ***argv, gboolean *version_out)
{
	GOptionEntry entries[] = {
	    {"version", 0, 0, G_OPTION_ARG_NONE, version_out, N_("Print the version"), NULL},
	    {NULL},
	};
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(GError) error = NULL;

	g_option_context_add_main_entries(context, entries, GETTEXT_PACKAGE);
	g_option_context_set_summary(context,
				     _("Shows what the firmware update agent asks as a "
				       "notification, in a desktop session."));
	if (!g_option_context_parse(context, argc, argv, &error)) {
		/* TRANSLATORS: what is wrong with the options */
		g_printerr(_("ucupdates-prompt: %s; it takes no arguments\n"), error->message);
		return FALSE;
	}
	if (*argc > 1) {
		g_printerr(_("ucupdates-prompt: '%s' is not expected; it takes no arguments\n"),
			   (*argv)[1]);
		return FALSE;
	}
	return TRUE;
}

int
main(int argc, char **argv)
{
	g_autoptr(GMainLoop) loop = NULL;
	gboolean version = FALSE;

	setlocale(LC_ALL, "");
	bindtextdomain(GETTEXT_PACKAGE, UC_LOCALEDIR);
	bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
	textdomain(GETTEXT_PACKAGE);
	(void)uc_error_quark();
	if (!parse(&argc, &argv, &version))
		return UC_EXIT_USAGE;
	if (version) {
		g_print("ucupdates-prompt %s\n", PACKAGE_VERSION);
		return EXIT_SUCCESS;
	}
	loop = g_main_loop_new(NULL, FALSE);
	g_unix_signal_add(SIGTERM, quit_cb, loop);
	g_unix_signal_add(SIGINT, quit_cb, loop);
	return run(loop);
}
