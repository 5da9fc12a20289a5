/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fetches cabs from where a mirror is synchronised from, within the budget of the day. The budget
 * is in the database, taken before a download and given back after it, so that a kill never
 * fetches more of it.
 */

#include "uc-error.h"
#include "uc-limits.h"
#include "uc-sync-fetcher.h"

#define UC_SYNC_FETCHER_META "sync_budget" /* "DAY BYTES" */
#define UC_SYNC_FETCHER_DAY  86400

struct _UcSyncFetcher {
	UcDatabase *database; /* not owned */
	const UcSync *sync;   /* not owned */
	UcSyncSource *source;
	guint64 used_bytes;    /* today */
	guint64 fetched_bytes; /* by this one */
};

void
uc_sync_fetcher_free(UcSyncFetcher *self)
{
	g_clear_pointer(&self->source, uc_sync_source_free);
	g_free(self);
}

static gboolean
uc_sync_fetcher_load(UcSyncFetcher *self, GError **error)
{
	g_autofree gchar *text = NULL;
	gchar *rest = NULL;
	guint64 day = 0;

	if (!uc_database_get_meta(self->database, UC_SYNC_FETCHER_META, &text, error))
		return FALSE;
	day = g_ascii_strtoull(text, &rest, 10);
	if (day == (guint64)self->sync->now_secs / UC_SYNC_FETCHER_DAY)
		self->used_bytes = g_ascii_strtoull(rest, NULL, 10);
	return TRUE;
}

static gboolean
uc_sync_fetcher_save(UcSyncFetcher *self, guint64 used_bytes, GError **error)
{
	g_autofree gchar *text = g_strdup_printf("%" G_GINT64_FORMAT " %" G_GUINT64_FORMAT,
						 self->sync->now_secs / UC_SYNC_FETCHER_DAY,
						 used_bytes);

	return uc_database_set_meta(self->database, UC_SYNC_FETCHER_META, text, error);
}

/**
 * uc_sync_fetcher_new:
 * @database: where the budget is; not owned, has to live as long
 * @sync: where from; not owned, has to live as long
 * @error: set to the errors of uc_sync_source_new(), or %UC_ERROR_FAILED
 *
 * Returns: (transfer full): a fetcher, which sent nothing yet
 */
UcSyncFetcher *
uc_sync_fetcher_new(UcDatabase *database, const UcSync *sync, GError **error)
{
	g_autoptr(UcSyncFetcher) self = g_new0(UcSyncFetcher, 1);

	self->database = database;
	self->sync = sync;
	self->source = uc_sync_source_new(sync->url, sync->tls_dir, error);
	if (self->source == NULL || !uc_sync_fetcher_load(self, error))
		return NULL;
	return g_steal_pointer(&self);
}

/**
 * uc_sync_fetcher_get_source:
 *
 * Returns: (transfer none): where from; what is asked there directly costs no budget
 */
UcSyncSource *
uc_sync_fetcher_get_source(UcSyncFetcher *self)
{
	return self->source;
}

/**
 * uc_sync_fetcher_get_bytes:
 *
 * Returns: so much was fetched
 */
guint64
uc_sync_fetcher_get_bytes(const UcSyncFetcher *self)
{
	return self->fetched_bytes;
}

/**
 * uc_sync_fetcher_is_used_up:
 *
 * Returns: whether nothing of the budget of today is left
 */
gboolean
uc_sync_fetcher_is_used_up(const UcSyncFetcher *self)
{
	return self->used_bytes >= self->sync->budget_bytes;
}

/**
 * uc_sync_fetcher_fetch:
 * @release: what to fetch
 * @path: where to put its cab; a part of it that is there is continued
 * @error: set to %UC_ERROR_LIMIT when the budget is used up (a part stays), else as
 *   uc_sync_source_download()
 *
 * Fetches a cab, which has the checksum of @release then. Blocks.
 */
gboolean
uc_sync_fetcher_fetch(UcSyncFetcher *self,
		      const UcSyncRelease *release,
		      const gchar *path,
		      GError **error)
{
	guint64 left_bytes =
	    self->sync->budget_bytes - MIN(self->used_bytes, self->sync->budget_bytes);
	UcDownload download = {
	    .destination = path,
	    .size_bytes = release->size_bytes,
	    .max_bytes = UC_LIMIT_CAB_BYTES,
	    .sha256 = release->sha256,
	};
	guint64 wanted_bytes = release->size_bytes > 0 ? release->size_bytes : UC_LIMIT_CAB_BYTES;
	guint64 fetched_bytes = 0;
	gboolean done = FALSE;

	if (left_bytes == 0) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_LIMIT,
			    "the budget of today is used up; it goes on tomorrow");
		return FALSE;
	}
	if (!uc_sync_fetcher_save(self, self->used_bytes + MIN(wanted_bytes, left_bytes), error))
		return FALSE;
	done = uc_sync_source_download(self->source,
				       release->location,
				       &download,
				       left_bytes,
				       &fetched_bytes,
				       error);
	self->used_bytes += fetched_bytes;
	self->fetched_bytes += fetched_bytes;
	return uc_sync_fetcher_save(self, self->used_bytes, done ? error : NULL) && done;
}
