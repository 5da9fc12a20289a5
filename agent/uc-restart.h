/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

void
uc_restart_async(GDBusConnection *connection,
		 GCancellable *cancellable,
		 GAsyncReadyCallback callback,
		 gpointer user_data);
gboolean
uc_restart_finish(GDBusConnection *connection,
		  GAsyncResult *result,
		  GError **error) G_GNUC_WARN_UNUSED_RESULT;
