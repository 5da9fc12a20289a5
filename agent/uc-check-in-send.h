/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "uc-http.h"

void
uc_check_in_send_async(UcHttp *http,
		       const gchar *path,
		       JsonObject *check_in,
		       GCancellable *cancellable,
		       GAsyncReadyCallback callback,
		       gpointer user_data);
gboolean
uc_check_in_send_finish(GAsyncResult *result,
			guint *downloads_out,
			GError **error) G_GNUC_WARN_UNUSED_RESULT;
