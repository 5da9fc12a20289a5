/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Where a mirror is synchronised from: HTTPS only, by the client that endpoints use. What it says
 * counts only after uc-sync.c verified it; a location in the signed metadata may be on another
 * host.
 */

#include <glib/gstdio.h>
#include <string.h>

#include "uc-error.h"
#include "uc-limits.h"
#include "uc-names.h"
#include "uc-sync-source.h"
#include "uc-tls.h"

struct _UcSyncSource {
	gchar *url;    /* of the metadata */
	gchar *origin; /* (nullable): HOST:PORT of @http */
	UcHttp *http;  /* (nullable) */
	GTlsDatabase *database;
};

/* one call of the client, from an asynchronous one */
typedef struct {
	GAsyncResult *result;
} UcSyncCall;

typedef struct {
	GCancellable *cancellable;
	guint64 done_bytes;  /* of the file */
	guint64 until_bytes; /* the same */
	gboolean used_up;
} UcSyncBudget;

void
uc_sync_source_free(UcSyncSource *self)
{
	g_clear_object(&self->http);
	g_clear_object(&self->database);
	g_free(self->origin);
	g_free(self->url);
	g_free(self);
}

/**
 * uc_sync_source_new:
 * @url: of the metadata, https://
 * @tls_dir: (nullable): directory of CAs that count for TLS; %NULL takes those of this machine
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_REFUSED
 *
 * Returns: (transfer full): a source, to which nothing was sent yet
 */
UcSyncSource *
uc_sync_source_new(const gchar *url, const gchar *tls_dir, GError **error)
{
	g_autoptr(UcSyncSource) self = g_new0(UcSyncSource, 1);

	self->url = g_strdup(url);
	if (tls_dir != NULL)
		self->database = uc_tls_database_new(tls_dir, error);
	else
		self->database = g_tls_backend_get_default_database(g_tls_backend_get_default());
	if (self->database == NULL) {
		g_prefix_error(error, "%s: ", url);
		return NULL;
	}
	return g_steal_pointer(&self);
}

/* (transfer full): path of the URL; the session is that of its host then */
static gchar *
uc_sync_source_connect(UcSyncSource *self, const gchar *location, GError **error)
{
	g_autofree gchar *absolute =
	    g_uri_resolve_relative(self->url, location, G_URI_FLAGS_ENCODED, NULL);
	g_autoptr(GUri) uri = absolute != NULL ? g_uri_parse(absolute, G_URI_FLAGS_ENCODED, NULL)
					       : NULL;
	g_autofree gchar *origin = NULL;
	gint port = 0;

	if (uri == NULL || g_strcmp0(g_uri_get_scheme(uri), "https") != 0 ||
	    g_uri_get_host(uri) == NULL || g_uri_get_host(uri)[0] == '\0' ||
	    g_uri_get_userinfo(uri) != NULL || strlen(absolute) > UC_LIMIT_URL_BYTES) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_REFUSED,
			    "'%.200s' is no address to fetch from, expected https://HOST[:PORT]/…",
			    location);
		return NULL;
	}
	port = g_uri_get_port(uri) > 0 ? g_uri_get_port(uri) : UC_HTTPS_PORT;
	origin = g_strdup_printf("%s:%d", g_uri_get_host(uri), port);
	if (g_strcmp0(origin, self->origin) != 0) {
		g_clear_object(&self->http);
		self->http = uc_http_new(g_uri_get_host(uri), (guint16)port, NULL, self->database);
		g_free(self->origin);
		self->origin = g_steal_pointer(&origin);
	}
	return g_strdup(g_uri_get_path(uri));
}

static void
uc_sync_source_called_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	UcSyncCall *call = user_data;

	call->result = g_object_ref(result);
}

static void
uc_sync_source_wait(UcSyncCall *call)
{
	while (call->result == NULL)
		g_main_context_iteration(NULL, TRUE);
}

/**
 * uc_sync_source_get:
 * @location: relative to the URL of the source, or absolute
 * @max_bytes: limit on the answer
 * @error: set to the errors of uc_http_request_finish(), or %UC_ERROR_REFUSED (the location)
 *
 * Blocks, %UC_LIMIT_REQUEST_MS for each MiB at the most.
 *
 * Returns: (transfer full): the bytes
 */
GBytes *
uc_sync_source_get(UcSyncSource *self, const gchar *location, gsize max_bytes, GError **error)
{
	g_autofree gchar *path = uc_sync_source_connect(self, location, error);
	UcSyncCall call = {0};
	g_autoptr(GAsyncResult) result = NULL;

	if (path == NULL)
		return NULL;
	uc_http_get_async(self->http,
			  path,
			  NULL,
			  max_bytes,
			  UC_LIMIT_REQUEST_MS * (guint)(1 + max_bytes / (1024 * 1024)),
			  NULL,
			  uc_sync_source_called_cb,
			  &call);
	uc_sync_source_wait(&call);
	result = call.result;
	return uc_http_request_finish(self->http, result, error);
}

static void
uc_sync_source_progress_cb(guint64 done_bytes, guint64 total_bytes, gpointer user_data)
{
	UcSyncBudget *budget = user_data;

	budget->done_bytes = done_bytes;
	if (done_bytes < budget->until_bytes || done_bytes >= total_bytes)
		return;
	budget->used_up = TRUE;
	g_cancellable_cancel(budget->cancellable);
}

static guint64
uc_sync_source_get_part_size(const UcDownload *download)
{
	g_autofree gchar *part = g_strdup_printf("%s.part", download->destination);
	GStatBuf info;

	return g_stat(part, &info) == 0 ? (guint64)info.st_size : 0;
}

/**
 * uc_sync_source_download:
 * @location: relative to the URL of the source, or absolute
 * @download: what it must be, and where to; its path and progress are set here
 * @budget_bytes: so much may be fetched, one read buffer more at the most
 * @fetched_bytes_out: (out): so much was
 * @error: set to %UC_ERROR_LIMIT when the budget is used up (the part stays), else as
 *   uc_download_async()
 *
 * Fetches a file, goes on where it ended before, and verifies it. Blocks.
 */
gboolean
uc_sync_source_download(UcSyncSource *self,
			const gchar *location,
			UcDownload *download,
			guint64 budget_bytes,
			guint64 *fetched_bytes_out,
			GError **error)
{
	g_autofree gchar *path = uc_sync_source_connect(self, location, error);
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	UcSyncBudget budget = {cancellable};
	guint64 before_bytes = 0;
	gboolean done = FALSE;
	UcSyncCall call = {0};
	g_autoptr(GAsyncResult) result = NULL;

	*fetched_bytes_out = 0;
	if (path == NULL)
		return FALSE;
	before_bytes = budget.done_bytes = uc_sync_source_get_part_size(download);
	budget.until_bytes = before_bytes + budget_bytes;
	download->path = path;
	download->progress = uc_sync_source_progress_cb;
	download->progress_data = &budget;
	uc_download_async(self->http, download, cancellable, uc_sync_source_called_cb, &call);
	uc_sync_source_wait(&call);
	result = call.result;
	done = uc_download_finish(self->http, result, error);
	*fetched_bytes_out = budget.done_bytes > before_bytes ? budget.done_bytes - before_bytes
							      : 0;
	if (done)
		return TRUE;
	if (!budget.used_up)
		return FALSE;
	g_clear_error(error);
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_LIMIT,
		    "the budget of today is used up; it goes on tomorrow");
	return FALSE;
}
