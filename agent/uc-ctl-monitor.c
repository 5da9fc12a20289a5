/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-ctl-phrase.h"
#include "uc-ctl-text.h"
#include "uc-ctl.h"
#include "uc-names.h"

static gint
uc_ctl_monitor_run(gint argc, gchar **argv);

const UcCtlCommand uc_ctl_monitor = {
    "monitor",
    "[--json]",
    N_("Print each change until interrupted"),
    uc_ctl_monitor_run,
};

static void
uc_ctl_monitor_print_lines(JsonObject *status)
{
	JsonArray *endpoints = json_object_get_array_member(status, "endpoints");
	g_autoptr(GDateTime) now = g_date_time_new_now_local();
	g_autofree gchar *time = g_date_time_format(now, "%T");

	uc_ctl_text_print(uc_ctl_phrase_word("use", uc_ctl_text(status, "use")),
			  "%s  %s, ",
			  time,
			  uc_ctl_phrase_word("work", uc_ctl_text(status, "work")));
	for (guint i = 0; i < json_array_get_length(endpoints); i++) {
		JsonObject *endpoint = json_array_get_object_element(endpoints, i);

		const gchar *progress = uc_ctl_text(endpoint, "progress");
		const gchar *action = uc_ctl_text(endpoint, "action");
		g_autofree gchar *reason = uc_ctl_sentence(endpoint, "reason");
		g_autofree gchar *text = g_strdup_printf("%s, %s: %s",
							 uc_ctl_phrase_word("progress", progress),
							 uc_ctl_phrase_word("action", action),
							 reason);

		uc_ctl_text_print(text, "%s  %s: ", time, uc_ctl_text(endpoint, "id"));
	}
}

static gboolean
uc_ctl_monitor_print(gboolean json, GError **error)
{
	g_autoptr(GVariant) reply = uc_ctl_call("GetStatus", NULL, -1, error);
	g_autoptr(JsonNode) node = NULL;
	g_autofree gchar *text = NULL;

	if (reply == NULL)
		return FALSE;
	node = uc_ctl_get_json(reply);
	if (json) {
		text = json_to_string(node, FALSE);
		g_print("%s\n", text);
	} else {
		uc_ctl_monitor_print_lines(json_node_get_object(node));
	}
	return TRUE;
}

static void
uc_ctl_monitor_changed_cb(GDBusConnection *connection,
			  const gchar *sender,
			  const gchar *path,
			  const gchar *interface,
			  const gchar *signal,
			  GVariant *parameters,
			  gpointer user_data)
{
	g_autoptr(GError) error = NULL;

	if (!uc_ctl_monitor_print(GPOINTER_TO_INT(user_data), &error))
		(void)uc_ctl_fail(error);
}

static gint
uc_ctl_monitor_run(gint argc, gchar **argv)
{
	gboolean json = FALSE;
	GOptionEntry entries[] = {
	    {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL},
	    {NULL},
	};
	g_autoptr(GMainLoop) loop = NULL;
	g_autoptr(GDBusConnection) connection = NULL;
	g_autoptr(GError) error = NULL;
	guint subscription = 0;

	if (!uc_ctl_parse(&uc_ctl_monitor, entries, 0, &argc, &argv))
		return UC_CTL_USAGE;
	connection = uc_ctl_connect(&error);
	if (connection == NULL)
		return uc_ctl_fail(error);
	if (!uc_ctl_monitor_print(json, &error))
		return uc_ctl_fail(error);
	loop = g_main_loop_new(NULL, FALSE);
	subscription = g_dbus_connection_signal_subscribe(connection,
							  UC_DBUS_NAME,
							  UC_DBUS_INTERFACE,
							  "Changed",
							  UC_DBUS_PATH,
							  NULL,
							  G_DBUS_SIGNAL_FLAGS_NONE,
							  uc_ctl_monitor_changed_cb,
							  GINT_TO_POINTER(json),
							  NULL);
	g_main_loop_run(loop);
	g_dbus_connection_signal_unsubscribe(connection, subscription);
	return UC_CTL_DONE;
}
