/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Both of fwupd's remotes in step with what the organisation publishes, one after the other:
 * `ucupdates` for everybody, `ucupdates-testing` only while the organisation's policy names one of
 * the endpoints as a test device (DESIGN.md, decision 4). A remote is shipped disabled; here it
 * learns its addresses and is enabled, or disabled again. The metadata is fetched by us, with our
 * limits and our anchor, only those bytes that the signed description names go to fwupd, and fwupd
 * checks its own signature on top.
 */

#include <string.h>

#include "uc-error.h"
#include "uc-limits.h"
#include "uc-metadata.h"
#include "uc-names.h"
#include "uc-paths.h"
#include "uc-remotes.h"
#include "uc-service-link.h"
#include "uc-sha256.h"

typedef struct {
	UcFwupd *fwupd;
	UcService *service;
	UcState *state; /* not owned: must outlive the task */
	gboolean testing;
	const gchar *id; /* not owned: of the remote whose turn it is */
	gboolean enable;
	FwupdRemote *remote;
	GPtrArray *changes; /* key, value, key, value ... */
	GBytes *metadata;
	GBytes *signature;
	GString *left; /* why remotes stay as they are; empty if none does */
	GError *error; /* (nullable): why `ucupdates` is of no use */
} UcRemotes;

static void
uc_remotes_free(UcRemotes *job)
{
	g_clear_object(&job->fwupd);
	g_clear_object(&job->service);
	g_clear_object(&job->remote);
	g_clear_pointer(&job->changes, g_ptr_array_unref);
	g_clear_pointer(&job->metadata, g_bytes_unref);
	g_clear_pointer(&job->signature, g_bytes_unref);
	g_string_free(job->left, TRUE);
	g_clear_error(&job->error);
	g_free(job);
}

static void
uc_remotes_next(GTask *task);

static const UcDescriptionRemote *
uc_remotes_find(UcRemotes *job)
{
	return uc_description_find_remote(uc_service_get_description(job->service), job->id);
}

/* what is remembered of metadata that fwupd took: a new signature of the same bytes is news too */
static gchar *
uc_remotes_get_key(const UcDescriptionRemote *remote)
{
	g_autofree gchar *text =
	    g_strdup_printf("%s %s", remote->metadata->sha256, remote->signature->sha256);
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));

	return uc_sha256_for_bytes(bytes);
}

/* fwupd passes over what was signed in the same second as what it has, whatever it says */
static gboolean
uc_remotes_check_passed_over(UcRemotes *job, GError **error)
{
	const gchar *cache = fwupd_remote_get_filename_cache(job->remote);
	g_autofree gchar *data = NULL;
	gsize size_bytes = 0;
	g_autoptr(GBytes) found = NULL;

	if (cache == NULL || !g_file_get_contents(cache, &data, &size_bytes, NULL))
		return TRUE;
	found = g_bytes_new_take(g_steal_pointer(&data), size_bytes);
	if (g_bytes_equal(found, job->metadata))
		return TRUE;
	g_set_error_literal(error,
			    UC_ERROR,
			    UC_ERROR_TEMPORARY,
			    "fwupd does not take the metadata: it was signed in the same second as "
			    "what fwupd has; publish again on the mirror");
	return FALSE;
}

static void
uc_remotes_updated_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcRemotes *job = g_task_get_task_data(task);
	g_autofree gchar *key = uc_remotes_get_key(uc_remotes_find(job));
	GError *error = NULL;

	if (!fwupd_client_update_metadata_bytes_finish(FWUPD_CLIENT(source), result, &error) &&
	    !g_error_matches(error, FWUPD_ERROR, FWUPD_ERROR_NOTHING_TO_DO)) {
		g_prefix_error(&error, "fwupd does not take the metadata: ");
		g_task_return_error(task, error);
		return;
	}
	if (error != NULL) {
		g_clear_error(&error);
		if (!uc_remotes_check_passed_over(job, &error)) {
			g_task_return_error(task, error);
			return;
		}
	}
	uc_state_set_metadata(job->state, job->id, key);
	if (!uc_state_save(job->state, &error)) {
		g_task_return_error(task, error);
		return;
	}
	uc_remotes_next(task);
}

static void
uc_remotes_fetch(GTask *task, const UcDescriptionFile *file, GAsyncReadyCallback callback)
{
	UcRemotes *job = g_task_get_task_data(task);
	g_autofree gchar *path = uc_description_build_path(file->path);

	uc_http_request_async(uc_service_get_http(job->service),
			      "GET",
			      path,
			      NULL,
			      UC_LIMIT_METADATA_BYTES,
			      UC_LIMIT_REQUEST_MS * 4,
			      g_task_get_cancellable(task),
			      callback,
			      g_object_ref(task));
}

static void
uc_remotes_signature_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcRemotes *job = g_task_get_task_data(task);
	const UcDescriptionRemote *wanted = uc_remotes_find(job);
	g_autofree gchar *anchors = uc_path_anchors(UC_ANCHOR_METADATA);
	GError *error = NULL;

	job->signature = uc_http_request_finish(UC_HTTP(source), result, &error);
	if (job->signature == NULL ||
	    !uc_description_file_check(wanted->signature, job->signature, &error) ||
	    !uc_metadata_verify(job->metadata, job->signature, anchors, &error)) {
		g_task_return_error(task, error);
		return;
	}
	fwupd_client_update_metadata_bytes_async(uc_fwupd_get_client(job->fwupd),
						 job->id,
						 job->metadata,
						 job->signature,
						 g_task_get_cancellable(task),
						 uc_remotes_updated_cb,
						 g_object_ref(task));
}

static void
uc_remotes_metadata_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcRemotes *job = g_task_get_task_data(task);
	const UcDescriptionRemote *wanted = uc_remotes_find(job);
	GError *error = NULL;

	job->metadata = uc_http_request_finish(UC_HTTP(source), result, &error);
	if (job->metadata == NULL ||
	    !uc_description_file_check(wanted->metadata, job->metadata, &error)) {
		g_task_return_error(task, error);
		return;
	}
	uc_remotes_fetch(task, wanted->signature, uc_remotes_signature_cb);
}

static gboolean
uc_remotes_is_unchanged(UcRemotes *job)
{
	g_autofree gchar *key = uc_remotes_get_key(uc_remotes_find(job));
	const gchar *cache = fwupd_remote_get_filename_cache(job->remote);

	return cache != NULL && g_file_test(cache, G_FILE_TEST_EXISTS) &&
	       g_strcmp0(uc_state_get_metadata(job->state, job->id), key) == 0;
}

static void
uc_remotes_change_next(GTask *task);

/*
 * A remote that may not be changed, or is not there, stays as it is, and the rest goes on: it gets
 * its metadata all the same if it is enabled already, and the other one has its turn.
 */
static void
uc_remotes_leave(GTask *task, GError *error)
{
	UcRemotes *job = g_task_get_task_data(task);
	gboolean enabled =
	    job->remote != NULL && fwupd_remote_has_flag(job->remote, FWUPD_REMOTE_FLAG_ENABLED);

	g_ptr_array_set_size(job->changes, 0);
	if (job->enable && !enabled && g_str_equal(job->id, UC_REMOTE_ID)) {
		job->error = error;
		uc_remotes_next(task);
		return;
	}
	g_string_append_printf(job->left, "%s%s", job->left->len > 0 ? "; " : "", error->message);
	g_error_free(error);
	if (job->enable && enabled)
		uc_remotes_change_next(task);
	else
		uc_remotes_next(task);
}

static void
uc_remotes_changed_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcRemotes *job = g_task_get_task_data(task);
	GError *error = NULL;

	if (!fwupd_client_modify_remote_finish(FWUPD_CLIENT(source), result, &error)) {
		uc_fwupd_explain_error(&error);
		g_prefix_error(&error, "fwupd does not change its remote %s: ", job->id);
		uc_remotes_leave(task, error);
		return;
	}
	uc_remotes_change_next(task);
}

static void
uc_remotes_change_next(GTask *task)
{
	UcRemotes *job = g_task_get_task_data(task);
	g_autofree gchar *key = NULL;
	g_autofree gchar *value = NULL;

	if (job->changes->len == 0) {
		if (!job->enable || uc_remotes_is_unchanged(job))
			uc_remotes_next(task);
		else
			uc_remotes_fetch(task,
					 uc_remotes_find(job)->metadata,
					 uc_remotes_metadata_cb);
		return;
	}
	key = g_ptr_array_steal_index(job->changes, 0);
	value = g_ptr_array_steal_index(job->changes, 0);
	fwupd_client_modify_remote_async(uc_fwupd_get_client(job->fwupd),
					 job->id,
					 key,
					 value,
					 g_task_get_cancellable(task),
					 uc_remotes_changed_cb,
					 g_object_ref(task));
}

static void
uc_remotes_want(UcRemotes *job, const gchar *key, const gchar *found, gchar *wanted)
{
	if (g_strcmp0(found, wanted) == 0) {
		g_free(wanted);
		return;
	}
	g_ptr_array_add(job->changes, g_strdup(key));
	g_ptr_array_add(job->changes, wanted);
}

static void
uc_remotes_want_enabled(UcRemotes *job)
{
	gboolean enabled = fwupd_remote_has_flag(job->remote, FWUPD_REMOTE_FLAG_ENABLED);

	uc_remotes_want(job,
			"Enabled",
			enabled ? "true" : "false",
			g_strdup(job->enable ? "true" : "false"));
}

static void
uc_remotes_compare(UcRemotes *job)
{
	const UcDescriptionRemote *wanted = uc_remotes_find(job);
	const gchar *base = uc_http_get_base_url(uc_service_get_http(job->service));
	g_autofree gchar *metadata = uc_description_build_path(wanted->metadata->path);
	g_autofree gchar *firmware = uc_description_build_path(
	    wanted->firmware_base_path != NULL ? wanted->firmware_base_path : "");

	uc_remotes_want(job,
			"MetadataURI",
			fwupd_remote_get_metadata_uri(job->remote),
			g_strconcat(base, metadata, NULL));
	uc_remotes_want(job,
			"FirmwareBaseURI",
			fwupd_remote_get_firmware_base_uri(job->remote),
			g_strconcat(base, firmware, NULL));
}

static void
uc_remotes_miss(GTask *task, GError *error)
{
	UcRemotes *job = g_task_get_task_data(task);

	if (!job->enable) {
		g_error_free(error);
		uc_remotes_next(task);
		return;
	}
	g_prefix_error(&error,
		       "fwupd has no remote %s; is remotes.d/%s.conf where it looks? ",
		       job->id,
		       job->id);
	uc_remotes_leave(task, error);
}

static void
uc_remotes_found_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcRemotes *job = g_task_get_task_data(task);
	GError *error = NULL;

	job->remote = fwupd_client_get_remote_by_id_finish(FWUPD_CLIENT(source), result, &error);
	if (g_error_matches(error, FWUPD_ERROR, FWUPD_ERROR_NOT_FOUND)) {
		uc_remotes_miss(task, error);
		return;
	}
	if (job->remote == NULL) {
		uc_fwupd_explain_error(&error);
		g_prefix_error(&error, "fwupd does not tell about its remote %s: ", job->id);
		g_task_return_error(task, error);
		return;
	}
	if (job->enable)
		uc_remotes_compare(job);
	uc_remotes_want_enabled(job);
	uc_remotes_change_next(task);
}

static void
uc_remotes_begin(GTask *task, const gchar *id, gboolean enable)
{
	UcRemotes *job = g_task_get_task_data(task);

	job->id = id;
	job->enable = enable && uc_remotes_find(job) != NULL;
	g_clear_object(&job->remote);
	g_ptr_array_set_size(job->changes, 0);
	g_clear_pointer(&job->metadata, g_bytes_unref);
	g_clear_pointer(&job->signature, g_bytes_unref);
	fwupd_client_get_remote_by_id_async(uc_fwupd_get_client(job->fwupd),
					    job->id,
					    g_task_get_cancellable(task),
					    uc_remotes_found_cb,
					    g_object_ref(task));
}

static void
uc_remotes_next(GTask *task)
{
	UcRemotes *job = g_task_get_task_data(task);

	if (g_str_equal(job->id, UC_REMOTE_ID))
		uc_remotes_begin(task, UC_REMOTE_TESTING_ID, job->testing);
	else if (job->error != NULL)
		g_task_return_error(task, g_steal_pointer(&job->error));
	else
		g_task_return_boolean(task, TRUE);
}

static void
uc_remotes_connected_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	GError *error = NULL;

	if (uc_fwupd_act_finish(UC_FWUPD(source), result, &error))
		uc_remotes_begin(task, UC_REMOTE_ID, TRUE);
	else
		g_task_return_error(task, error);
}

/**
 * uc_remotes_sync_async:
 * @service: whose description says what is published
 * @state: remembers what fwupd got; must outlive the call
 * @testing: whether one of the endpoints is a test device
 *
 * Brings the remotes in step, or disables them, also when the description does not have them. One
 * that is not to be used need not be there, and one that cannot be changed is no error as long as
 * `ucupdates` is enabled. Errors of uc_http_request_async(), %UC_ERROR_REFUSED when the bytes are
 * not those that the description names, and fwupd's own.
 */
void
uc_remotes_sync_async(UcFwupd *fwupd,
		      UcService *service,
		      UcState *state,
		      gboolean testing,
		      GCancellable *cancellable,
		      GAsyncReadyCallback callback,
		      gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(fwupd, cancellable, callback, user_data);
	UcRemotes *job = g_new0(UcRemotes, 1);

	job->fwupd = g_object_ref(fwupd);
	job->service = g_object_ref(service);
	job->state = state;
	job->testing = testing;
	job->changes = g_ptr_array_new_with_free_func(g_free);
	job->left = g_string_new(NULL);
	g_task_set_task_data(task, job, (GDestroyNotify)uc_remotes_free);
	uc_fwupd_connect_async(fwupd, cancellable, uc_remotes_connected_cb, g_steal_pointer(&task));
}

/**
 * uc_remotes_sync_finish:
 * @left_out: (out) (nullable) (transfer full): why a remote stays as it is although it should not
 */
gboolean
uc_remotes_sync_finish(GAsyncResult *result, gchar **left_out, GError **error)
{
	UcRemotes *job = g_task_get_task_data(G_TASK(result));

	*left_out = job->left->len > 0 ? g_strdup(job->left->str) : NULL;
	return g_task_propagate_boolean(G_TASK(result), error);
}
