/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-error.h"
#include "uc-restart.h"

#define UC_RESTART_TIMEOUT_MS 30000

/* SD_LOGIND_ROOT_CHECK_INHIBITORS, org.freedesktop.login1(5): without it root passes inhibitors */
#define UC_RESTART_CHECK_INHIBITORS (G_GUINT64_CONSTANT(1) << 0)

/**
 * uc_restart_async:
 * @connection: the system bus
 *
 * Asks logind to restart the machine, never past somebody's inhibitor.
 */
void
uc_restart_async(GDBusConnection *connection,
		 GCancellable *cancellable,
		 GAsyncReadyCallback callback,
		 gpointer user_data)
{
	g_dbus_connection_call(connection,
			       "org.freedesktop.login1",
			       "/org/freedesktop/login1",
			       "org.freedesktop.login1.Manager",
			       "RebootWithFlags",
			       g_variant_new("(t)", UC_RESTART_CHECK_INHIBITORS),
			       NULL,
			       G_DBUS_CALL_FLAGS_NONE,
			       UC_RESTART_TIMEOUT_MS,
			       cancellable,
			       callback,
			       user_data);
}

/**
 * uc_restart_finish:
 * @error: set to %UC_ERROR_TEMPORARY
 */
gboolean
uc_restart_finish(GDBusConnection *connection, GAsyncResult *result, GError **error)
{
	g_autoptr(GError) error_call = NULL;
	g_autoptr(GVariant) reply = g_dbus_connection_call_finish(connection, result, &error_call);

	if (reply != NULL)
		return TRUE;
	g_dbus_error_strip_remote_error(error_call);
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_TEMPORARY,
		    "logind does not restart the machine: %s",
		    error_call->message);
	return FALSE;
}
