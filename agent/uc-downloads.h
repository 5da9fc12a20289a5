/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <fwupd.h>

#include "uc-service.h"

gchar *
uc_downloads_get_path(const gchar *sha256) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_downloads_has(const gchar *sha256) G_GNUC_WARN_UNUSED_RESULT;
guint64
uc_downloads_get_missing_bytes(const gchar *sha256, guint64 size_bytes) G_GNUC_WARN_UNUSED_RESULT;
void
uc_downloads_clean(GHashTable *keep);
gchar *
uc_downloads_get_url_path(FwupdRelease *release,
			  const gchar *base_url,
			  const gchar *internal_url,
			  const gchar *firmware_base_path,
			  GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_downloads_fetch_async(UcService *service,
			 FwupdRelease *release,
			 GCancellable *cancellable,
			 GAsyncReadyCallback callback,
			 gpointer user_data);
gboolean
uc_downloads_fetch_finish(GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
