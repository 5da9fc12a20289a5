/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A package that somebody hands over as an open file. libfwupd takes paths and streams that are
 * read into memory; fwupd itself takes a descriptor, so that the agent needs no right to the file
 * and no copy of it.
 */

#include <gio/gunixfdlist.h>

#include "uc-error.h"
#include "uc-fwupd-file.h"

#define UC_FWUPD_FILE_MS (3600 * 1000)

static void
uc_fwupd_file_installed_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = NULL;

	reply = g_dbus_connection_call_with_unix_fd_list_finish(G_DBUS_CONNECTION(source),
								NULL,
								result,
								&error);
	if (reply != NULL) {
		g_task_return_boolean(task, TRUE);
		return;
	}
	g_dbus_error_strip_remote_error(error);
	g_task_return_new_error(task,
				UC_ERROR,
				UC_ERROR_FAILED,
				"fwupd did not stage the file: %s",
				error->message);
}

static GVariant *
uc_fwupd_file_build_options(FwupdInstallFlags flags)
{
	g_auto(GVariantDict) options = G_VARIANT_DICT_INIT(NULL);

	g_variant_dict_insert(&options, "reason", "s", "user-action");
	g_variant_dict_insert(&options, "install-flags", "t", (guint64)flags);
	return g_variant_dict_end(&options);
}

/**
 * uc_fwupd_file_install_async:
 * @connection: the system bus
 * @device_id: a fwupd device id
 * @fd: (transfer full): a cab, opened for reading; closed in any case
 * @flags: whether older versions and force are meant
 *
 * Lets fwupd verify the package and the plugin write it, within an hour, as with any other. Errors:
 * %UC_ERROR_FAILED with fwupd's sentence.
 */
void
uc_fwupd_file_install_async(GDBusConnection *connection,
			    const gchar *device_id,
			    gint fd,
			    FwupdInstallFlags flags,
			    GCancellable *cancellable,
			    GAsyncReadyCallback callback,
			    gpointer user_data)
{
	g_autoptr(GUnixFDList) list = g_unix_fd_list_new_from_array(&fd, 1);

	g_dbus_connection_call_with_unix_fd_list(
	    connection,
	    FWUPD_DBUS_SERVICE,
	    FWUPD_DBUS_PATH,
	    FWUPD_DBUS_INTERFACE,
	    "Install",
	    g_variant_new("(sh@a{sv})", device_id, 0, uc_fwupd_file_build_options(flags)),
	    NULL,
	    G_DBUS_CALL_FLAGS_NONE,
	    UC_FWUPD_FILE_MS,
	    list,
	    cancellable,
	    uc_fwupd_file_installed_cb,
	    g_task_new(connection, cancellable, callback, user_data));
}

gboolean
uc_fwupd_file_install_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}
