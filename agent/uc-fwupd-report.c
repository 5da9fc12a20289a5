/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * fwupd's own report about one device. Its database keeps "needs activation" in the row for ever,
 * and then finds nothing to report; so the flag is taken from a copy where the live device does not
 * have it any more. The kernel command line is nobody's business.
 */

#include <string.h>

#include "uc-deadline.h"
#include "uc-error.h"
#include "uc-fwupd-report.h"
#include "uc-json.h"
#include "uc-limits.h"

#define UC_FWUPD_REPORT_MS 60000

typedef struct {
	FwupdClient *client;
	FwupdDevice *device; /* as it is now */
	FwupdDevice *row;    /* of the history */
	gchar *version;	     /* that the row must be about */
	UcDeadline *deadline;
	JsonObject *report;
} UcFwupdReport;

static void
uc_fwupd_report_free(UcFwupdReport *job)
{
	g_clear_object(&job->client);
	g_clear_object(&job->device);
	g_clear_object(&job->row);
	g_free(job->version);
	g_clear_pointer(&job->deadline, uc_deadline_free);
	g_clear_pointer(&job->report, json_object_unref);
	g_free(job);
}

static void
uc_fwupd_report_strip(JsonObject *object)
{
	JsonArray *reports = NULL;

	if (!uc_json_get_array(object, "Reports", UC_JSON_OPTIONAL, 1000, &reports, NULL))
		reports = NULL;
	if (json_object_has_member(object, "Metadata") &&
	    JSON_NODE_HOLDS_OBJECT(json_object_get_member(object, "Metadata")))
		json_object_remove_member(json_object_get_object_member(object, "Metadata"),
					  "KernelCmdline");
	for (guint i = 0; reports != NULL && i < json_array_get_length(reports); i++) {
		JsonObject *report = uc_json_array_get_object(reports, i, "Reports", NULL);

		if (report != NULL && json_object_has_member(report, "Metadata") &&
		    JSON_NODE_HOLDS_OBJECT(json_object_get_member(report, "Metadata")))
			json_object_remove_member(json_object_get_object_member(report, "Metadata"),
						  "KernelCmdline");
	}
}

/* json_parser_new_immutable() gives objects that cannot be stripped */
static JsonObject *
uc_fwupd_report_parse(const gchar *text, GError **error)
{
	g_autoptr(JsonParser) parser = json_parser_new();

	if (strlen(text) > UC_LIMIT_REPORT_BYTES / 2 ||
	    !json_parser_load_from_data(parser, text, -1, error))
		return NULL;
	if (!JSON_NODE_HOLDS_OBJECT(json_parser_get_root(parser)))
		return NULL;
	return json_object_ref(json_node_get_object(json_parser_get_root(parser)));
}

static void
uc_fwupd_report_marked_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcFwupdReport *job = g_task_get_task_data(task);
	g_autoptr(GError) error = NULL;

	if (!fwupd_client_modify_device_finish(FWUPD_CLIENT(source), result, &error))
		g_debug("fwupd's row is not marked as reported: %s", error->message);
	g_task_return_pointer(task,
			      g_steal_pointer(&job->report),
			      (GDestroyNotify)json_object_unref);
}

static void
uc_fwupd_report_metadata_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcFwupdReport *job = g_task_get_task_data(task);
	g_autoptr(GPtrArray) rows = g_ptr_array_new();
	g_autoptr(GHashTable) metadata = NULL;
	g_autofree gchar *text = NULL;
	GError *error = NULL;

	metadata = fwupd_client_get_report_metadata_finish(FWUPD_CLIENT(source), result, &error);
	if (metadata == NULL) {
		g_task_return_error(task, error);
		return;
	}
	g_ptr_array_add(rows, job->row);
	text = fwupd_client_build_report_history(job->client, rows, NULL, metadata, &error);
	if (text != NULL)
		job->report = uc_fwupd_report_parse(text, &error);
	if (job->report == NULL) {
		if (error == NULL)
			g_set_error_literal(&error,
					    UC_ERROR,
					    UC_ERROR_FAILED,
					    "fwupd's report is not usable");
		g_task_return_error(task, error);
		return;
	}
	uc_fwupd_report_strip(job->report);
	fwupd_client_modify_device_async(job->client,
					 fwupd_device_get_id(job->device),
					 "Flags",
					 "reported",
					 uc_deadline_get_cancellable(job->deadline),
					 uc_fwupd_report_marked_cb,
					 g_steal_pointer(&task));
}

/* one row per device: an attempt that was refused later replaces the one that counts */
static gboolean
uc_fwupd_report_is_row(UcFwupdReport *job, FwupdDevice *row)
{
	FwupdRelease *release = fwupd_device_get_release_default(row);

	return g_strcmp0(fwupd_device_get_id(row), fwupd_device_get_id(job->device)) == 0 &&
	       release != NULL && g_strcmp0(fwupd_release_get_version(release), job->version) == 0;
}

static FwupdDevice *
uc_fwupd_report_find_row(UcFwupdReport *job, GPtrArray *rows)
{
	for (guint i = 0; i < rows->len; i++) {
		if (uc_fwupd_report_is_row(job, g_ptr_array_index(rows, i)))
			return g_object_ref(g_ptr_array_index(rows, i));
	}
	return NULL;
}

static void
uc_fwupd_report_history_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcFwupdReport *job = g_task_get_task_data(task);
	g_autoptr(GPtrArray) rows = NULL;
	GError *error = NULL;

	rows = fwupd_client_get_history_finish(FWUPD_CLIENT(source), result, &error);
	if (rows == NULL) {
		g_task_return_error(task, error);
		return;
	}
	job->row = uc_fwupd_report_find_row(job, rows);
	if (job->row == NULL) {
		g_task_return_new_error(task,
					UC_ERROR,
					UC_ERROR_NOT_FOUND,
					"fwupd has no history of %s on %s",
					job->version,
					fwupd_device_get_id(job->device));
		return;
	}
	if (!fwupd_device_has_flag(job->device, FWUPD_DEVICE_FLAG_NEEDS_ACTIVATION))
		fwupd_device_remove_flag(job->row, FWUPD_DEVICE_FLAG_NEEDS_ACTIVATION);
	fwupd_client_get_report_metadata_async(job->client,
					       uc_deadline_get_cancellable(job->deadline),
					       uc_fwupd_report_metadata_cb,
					       g_steal_pointer(&task));
}

static void
uc_fwupd_report_connected_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcFwupdReport *job = g_task_get_task_data(task);
	GError *error = NULL;

	if (!uc_fwupd_act_finish(UC_FWUPD(source), result, &error)) {
		g_task_return_error(task, error);
		return;
	}
	fwupd_client_get_history_async(job->client,
				       uc_deadline_get_cancellable(job->deadline),
				       uc_fwupd_report_history_cb,
				       g_steal_pointer(&task));
}

/**
 * uc_fwupd_report_async:
 * @device: the live device
 * @version: what the update led to
 *
 * Builds fwupd's own report about the last update of a device and marks it as reported, within a
 * minute.
 */
void
uc_fwupd_report_async(UcFwupd *fwupd,
		      FwupdDevice *device,
		      const gchar *version,
		      GCancellable *cancellable,
		      GAsyncReadyCallback callback,
		      gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(fwupd, cancellable, callback, user_data);
	UcFwupdReport *job = g_new0(UcFwupdReport, 1);

	job->client = g_object_ref(uc_fwupd_get_client(fwupd));
	job->device = g_object_ref(device);
	job->version = g_strdup(version);
	job->deadline = uc_deadline_new(UC_FWUPD_REPORT_MS, cancellable);
	g_task_set_task_data(task, job, (GDestroyNotify)uc_fwupd_report_free);
	uc_fwupd_connect_async(fwupd,
			       uc_deadline_get_cancellable(job->deadline),
			       uc_fwupd_report_connected_cb,
			       g_steal_pointer(&task));
}

/**
 * uc_fwupd_report_finish:
 *
 * Returns: (transfer full): the report without the kernel command line
 */
JsonObject *
uc_fwupd_report_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}
