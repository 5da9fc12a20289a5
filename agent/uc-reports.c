/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Reports wait on disk, one file each, until the service has them (docs/service-protocol.md,
 * section 6). The file's name is the report's UUID, so that one that is written again after a kill
 * is the same one.
 */

#include <glib/gstdio.h>

#include "uc-error.h"
#include "uc-limits.h"
#include "uc-paths.h"
#include "uc-reports.h"
#include "uc-state-file.h"

/* so many that are denied end a delivery: the next one begins with those after them */
#define UC_REPORTS_DENIED_MAX 8

struct _UcReports {
	gchar *dir;
	GPtrArray *names; /* of files, oldest first */
};

typedef struct {
	gchar *name;
	gint64 modified_secs;
} UcReportsFile;

static void
uc_reports_file_free(UcReportsFile *file)
{
	g_free(file->name);
	g_free(file);
}

static gint
uc_reports_compare(gconstpointer a, gconstpointer b)
{
	const UcReportsFile *one = *(UcReportsFile *const *)a;
	const UcReportsFile *two = *(UcReportsFile *const *)b;

	return one->modified_secs < two->modified_secs ? -1
						       : one->modified_secs > two->modified_secs;
}

static GPtrArray *
uc_reports_list(UcReports *self)
{
	GPtrArray *files = g_ptr_array_new_with_free_func((GDestroyNotify)uc_reports_file_free);
	g_autoptr(GDir) dir = g_dir_open(self->dir, 0, NULL);
	const gchar *name = NULL;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree gchar *path = g_build_filename(self->dir, name, NULL);
		UcReportsFile *file = NULL;
		GStatBuf status;

		if (!g_str_has_suffix(name, ".json") || g_stat(path, &status) != 0)
			continue;
		file = g_new0(UcReportsFile, 1);
		file->name = g_strdup(name);
		file->modified_secs = status.st_mtime;
		g_ptr_array_add(files, file);
	}
	g_ptr_array_sort(files, uc_reports_compare);
	return files;
}

/**
 * uc_reports_new:
 *
 * Returns: (transfer full): the queue with what an earlier run left
 */
UcReports *
uc_reports_new(void)
{
	UcReports *self = g_new0(UcReports, 1);
	g_autoptr(GPtrArray) files = NULL;

	self->dir = uc_path_state("reports");
	self->names = g_ptr_array_new_with_free_func(g_free);
	files = uc_reports_list(self);
	for (guint i = 0; i < files->len; i++) {
		const UcReportsFile *file = g_ptr_array_index(files, i);

		g_ptr_array_add(self->names, g_strdup(file->name));
	}
	return self;
}

void
uc_reports_free(UcReports *self)
{
	g_ptr_array_unref(self->names);
	g_free(self->dir);
	g_free(self);
}

guint
uc_reports_get_length(UcReports *self)
{
	return self->names->len;
}

static void
uc_reports_drop(UcReports *self, guint index)
{
	g_autofree gchar *path =
	    g_build_filename(self->dir, g_ptr_array_index(self->names, index), NULL);

	(void)g_unlink(path);
	g_ptr_array_remove_index(self->names, index);
}

/**
 * uc_reports_add:
 * @report: as docs/service-protocol.md has it, with its `uuid`
 * @error: set to %UC_ERROR_FAILED
 *
 * Durable when it returns. When too many wait, the oldest one is forgotten.
 */
gboolean
uc_reports_add(UcReports *self, JsonObject *report, GError **error)
{
	const gchar *uuid = json_object_get_string_member(report, "uuid");
	g_autofree gchar *name = g_strdup_printf("%s.json", uuid);
	g_autofree gchar *path = g_build_filename(self->dir, name, NULL);
	g_autoptr(GBytes) bytes = uc_json_to_bytes(report, TRUE);

	if (!uc_state_file_write(path, bytes, error))
		return FALSE;
	if (!g_ptr_array_find_with_equal_func(self->names, name, g_str_equal, NULL))
		g_ptr_array_add(self->names, g_steal_pointer(&name));
	if (self->names->len > UC_LIMIT_REPORTS_QUEUED) {
		g_warning("more than %d reports wait, the oldest is forgotten",
			  UC_LIMIT_REPORTS_QUEUED);
		uc_reports_drop(self, 0);
	}
	return TRUE;
}

/**
 * uc_reports_clear:
 *
 * Forgets all that wait. Not while they are being delivered.
 */
void
uc_reports_clear(UcReports *self)
{
	while (self->names->len > 0)
		uc_reports_drop(self, 0);
}

typedef struct {
	UcReports *reports; /* not owned: must outlive the delivery */
	UcHttp *http;
	gchar *path;
	gchar *name;	   /* (nullable): of the one under way */
	GPtrArray *denied; /* (element-type utf8): names of those that the service denied */
	GError *error;	   /* (nullable): of the last of them */
} UcReportsJob;

static void
uc_reports_job_free(UcReportsJob *job)
{
	g_clear_object(&job->http);
	g_ptr_array_unref(job->denied);
	g_clear_error(&job->error);
	g_free(job->path);
	g_free(job->name);
	g_free(job);
}

static void
uc_reports_deliver_next(GTask *task);

/* it may have been forgotten while it was under way, because too many wait */
static void
uc_reports_drop_delivered(UcReportsJob *job)
{
	guint index = 0;

	if (g_ptr_array_find_with_equal_func(job->reports->names, job->name, g_str_equal, &index))
		uc_reports_drop(job->reports, index);
}

/* for ever is only what is wrong with the report itself; who may send it can change */
static gboolean
uc_reports_is_refused(guint status)
{
	switch (status) {
	case SOUP_STATUS_UNAUTHORIZED:
	case SOUP_STATUS_FORBIDDEN:
	case SOUP_STATUS_REQUEST_TIMEOUT:
	case 429: /* too many requests, RFC 6585 */
		return FALSE;
	default:
		return status >= 400 && status < 500;
	}
}

/* the service does not know one endpoint of the machine yet: the others' reports do not wait */
static void
uc_reports_put_off(UcReportsJob *job, GError *error)
{
	GPtrArray *names = job->reports->names;
	guint index = 0;

	if (g_ptr_array_find_with_equal_func(names, job->name, g_str_equal, &index))
		g_ptr_array_add(names, g_ptr_array_steal_index(names, index));
	g_ptr_array_add(job->denied, g_steal_pointer(&job->name));
	g_clear_error(&job->error);
	job->error = error;
}

/* the oldest that was not denied just now; one that came meanwhile has its turn too */
static gboolean
uc_reports_find_next(const UcReportsJob *job, guint *index_out)
{
	GPtrArray *names = job->reports->names;

	for (guint i = 0; i < names->len; i++) {
		if (g_ptr_array_find_with_equal_func(job->denied,
						     g_ptr_array_index(names, i),
						     g_str_equal,
						     NULL))
			continue;
		*index_out = i;
		return TRUE;
	}
	return FALSE;
}

static void
uc_reports_end(GTask *task)
{
	UcReportsJob *job = g_task_get_task_data(task);

	if (job->error != NULL)
		g_task_return_error(task, g_steal_pointer(&job->error));
	else
		g_task_return_boolean(task, TRUE);
}

static void
uc_reports_posted_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcReportsJob *job = g_task_get_task_data(task);
	g_autoptr(GBytes) reply = NULL;
	guint status = uc_http_request_get_status(result);
	GError *error = NULL;

	reply = uc_http_request_finish(UC_HTTP(source), result, &error);
	if (reply == NULL && status == SOUP_STATUS_FORBIDDEN) {
		uc_reports_put_off(job, error);
		if (job->denied->len < UC_REPORTS_DENIED_MAX)
			uc_reports_deliver_next(task);
		else
			uc_reports_end(task);
		return;
	}
	if (reply == NULL && !uc_reports_is_refused(status)) {
		g_task_return_error(task, error);
		return;
	}
	if (reply == NULL)
		g_warning("the service does not take a report, dropped: %s", error->message);
	g_clear_error(&error);
	uc_reports_drop_delivered(job);
	uc_reports_deliver_next(task);
}

static void
uc_reports_deliver_next(GTask *task)
{
	UcReportsJob *job = g_task_get_task_data(task);
	g_autofree gchar *file = NULL;
	g_autoptr(GBytes) bytes = NULL;
	gchar *text = NULL;
	gsize size_bytes = 0;
	guint index = 0;

	while (uc_reports_find_next(job, &index)) {
		g_clear_pointer(&file, g_free);
		file = g_build_filename(job->reports->dir,
					g_ptr_array_index(job->reports->names, index),
					NULL);
		if (g_file_get_contents(file, &text, &size_bytes, NULL) &&
		    size_bytes <= UC_LIMIT_REPORT_BYTES)
			break;
		g_clear_pointer(&text, g_free);
		g_warning("%s cannot be read or is too large, dropped", file);
		uc_reports_drop(job->reports, index);
	}
	if (text == NULL) {
		uc_reports_end(task);
		return;
	}
	bytes = g_bytes_new_take(text, size_bytes);
	g_free(job->name);
	job->name = g_strdup(g_ptr_array_index(job->reports->names, index));
	uc_http_request_async(job->http,
			      "POST",
			      job->path,
			      bytes,
			      UC_LIMIT_REPLY_BYTES,
			      UC_LIMIT_REQUEST_MS,
			      g_task_get_cancellable(task),
			      uc_reports_posted_cb,
			      g_object_ref(task));
}

/**
 * uc_reports_deliver_async:
 * @http: session with the service
 * @path: `reports_path` of the service description, with a slash before it
 *
 * Delivers everything that waits. One that is denied (403) is put off, because it may be about an
 * endpoint that the service does not know yet; any other that does not get through ends it. All
 * that are not delivered stay, and the error is that of one of them.
 */
void
uc_reports_deliver_async(UcReports *self,
			 UcHttp *http,
			 const gchar *path,
			 GCancellable *cancellable,
			 GAsyncReadyCallback callback,
			 gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(http, cancellable, callback, user_data);
	UcReportsJob *job = g_new0(UcReportsJob, 1);

	job->reports = self;
	job->http = g_object_ref(http);
	job->path = g_strdup(path);
	job->denied = g_ptr_array_new_with_free_func(g_free);
	g_task_set_task_data(task, job, (GDestroyNotify)uc_reports_job_free);
	uc_reports_deliver_next(task);
}

gboolean
uc_reports_deliver_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}
