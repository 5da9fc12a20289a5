/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <fwupd.h>

void
uc_fwupd_file_install_async(GDBusConnection *connection,
			    const gchar *device_id,
			    gint fd,
			    FwupdInstallFlags flags,
			    GCancellable *cancellable,
			    GAsyncReadyCallback callback,
			    gpointer user_data);
gboolean
uc_fwupd_file_install_finish(GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
