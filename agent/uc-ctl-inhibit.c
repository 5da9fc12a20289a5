/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-ctl.h"
#include "uc-error.h"
#include "uc-names.h"

#include <gio/gunixfdlist.h>
#include <sys/wait.h>
#include <unistd.h>

static gint
uc_ctl_inhibit_run(gint argc, gchar **argv);

const UcCtlCommand uc_ctl_inhibit = {
    "inhibit",
    "[--what=WHAT] [--why=TEXT] -- COMMAND…",
    N_("The room is in use while COMMAND runs"),
    uc_ctl_inhibit_run,
};

static gint
uc_ctl_inhibit_take(const gchar *what, const gchar *why, GError **error)
{
	g_autoptr(GDBusConnection) connection = uc_ctl_connect(error);
	g_autoptr(GUnixFDList) list = NULL;
	g_autoptr(GVariant) reply = NULL;
	gint32 index = 0;

	if (connection == NULL)
		return -1;
	reply = g_dbus_connection_call_with_unix_fd_list_sync(
	    connection,
	    UC_DBUS_NAME,
	    UC_DBUS_PATH,
	    UC_DBUS_INTERFACE,
	    "Inhibit",
	    g_variant_new("(sss)", what, "ucupdatesctl", why),
	    G_VARIANT_TYPE("(h)"),
	    G_DBUS_CALL_FLAGS_NONE,
	    -1,
	    NULL,
	    &list,
	    NULL,
	    error);
	if (reply == NULL)
		return -1;
	g_variant_get(reply, "(h)", &index);
	if (list == NULL) {
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_FAILED,
				    "the agent sent no descriptor");
		return -1;
	}
	return g_unix_fd_list_get(list, index, error);
}

/* the shell's rule: 128 and the signal's number */
static gint
uc_ctl_inhibit_get_status(gint wait_status)
{
	if (WIFEXITED(wait_status))
		return WEXITSTATUS(wait_status);
	return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : UC_CTL_FAILED;
}

static gint
uc_ctl_inhibit_run_command(gchar **command)
{
	g_autoptr(GError) error = NULL;
	gint wait_status = 0;

	if (!g_spawn_sync(NULL,
			  command,
			  NULL,
			  G_SPAWN_SEARCH_PATH | G_SPAWN_CHILD_INHERITS_STDIN,
			  NULL,
			  NULL,
			  NULL,
			  NULL,
			  &wait_status,
			  &error))
		return uc_ctl_fail(error);
	return uc_ctl_inhibit_get_status(wait_status);
}

/* after whatever the command itself printed */
static void
uc_ctl_inhibit_print(const gchar *what, const gchar *why, gint status)
{
	JsonObject *object = json_object_new();
	g_autoptr(JsonNode) node = json_node_init_object(json_node_alloc(), object);

	json_object_set_string_member(object, "what", what);
	json_object_set_string_member(object, "why", why);
	json_object_set_int_member(object, "status", status);
	uc_ctl_print_json(node);
	json_object_unref(object);
}

static gboolean
uc_ctl_inhibit_check(gint argc, const gchar *what)
{
	static const gchar *const known[] = {"call", "presentation", "booking", NULL};

	if (argc < 2)
		g_printerr(_("ucupdatesctl inhibit: a command is missing after --\n"));
	else if (what != NULL && !g_strv_contains(known, what))
		g_printerr(_("ucupdatesctl inhibit: --what is '%s', expected call, presentation or "
			     "booking\n"),
			   what);
	else
		return TRUE;
	return FALSE;
}

static gint
uc_ctl_inhibit_run(gint argc, gchar **argv)
{
	gboolean json = FALSE;
	g_autofree gchar *what = NULL;
	g_autofree gchar *why = NULL;
	GOptionEntry entries[] = {
	    {"what", 0, 0, G_OPTION_ARG_STRING, &what, N_("call, presentation or booking"), "WHAT"},
	    {"why", 0, 0, G_OPTION_ARG_STRING, &why, N_("A sentence for people"), "TEXT"},
	    {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL},
	    {NULL},
	};
	g_autoptr(GError) error = NULL;
	gint fd = -1;
	gint status = UC_CTL_FAILED;

	if (!uc_ctl_parse(&uc_ctl_inhibit, entries, -1, &argc, &argv))
		return UC_CTL_USAGE;
	if (argc > 1 && g_str_equal(argv[1], "--")) {
		argc--;
		argv++;
	}
	if (!uc_ctl_inhibit_check(argc, what))
		return UC_CTL_USAGE;
	fd = uc_ctl_inhibit_take(what != NULL ? what : "call", why != NULL ? why : "", &error);
	if (fd < 0)
		return uc_ctl_fail(error);
	status = uc_ctl_inhibit_run_command(argv + 1);
	(void)close(fd);
	if (json)
		uc_ctl_inhibit_print(what != NULL ? what : "call", why != NULL ? why : "", status);
	return status;
}
