/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-ctl.h"
#include "uc-error.h"
#include "uc-names.h"

static gint
uc_ctl_defer_run(gint argc, gchar **argv);

const UcCtlCommand uc_ctl_defer = {
    "defer",
    "[DEVICE] [--json]",
    N_("Not now: the same as NO to what people in the room are asked"),
    uc_ctl_defer_run,
};

static GVariant *
uc_ctl_defer_get_prompt(GError **error)
{
	g_autoptr(GDBusConnection) connection = uc_ctl_connect(error);
	g_autoptr(GVariant) reply = NULL;
	GVariant *prompt = NULL;

	if (connection == NULL)
		return NULL;
	reply = g_dbus_connection_call_sync(connection,
					    UC_DBUS_NAME,
					    UC_DBUS_PATH,
					    "org.freedesktop.DBus.Properties",
					    "Get",
					    g_variant_new("(ss)", UC_DBUS_INTERFACE, "Prompt"),
					    G_VARIANT_TYPE("(v)"),
					    G_DBUS_CALL_FLAGS_NONE,
					    -1,
					    NULL,
					    error);
	if (reply != NULL)
		g_variant_get(reply, "(v)", &prompt);
	return prompt;
}

/* (transfer full): the `Id` of an endpoint that there is */
static gchar *
uc_ctl_defer_find(const gchar *device, GError **error)
{
	g_autoptr(GVariant) reply = uc_ctl_call("Explain", g_variant_new("(s)", device), -1, error);
	g_autoptr(GVariant) endpoints = NULL;
	g_autoptr(GVariant) endpoint = NULL;
	gchar *id = NULL;

	if (reply == NULL)
		return NULL;
	endpoints = g_variant_get_child_value(reply, 0);
	if (g_variant_n_children(endpoints) > 0) {
		endpoint = g_variant_get_child_value(endpoints, 0);
		(void)g_variant_lookup(endpoint, "id", "s", &id);
	}
	return id != NULL ? id : g_strdup(device);
}

static gboolean
uc_ctl_defer_check(GVariant *prompt, const gchar *device, GError **error)
{
	g_autofree const gchar **devices = NULL;
	g_autofree gchar *id = NULL;

	/* before it is said that nobody is asked about what does not exist */
	if (device != NULL) {
		id = uc_ctl_defer_find(device, error);
		if (id == NULL)
			return FALSE;
	}

	if (!g_variant_is_of_type(prompt, G_VARIANT_TYPE_VARDICT) ||
	    !g_variant_lookup(prompt, "devices", "^a&s", &devices)) {
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_NOT_FOUND,
				    _("nobody is asked about an update at this moment; "
				      "`ucupdatesctl explain` shows what comes next"));
		return FALSE;
	}
	if (id == NULL || g_strv_contains(devices, id))
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_NOT_FOUND,
		    _("what is asked is not about '%s'"),
		    device);
	return FALSE;
}

static gint
uc_ctl_defer_run(gint argc, gchar **argv)
{
	gboolean json = FALSE;
	GOptionEntry entries[] = {
	    {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL},
	    {NULL},
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) prompt = NULL;
	g_autoptr(GVariant) reply = NULL;

	if (!uc_ctl_parse(&uc_ctl_defer, entries, 1, &argc, &argv))
		return UC_CTL_USAGE;
	prompt = uc_ctl_defer_get_prompt(&error);
	if (prompt == NULL || !uc_ctl_defer_check(prompt, argc > 1 ? argv[1] : NULL, &error))
		return uc_ctl_fail(error);
	reply = uc_ctl_call("AnswerPrompt", g_variant_new("(b)", FALSE), -1, &error);
	if (reply == NULL)
		return uc_ctl_fail(error);
	g_print("%s",
		json ? "{}\n" : _("not now; ucupdatesctl explain shows when it is asked again\n"));
	return UC_CTL_DONE;
}
