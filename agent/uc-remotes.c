/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Both of fwupd's remotes, one after the other: `ucupdates` for everybody, `ucupdates-testing` only
 * while the organisation's policy names one of the endpoints as a test device (DESIGN.md, decision
 * 4).
 */

#include "uc-names.h"
#include "uc-remote.h"
#include "uc-remotes.h"

typedef struct {
	UcFwupd *fwupd;
	UcService *service;
	UcState *state; /* not owned: must outlive the task */
	gboolean testing;
} UcRemotesJob;

static void
uc_remotes_job_free(UcRemotesJob *job)
{
	g_clear_object(&job->fwupd);
	g_clear_object(&job->service);
	g_free(job);
}

static void
uc_remotes_testing_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	GError *error = NULL;

	if (uc_remote_sync_finish(result, &error))
		g_task_return_boolean(task, TRUE);
	else
		g_task_return_error(task, error);
}

static void
uc_remotes_approved_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcRemotesJob *job = g_task_get_task_data(task);
	GError *error = NULL;

	if (!uc_remote_sync_finish(result, &error)) {
		g_task_return_error(task, error);
		return;
	}
	uc_remote_sync_async(job->fwupd,
			     job->service,
			     job->state,
			     UC_REMOTE_TESTING_ID,
			     job->testing,
			     g_task_get_cancellable(task),
			     uc_remotes_testing_cb,
			     g_object_ref(task));
}

/**
 * uc_remotes_sync_async:
 * @service: whose description says what is published
 * @state: remembers what fwupd got; must outlive the call
 * @testing: whether one of the endpoints is a test device
 *
 * Errors as uc_remote_sync_async().
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
	UcRemotesJob *job = g_new0(UcRemotesJob, 1);

	job->fwupd = g_object_ref(fwupd);
	job->service = g_object_ref(service);
	job->state = state;
	job->testing = testing;
	g_task_set_task_data(task, job, (GDestroyNotify)uc_remotes_job_free);
	uc_remote_sync_async(fwupd,
			     service,
			     state,
			     UC_REMOTE_ID,
			     TRUE,
			     cancellable,
			     uc_remotes_approved_cb,
			     g_steal_pointer(&task));
}

gboolean
uc_remotes_sync_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}
