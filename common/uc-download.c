/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A file to disk, never in memory. What is there of an earlier attempt is hashed and kept, and only
 * the rest is asked for; the checksum comes from a signed document, so a part of another file only
 * costs one more attempt. A server slower than the floor is given up.
 */

#include <glib/gstdio.h>
#include <string.h>

#include "uc-deadline.h"
#include "uc-download.h"
#include "uc-error.h"
#include "uc-file.h"
#include "uc-limits.h"
#include "uc-sha256.h"

#define UC_DOWNLOAD_CHUNK_BYTES (128 * 1024)

typedef struct {
	UcHttp *http;
	SoupMessage *message;
	GInputStream *stream; /* of the part on disk, then of the answer */
	GOutputStream *output;
	UcSha256 *sha256;
	UcDeadline *deadline; /* without a time-out: stopped by the speed check */
	GSource *speed_source;
	gchar *path;
	gchar *destination;
	gchar *part;
	gchar *etag_path; /* entity tag of the part */
	gchar *expected_sha256;
	guint64 size_bytes;
	guint64 max_bytes;
	guint64 done_bytes;
	guint64 speed_done_bytes; /* done at the last speed check */
	gboolean too_slow;
	guint speed_bytes_sec;
	guint speed_secs;
	guint redirects; /* so many were followed */
	UcDownloadProgress progress;
	gpointer progress_data;
} UcDownloadJob;

static void
uc_download_stop_watching(UcDownloadJob *job)
{
	if (job->speed_source != NULL)
		g_source_destroy(job->speed_source);
	g_clear_pointer(&job->speed_source, g_source_unref);
}

static void
uc_download_job_free(UcDownloadJob *job)
{
	uc_download_stop_watching(job);
	g_clear_object(&job->message);
	g_clear_object(&job->stream);
	g_clear_object(&job->output);
	g_clear_object(&job->http);
	g_clear_pointer(&job->sha256, uc_sha256_free);
	g_clear_pointer(&job->deadline, uc_deadline_free);
	g_free(job->path);
	g_free(job->destination);
	g_free(job->part);
	g_free(job->etag_path);
	g_free(job->expected_sha256);
	g_free(job);
}

static void
uc_download_fail(GTask *task, GError *error)
{
	UcDownloadJob *job = g_task_get_task_data(task);
	GError *converted = error;

	if (job->too_slow) {
		g_clear_error(&converted);
		g_set_error(&converted,
			    UC_ERROR,
			    UC_ERROR_TEMPORARY,
			    "slower than %u bytes a second for %u s, given up",
			    job->speed_bytes_sec,
			    job->speed_secs);
	}
	if (job->message != NULL)
		uc_http_convert_error(job->message, &converted);
	g_task_return_error(task, converted);
}

static gboolean
uc_download_check_speed_cb(gpointer user_data)
{
	UcDownloadJob *job = user_data;
	guint64 floor_bytes = (guint64)job->speed_bytes_sec * job->speed_secs;

	if (job->done_bytes - job->speed_done_bytes >= floor_bytes) {
		job->speed_done_bytes = job->done_bytes;
		return G_SOURCE_CONTINUE;
	}
	job->too_slow = TRUE;
	g_cancellable_cancel(uc_deadline_get_cancellable(job->deadline));
	return G_SOURCE_REMOVE;
}

static void
uc_download_watch_speed(UcDownloadJob *job)
{
	if (job->speed_source != NULL)
		return;
	job->speed_done_bytes = job->done_bytes;
	job->speed_source = g_timeout_source_new_seconds(job->speed_secs);
	g_source_set_callback(job->speed_source, uc_download_check_speed_cb, job, NULL);
	g_source_attach(job->speed_source, g_main_context_get_thread_default());
}

static gboolean
uc_download_verify(UcDownloadJob *job, GError **error)
{
	g_autofree gchar *found = uc_sha256_to_hex(job->sha256);

	if (job->size_bytes != 0 && job->done_bytes < job->size_bytes) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_TEMPORARY,
			    "the connection ended after %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
			    " bytes",
			    job->done_bytes,
			    job->size_bytes);
		return FALSE;
	}
	if (g_strcmp0(found, job->expected_sha256) == 0)
		return TRUE;
	(void)g_unlink(job->part);
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_REFUSED,
		    "%s has the SHA-256 %s, expected %s by the signed metadata",
		    job->path,
		    found,
		    job->expected_sha256);
	return FALSE;
}

static void
uc_download_stored_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcDownloadJob *job = g_task_get_task_data(task);
	GError *error = NULL;

	if (!g_task_propagate_boolean(G_TASK(result), &error)) {
		g_task_return_error(task, error);
		return;
	}
	(void)g_unlink(job->etag_path);
	g_task_return_boolean(task, TRUE);
}

/* nobody touches the job meanwhile */
static void
uc_download_store_thread(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
	const UcDownloadJob *job = data;
	GError *error = NULL;

	if (uc_file_sync(job->part, &error) && uc_file_rename(job->part, job->destination, &error))
		g_task_return_boolean(task, TRUE);
	else
		g_task_return_error(task, error);
}

/* A file that has its name is taken for whole ever after, so it is on the disk before. That takes
 * as long as the disk does, and whoever asks in the meantime is answered. */
static void
uc_download_end(GTask *task)
{
	UcDownloadJob *job = g_task_get_task_data(task);
	g_autoptr(GTask) store = NULL;
	GError *error = NULL;

	if (!g_output_stream_close(job->output, NULL, &error) || !uc_download_verify(job, &error)) {
		g_task_return_error(task, error);
		return;
	}
	uc_download_stop_watching(job);
	store = g_task_new(NULL, NULL, uc_download_stored_cb, g_object_ref(task));
	g_task_set_task_data(store, job, NULL);
	g_task_run_in_thread(store, uc_download_store_thread);
}

static gboolean
uc_download_add(UcDownloadJob *job, GBytes *chunk, GError **error)
{
	gsize size_bytes = 0;
	gconstpointer data = g_bytes_get_data(chunk, &size_bytes);
	guint64 limit_bytes = job->size_bytes != 0 ? job->size_bytes : job->max_bytes;

	if (size_bytes > limit_bytes - job->done_bytes) {
		(void)g_unlink(job->part);
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_LIMIT,
			    "the file is larger than %" G_GUINT64_FORMAT " bytes",
			    limit_bytes);
		return FALSE;
	}
	if (!g_output_stream_write_all(job->output, data, size_bytes, NULL, NULL, error))
		return FALSE;
	uc_sha256_update(job->sha256, data, size_bytes);
	job->done_bytes += size_bytes;
	if (job->progress != NULL)
		job->progress(job->done_bytes, job->size_bytes, job->progress_data);
	return TRUE;
}

static void
uc_download_read(GTask *task, GAsyncReadyCallback callback)
{
	UcDownloadJob *job = g_task_get_task_data(task);

	g_input_stream_read_bytes_async(job->stream,
					UC_DOWNLOAD_CHUNK_BYTES,
					G_PRIORITY_DEFAULT,
					uc_deadline_get_cancellable(job->deadline),
					callback,
					g_object_ref(task));
}

static void
uc_download_read_body_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcDownloadJob *job = g_task_get_task_data(task);
	g_autoptr(GBytes) chunk = NULL;
	GError *error = NULL;

	chunk = g_input_stream_read_bytes_finish(G_INPUT_STREAM(source), result, &error);
	if (chunk == NULL) {
		uc_download_fail(task, error);
		return;
	}
	if (g_bytes_get_size(chunk) == 0) {
		uc_download_end(task);
		return;
	}
	if (!uc_download_add(job, chunk, &error)) {
		uc_download_fail(task, error);
		return;
	}
	uc_download_read(task, uc_download_read_body_cb);
}

/* a server that ignores the range sends all of it again */
static gboolean
uc_download_open_output(UcDownloadJob *job, GError **error)
{
	g_autoptr(GFile) file = g_file_new_for_path(job->part);
	gboolean resumed = soup_message_get_status(job->message) == SOUP_STATUS_PARTIAL_CONTENT;
	goffset start = 0;
	goffset end = 0;
	goffset total = 0;

	if (resumed) {
		if (!soup_message_headers_get_content_range(
			soup_message_get_response_headers(job->message),
			&start,
			&end,
			&total) ||
		    (guint64)start != job->done_bytes) {
			g_set_error(error,
				    UC_ERROR,
				    UC_ERROR_INVALID,
				    "the answer does not continue at byte %" G_GUINT64_FORMAT
				    " as asked",
				    job->done_bytes);
			return FALSE;
		}
		job->output =
		    G_OUTPUT_STREAM(g_file_append_to(file, G_FILE_CREATE_PRIVATE, NULL, error));
		return job->output != NULL;
	}
	job->done_bytes = 0;
	uc_sha256_free(job->sha256);
	job->sha256 = uc_sha256_new();
	(void)g_unlink(job->part);
	job->output = G_OUTPUT_STREAM(g_file_append_to(file, G_FILE_CREATE_PRIVATE, NULL, error));
	return job->output != NULL;
}

static void
uc_download_send(GTask *task);

/* by hand, so that each one is looked at */
static void
uc_download_redirect(GTask *task)
{
	UcDownloadJob *job = g_task_get_task_data(task);
	g_autoptr(UcHttp) http = NULL;
	GError *error = NULL;
	gchar *path = NULL;

	if (job->redirects++ >= UC_LIMIT_REDIRECTS) {
		g_task_return_new_error(task,
					UC_ERROR,
					UC_ERROR_LIMIT,
					"%s: more than %d redirects",
					job->path,
					UC_LIMIT_REDIRECTS);
		return;
	}
	http = uc_http_follow_redirect(job->http, job->message, &path, &error);
	if (http == NULL) {
		g_task_return_error(task, error);
		return;
	}
	g_free(job->path);
	job->path = path;
	g_set_object(&job->http, http);
	g_clear_object(&job->stream);
	g_clear_object(&job->message);
	uc_download_send(task);
}

/* If-Range takes a strong entity tag only (RFC 9110, section 13.1.5) */
static void
uc_download_save_etag(UcDownloadJob *job)
{
	const gchar *etag =
	    soup_message_headers_get_one(soup_message_get_response_headers(job->message), "ETag");
	g_autoptr(GError) error = NULL;

	if (etag == NULL || etag[0] != '"' || strlen(etag) > UC_LIMIT_STRING_BYTES)
		(void)g_unlink(job->etag_path);
	else if (!g_file_set_contents(job->etag_path, etag, -1, &error))
		g_debug("%s", error->message);
}

static void
uc_download_send_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcDownloadJob *job = g_task_get_task_data(task);
	GError *error = NULL;

	job->stream = soup_session_send_finish(SOUP_SESSION(source), result, &error);
	if (job->stream == NULL) {
		uc_download_fail(task, error);
		return;
	}
	if (soup_message_get_status(job->message) == SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE)
		(void)g_unlink(job->part);
	if (SOUP_STATUS_IS_REDIRECTION(soup_message_get_status(job->message))) {
		uc_download_redirect(task);
		return;
	}
	if (!uc_http_check_status(job->message, &error)) {
		g_task_return_error(task, error);
		return;
	}
	uc_download_save_etag(job);
	if (!uc_download_open_output(job, &error)) {
		uc_download_fail(task, error);
		return;
	}
	job->speed_done_bytes = job->done_bytes;
	uc_download_read(task, uc_download_read_body_cb);
}

static void
uc_download_ask_for_rest(UcDownloadJob *job)
{
	SoupMessageHeaders *headers = soup_message_get_request_headers(job->message);
	g_autofree gchar *etag = NULL;

	soup_message_headers_set_range(headers, (goffset)job->done_bytes, -1);
	if (g_file_get_contents(job->etag_path, &etag, NULL, NULL))
		soup_message_headers_replace(headers, "If-Range", etag);
}

static void
uc_download_send(GTask *task)
{
	UcDownloadJob *job = g_task_get_task_data(task);
	GError *error = NULL;

	job->message = uc_http_message_new(job->http, "GET", job->path, &error);
	if (job->message == NULL) {
		g_task_return_error(task, error);
		return;
	}
	if (job->done_bytes > 0)
		uc_download_ask_for_rest(job);
	uc_download_watch_speed(job);
	uc_http_limit_informational(job->message, uc_deadline_get_cancellable(job->deadline));
	soup_session_send_async(uc_http_get_session(job->http),
				job->message,
				G_PRIORITY_DEFAULT,
				uc_deadline_get_cancellable(job->deadline),
				uc_download_send_cb,
				g_object_ref(task));
}

static void
uc_download_part_whole(GTask *task)
{
	UcDownloadJob *job = g_task_get_task_data(task);
	g_autoptr(GFile) file = g_file_new_for_path(job->part);
	GError *error = NULL;

	job->output = G_OUTPUT_STREAM(g_file_append_to(file, G_FILE_CREATE_PRIVATE, NULL, &error));
	if (job->output == NULL) {
		g_task_return_error(task, error);
		return;
	}
	uc_download_end(task);
}

static void
uc_download_read_part_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcDownloadJob *job = g_task_get_task_data(task);
	g_autoptr(GBytes) chunk = NULL;
	GError *error = NULL;
	gsize size_bytes = 0;
	gconstpointer data = NULL;

	chunk = g_input_stream_read_bytes_finish(G_INPUT_STREAM(source), result, &error);
	if (chunk == NULL) {
		g_task_return_error(task, error);
		return;
	}
	data = g_bytes_get_data(chunk, &size_bytes);
	if (size_bytes > 0) {
		uc_sha256_update(job->sha256, data, size_bytes);
		job->done_bytes += size_bytes;
		uc_download_read(task, uc_download_read_part_cb);
		return;
	}
	g_clear_object(&job->stream);
	if (job->size_bytes != 0 && job->done_bytes >= job->size_bytes)
		uc_download_part_whole(task);
	else
		uc_download_send(task);
}

static UcDownloadJob *
uc_download_job_new(UcHttp *http, const UcDownload *download, GCancellable *cancellable)
{
	UcDownloadJob *job = g_new0(UcDownloadJob, 1);

	job->http = g_object_ref(http);
	job->sha256 = uc_sha256_new();
	job->deadline = uc_deadline_new(0, cancellable);
	job->path = g_strdup(download->path);
	job->destination = g_strdup(download->destination);
	job->part = g_strconcat(download->destination, UC_DOWNLOAD_PART_SUFFIX, NULL);
	job->etag_path = g_strconcat(job->part, ".etag", NULL);
	job->expected_sha256 = g_strdup(download->sha256);
	job->size_bytes = download->size_bytes;
	job->max_bytes = download->max_bytes;
	job->speed_bytes_sec = download->speed_bytes_sec != 0 ? download->speed_bytes_sec
							      : UC_LIMIT_SPEED_BYTES_SEC;
	job->speed_secs = download->speed_secs != 0 ? download->speed_secs : UC_LIMIT_SPEED_SECS;
	job->progress = download->progress;
	job->progress_data = download->progress_data;
	return job;
}

/**
 * uc_download_async:
 * @http: session with the service
 * @download: what to fetch, and where to
 * @cancellable: (nullable): a cancellable; the part stays on disk
 *
 * Fetches a file to disk, goes on where an earlier attempt ended, and verifies it. Errors as
 * uc_http_check_status() and uc_error_convert_io(); %UC_ERROR_LIMIT when it is too large and
 * %UC_ERROR_REFUSED when its checksum is wrong (the part is removed then); %UC_ERROR_TEMPORARY
 * when it ended early or was too slow (the part stays); %UC_ERROR_FAILED when the disk does not
 * take it (the part stays). It is on the disk when that ends.
 */
void
uc_download_async(UcHttp *http,
		  const UcDownload *download,
		  GCancellable *cancellable,
		  GAsyncReadyCallback callback,
		  gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(http, cancellable, callback, user_data);
	UcDownloadJob *job = uc_download_job_new(http, download, cancellable);
	g_autoptr(GFile) part = g_file_new_for_path(job->part);

	g_task_set_task_data(task, job, (GDestroyNotify)uc_download_job_free);
	if (download->size_bytes > download->max_bytes) {
		g_task_return_new_error(task,
					UC_ERROR,
					UC_ERROR_LIMIT,
					"%s has %" G_GUINT64_FORMAT
					" bytes, expected at most %" G_GUINT64_FORMAT,
					download->path,
					download->size_bytes,
					download->max_bytes);
		return;
	}
	job->stream = G_INPUT_STREAM(g_file_read(part, NULL, NULL));
	if (job->stream != NULL)
		uc_download_read(task, uc_download_read_part_cb);
	else
		uc_download_send(task);
}

gboolean
uc_download_finish(UcHttp *http, GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}
