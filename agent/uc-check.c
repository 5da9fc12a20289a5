/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One look for updates: find the service, check in, bring fwupd's remotes in step. A check-in that
 * does not get through holds nothing up, because updates work without (DESIGN.md, decision 11).
 */

#include "uc-check-in.h"
#include "uc-check.h"
#include "uc-remotes.h"

typedef struct {
	UcFwupd *fwupd;
	UcState *state; /* not owned */
	JsonObject *check_in;
} UcCheck;

static void
uc_check_free(UcCheck *job)
{
	g_clear_object(&job->fwupd);
	g_clear_pointer(&job->check_in, json_object_unref);
	g_free(job);
}

static void
uc_check_synced_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	GError *error = NULL;

	if (uc_remotes_sync_finish(result, &error))
		g_task_return_boolean(task, TRUE);
	else
		g_task_return_error(task, error);
}

static void
uc_check_sync(GTask *task)
{
	UcServiceLink *link = g_task_get_source_object(task);
	UcCheck *job = g_task_get_task_data(task);

	uc_remotes_sync_async(
	    job->fwupd,
	    uc_service_link_get_service(link),
	    job->state,
	    uc_check_in_has_test_device(job->check_in, uc_service_link_get_policy(link)),
	    g_task_get_cancellable(task),
	    uc_check_synced_cb,
	    g_object_ref(task));
}

static void
uc_check_sent_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	g_autoptr(GError) error = NULL;

	if (!uc_check_in_send_finish(result, &error))
		g_warning("%s", error->message);
	uc_check_sync(task);
}

static void
uc_check_refreshed_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcServiceLink *link = UC_SERVICE_LINK(source);
	UcCheck *job = g_task_get_task_data(task);
	GError *error = NULL;

	if (!uc_service_link_refresh_finish(link, result, &error)) {
		g_task_return_error(task, error);
		return;
	}
	uc_check_in_send_async(uc_service_link_get_service(link),
			       job->check_in,
			       g_task_get_cancellable(task),
			       uc_check_sent_cb,
			       g_object_ref(task));
}

/**
 * uc_check_run_async:
 * @state: must outlive the call
 * @check_in: (transfer none): the endpoints as they are now
 *
 * Errors of uc_service_link_refresh_async() and uc_remotes_sync_async().
 */
void
uc_check_run_async(UcServiceLink *link,
		   UcFwupd *fwupd,
		   UcState *state,
		   JsonObject *check_in,
		   GCancellable *cancellable,
		   GAsyncReadyCallback callback,
		   gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(link, cancellable, callback, user_data);
	UcCheck *job = g_new0(UcCheck, 1);

	job->fwupd = g_object_ref(fwupd);
	job->state = state;
	job->check_in = json_object_ref(check_in);
	g_task_set_task_data(task, job, (GDestroyNotify)uc_check_free);
	uc_service_link_refresh_async(link,
				      cancellable,
				      uc_check_refreshed_cb,
				      g_steal_pointer(&task));
}

gboolean
uc_check_run_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}
