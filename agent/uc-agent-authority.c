/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Who may call what. Everybody in the room may say that there is a call or that somebody is here,
 * because that can only hold an update back, and may look. Whoever draws for the people in the room
 * answers for them, and says that the display is off, which counts only where the administrator
 * made it a source. What makes the machine do something is root's, and so is
 * what the plugin asks: a "forced" goes into the journal and into reports. Every call passes here
 * before it is dispatched; a method that is not in the table is denied. Who calls is asked of the
 * bus, never of the caller.
 */

#include <unistd.h>

#include "uc-agent-authority.h"
#include "uc-error.h"

#define UC_AGENT_AUTHORITY_TIMEOUT_MS 5000

static const struct {
	const gchar *method;
	UcCaller caller;
} uc_agent_authority_table[] = {
    {"Activity", UC_CALLER_ANYONE},    {"AnswerPrompt", UC_CALLER_ANYONE},
    {"CancelInstall", UC_CALLER_ROOT}, {"Check", UC_CALLER_ROOT},
    {"CheckStep", UC_CALLER_ROOT},     {"DisplayOff", UC_CALLER_ANYONE},
    {"Explain", UC_CALLER_ANYONE},     {"ForgetService", UC_CALLER_ROOT},
    {"GetHistory", UC_CALLER_ANYONE},  {"GetService", UC_CALLER_ANYONE},
    {"GetStatus", UC_CALLER_ANYONE},   {"GetVersions", UC_CALLER_ANYONE},
    {"Inhibit", UC_CALLER_ANYONE},     {"Install", UC_CALLER_ROOT},
    {"InstallFile", UC_CALLER_ROOT},   {"PromptInput", UC_CALLER_ANYONE},
    {"SetService", UC_CALLER_ROOT},    {"SignIn", UC_CALLER_ROOT},
    {"SignOut", UC_CALLER_ROOT},
};

/**
 * uc_agent_authority_get:
 * @method: name of a method of `org.ucupdates.Agent1`
 *
 * Returns: who may call it
 */
UcCaller
uc_agent_authority_get(const gchar *method)
{
	for (guint i = 0; i < G_N_ELEMENTS(uc_agent_authority_table); i++) {
		if (g_str_equal(uc_agent_authority_table[i].method, method))
			return uc_agent_authority_table[i].caller;
	}
	return UC_CALLER_NOBODY;
}

static void
uc_agent_authority_deny(GTask *task, const gchar *method)
{
	g_task_return_new_error(task,
				G_DBUS_ERROR,
				G_DBUS_ERROR_ACCESS_DENIED,
				"%s is only for root; use sudo",
				method);
}

static void
uc_agent_authority_uid_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	GDBusMethodInvocation *invocation = g_task_get_source_object(task);
	g_autoptr(GVariant) reply = NULL;
	guint32 uid = G_MAXUINT32;

	reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, NULL);
	if (reply != NULL)
		g_variant_get(reply, "(u)", &uid);
	if (reply != NULL && (uid == 0 || uid == getuid()))
		g_task_return_boolean(task, TRUE);
	else
		uc_agent_authority_deny(task, g_dbus_method_invocation_get_method_name(invocation));
}

/**
 * uc_agent_authority_check_async:
 *
 * Finds out whether the caller may. Errors: `G_DBUS_ERROR_ACCESS_DENIED`, also when the bus does
 * not say within 5 s who calls.
 */
void
uc_agent_authority_check_async(GDBusMethodInvocation *invocation,
			       GAsyncReadyCallback callback,
			       gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(invocation, NULL, callback, user_data);
	const gchar *method = g_dbus_method_invocation_get_method_name(invocation);

	switch (uc_agent_authority_get(method)) {
	case UC_CALLER_ANYONE:
		g_task_return_boolean(task, TRUE);
		return;
	case UC_CALLER_ROOT:
		break;
	default:
		uc_agent_authority_deny(task, method);
		return;
	}
	g_dbus_connection_call(
	    g_dbus_method_invocation_get_connection(invocation),
	    "org.freedesktop.DBus",
	    "/org/freedesktop/DBus",
	    "org.freedesktop.DBus",
	    "GetConnectionUnixUser",
	    g_variant_new("(s)", g_dbus_method_invocation_get_sender(invocation)),
	    G_VARIANT_TYPE("(u)"),
	    G_DBUS_CALL_FLAGS_NONE,
	    UC_AGENT_AUTHORITY_TIMEOUT_MS,
	    NULL,
	    uc_agent_authority_uid_cb,
	    g_steal_pointer(&task));
}

gboolean
uc_agent_authority_check_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}
