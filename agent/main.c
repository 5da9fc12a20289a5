/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <stdlib.h>

#include "uc-agent-bus.h"
#include "uc-agent.h"
#include "uc-error.h"
#include "uc-names.h"
#include "uc-network-watch.h"
#include "uc-tls.h"
#include "uc-watchdog.h"

#define UC_EXIT_USAGE 2

typedef struct {
	GMainLoop *loop;
	gint status;
} UcMain;

static gboolean
uc_main_quit_cb(gpointer user_data)
{
	UcMain *self = user_data;

	g_main_loop_quit(self->loop);
	return G_SOURCE_REMOVE;
}

static void
uc_main_name_lost_cb(GDBusConnection *connection, const gchar *name, gpointer user_data)
{
	UcMain *self = user_data;

	g_printerr(
	    _("ucupdatesd: cannot have the name %s on the system bus; does another agent run, "
	      "and may this user own it?\n"),
	    name);
	self->status = EXIT_FAILURE;
	g_main_loop_quit(self->loop);
}

static gboolean
uc_main_parse(gint *argc, gchar ***argv, gboolean *version_out)
{
	GOptionEntry entries[] = {
	    {"version", 0, 0, G_OPTION_ARG_NONE, version_out, N_("Print the version"), NULL},
	    {NULL},
	};
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(GError) error = NULL;

	g_option_context_add_main_entries(context, entries, GETTEXT_PACKAGE);
	g_option_context_set_summary(context, _("The firmware update agent for UC endpoints."));
	if (!g_option_context_parse(context, argc, argv, &error)) {
		/* TRANSLATORS: what is wrong with the options */
		g_printerr(_("ucupdatesd: %s; see ucupdatesd --help\n"), error->message);
		return FALSE;
	}
	if (*argc > 1) {
		g_printerr(_("ucupdatesd: '%s' is not expected; see ucupdatesd --help\n"),
			   (*argv)[1]);
		return FALSE;
	}
	return TRUE;
}

static GDBusConnection *
uc_main_connect(GError **error)
{
	g_autoptr(GError) error_bus = NULL;
	GDBusConnection *connection = g_bus_get_sync(G_BUS_TYPE_SYSTEM, NULL, &error_bus);

	if (connection == NULL)
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_FAILED,
			    _("cannot reach the system bus: %s; is dbus running?"),
			    error_bus->message);
	return connection;
}

static gboolean
uc_main_run(UcMain *self, GError **error)
{
	g_autoptr(GDBusConnection) connection = NULL;
	g_autoptr(UcConfig) config = NULL;
	g_autoptr(UcAgent) agent = NULL;
	g_autoptr(UcAgentBus) bus = NULL;
	g_autoptr(UcWatchdog) watchdog = uc_watchdog_new(g_getenv("NOTIFY_SOCKET"),
							 g_getenv("WATCHDOG_USEC"),
							 g_getenv("WATCHDOG_PID"),
							 error);
	guint name_id = 0;

	if (watchdog == NULL)
		return FALSE;
	config = uc_config_load(error);
	if (config == NULL)
		return FALSE;
	connection = uc_main_connect(error);
	if (connection == NULL)
		return FALSE;
	agent = uc_agent_new(connection, config, uc_clock_from_environment(), error);
	if (agent == NULL)
		return FALSE;
	bus = uc_agent_bus_new(agent, connection, error);
	if (bus == NULL)
		return FALSE;
	name_id = g_bus_own_name_on_connection(connection,
					       UC_DBUS_NAME,
					       G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE,
					       NULL,
					       uc_main_name_lost_cb,
					       self,
					       NULL);
	uc_agent_start(agent);
	g_main_loop_run(self->loop);
	g_bus_unown_name(name_id);
	return TRUE;
}

int
main(int argc, char **argv)
{
	g_autoptr(GMainLoop) loop = NULL;
	g_autoptr(GError) error = NULL;
	UcMain self = {NULL, EXIT_SUCCESS};
	gboolean version = FALSE;

	uc_tls_init();
	uc_network_watch_init();
	setlocale(LC_ALL, "");
	bindtextdomain(GETTEXT_PACKAGE, UC_LOCALEDIR);
	bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
	textdomain(GETTEXT_PACKAGE);
	if (!uc_main_parse(&argc, &argv, &version))
		return UC_EXIT_USAGE;
	if (version) {
		g_print("ucupdatesd %s\n", PACKAGE_VERSION);
		return EXIT_SUCCESS;
	}
	/* one language for the bus, the journal and the service; the tools translate
	 * (uc-ctl-phrase.c) */
	setlocale(LC_MESSAGES, "C");
	loop = g_main_loop_new(NULL, FALSE);
	self.loop = loop;
	g_unix_signal_add(SIGTERM, uc_main_quit_cb, &self);
	g_unix_signal_add(SIGINT, uc_main_quit_cb, &self);
	if (!uc_main_run(&self, &error)) {
		g_printerr("ucupdatesd: %s\n", error->message);
		return EXIT_FAILURE;
	}
	return self.status;
}
