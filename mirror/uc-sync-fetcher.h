/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-sync-catalog.h"
#include "uc-sync-source.h"
#include "uc-sync.h"

typedef struct _UcSyncFetcher UcSyncFetcher;

UcSyncFetcher *
uc_sync_fetcher_new(UcDatabase *database,
		    const UcSync *sync,
		    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_sync_fetcher_free(UcSyncFetcher *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcSyncFetcher, uc_sync_fetcher_free)

UcSyncSource *
uc_sync_fetcher_get_source(UcSyncFetcher *self);
guint64
uc_sync_fetcher_get_bytes(const UcSyncFetcher *self);
gboolean
uc_sync_fetcher_is_used_up(const UcSyncFetcher *self);
gboolean
uc_sync_fetcher_fetch(UcSyncFetcher *self,
		      const UcSyncRelease *release,
		      const gchar *path,
		      GError **error) G_GNUC_WARN_UNUSED_RESULT;
