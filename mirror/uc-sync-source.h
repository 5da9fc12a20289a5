/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-download.h"

typedef struct _UcSyncSource UcSyncSource;

UcSyncSource *
uc_sync_source_new(const gchar *url,
		   const gchar *tls_dir,
		   GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_sync_source_free(UcSyncSource *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcSyncSource, uc_sync_source_free)

GBytes *
uc_sync_source_get(UcSyncSource *self, const gchar *location, gsize max_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_sync_source_download(UcSyncSource *self,
			const gchar *location,
			UcDownload *download,
			guint64 budget_bytes,
			guint64 *fetched_bytes_out,
			GError **error) G_GNUC_WARN_UNUSED_RESULT;
