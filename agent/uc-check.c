/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One look for updates: find the service, prove who this is, check in, bring fwupd's remotes in
 * step. A check-in that does not get through holds nothing up, because updates work without
 * (DESIGN.md, decision 11).
 */

#include "uc-check-in-send.h"
#include "uc-check-in.h"
#include "uc-check.h"
#include "uc-error.h"
#include "uc-key-enrolment.h"
#include "uc-remotes.h"
#include "uc-trust-fetch.h"

typedef struct {
	UcFwupd *fwupd;
	UcState *state;			   /* not owned */
	const UcServiceSettings *settings; /* not owned */
	const UcClock *clock;		   /* not owned */
	JsonObject *check_in;
	gboolean sent;	   /* whether @check_in was */
	gboolean denied;   /* whether the service did not take who sent it, once */
	gboolean again;	   /* the second and last attempt */
	UcService *before; /* (nullable): what was known when the attempt began */
	gint64 serial;	   /* of the description that the first attempt held */
	gchar *left;	   /* (nullable): as of uc_remotes_sync_finish() */
} UcCheck;

static void
uc_check_free(UcCheck *job)
{
	g_clear_object(&job->fwupd);
	g_clear_object(&job->before);
	g_clear_pointer(&job->check_in, json_object_unref);
	g_free(job->left);
	g_free(job);
}

static void
uc_check_begin(GTask *task);

/* what is refused after it was described in this very attempt */
static gboolean
uc_check_is_mismatch(UcCheck *job, UcService *service, const GError *error)
{
	return service != NULL && service != job->before && uc_error_is_refusal(error);
}

/*
 * The mirror may have published between the description and what it names. So a fresh description
 * is fetched, once; the same one again means that the service does not send what it describes.
 */
static void
uc_check_fail(GTask *task, GError *error)
{
	UcServiceLink *link = g_task_get_source_object(task);
	UcCheck *job = g_task_get_task_data(task);
	UcService *service = uc_service_link_get_service(link);
	gboolean mismatch = uc_check_is_mismatch(job, service, error);
	gint64 serial = service != NULL ? uc_service_get_description(service)->serial : 0;

	if (mismatch && !job->again) {
		g_info("%s; asking for the service description again", error->message);
		g_error_free(error);
		job->again = TRUE;
		job->serial = serial;
		uc_check_begin(task);
		return;
	}
	if (mismatch && serial != job->serial) {
		g_task_return_new_error(task,
					UC_ERROR,
					UC_ERROR_TEMPORARY,
					"the service publishes at this moment: %s",
					error->message);
		g_error_free(error);
		return;
	}
	g_task_return_error(task, error);
}

static void
uc_check_synced_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcCheck *job = g_task_get_task_data(task);
	GError *error = NULL;

	g_clear_pointer(&job->left, g_free);
	if (uc_remotes_sync_finish(result, &job->left, &error))
		g_task_return_boolean(task, TRUE);
	else
		uc_check_fail(task, error);
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
uc_check_enrol(GTask *task, gboolean again);

/* a service that does not know the key any more, or whose clock is another, says so here */
static void
uc_check_sent_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcServiceLink *link = g_task_get_source_object(task);
	UcCheck *job = g_task_get_task_data(task);
	g_autoptr(GError) error = NULL;

	if (!uc_check_in_send_finish(result, NULL, &error))
		g_warning("%s", error->message);
	if (g_error_matches(error, UC_ERROR, UC_ERROR_DENIED) && !job->denied &&
	    uc_service_get_description(uc_service_link_get_service(link))->enrolment_path != NULL) {
		job->denied = TRUE;
		uc_check_enrol(task, TRUE);
		return;
	}
	uc_check_sync(task);
}

static void
uc_check_enrolled_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcCheck *job = g_task_get_task_data(task);
	UcService *service = UC_SERVICE(source);
	const UcDescription *description = uc_service_get_description(service);
	g_autofree gchar *path = uc_description_build_path(description->checkin_path);
	g_autoptr(GError) error = NULL;

	if (!uc_key_enrolment_run_finish(result, &error)) {
		g_warning("%s", error->message);
		if (job->denied) {
			uc_check_sync(task);
			return;
		}
	}
	uc_check_in_send_async(uc_service_get_http(service),
			       path,
			       job->check_in,
			       g_task_get_cancellable(task),
			       uc_check_sent_cb,
			       g_object_ref(task));
}

static void
uc_check_enrol(GTask *task, gboolean again)
{
	UcServiceLink *link = g_task_get_source_object(task);
	UcCheck *job = g_task_get_task_data(task);

	uc_key_enrolment_run_async(uc_service_link_get_service(link),
				   job->settings,
				   job->clock,
				   job->check_in,
				   again,
				   g_task_get_cancellable(task),
				   uc_check_enrolled_cb,
				   g_object_ref(task));
}

static void
uc_check_refreshed_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcServiceLink *link = UC_SERVICE_LINK(source);
	UcCheck *job = g_task_get_task_data(task);
	GError *error = NULL;

	if (!uc_service_link_refresh_finish(link, result, &error)) {
		uc_check_fail(task, error);
		return;
	}
	uc_trust_fetch_note();
	if (job->sent || uc_check_in_is_empty(job->check_in)) {
		uc_check_sync(task);
		return;
	}
	job->sent = TRUE;
	uc_check_enrol(task, FALSE);
}

/* nobody is trusted yet, so there is nothing else to do until root has decided */
static void
uc_check_trust_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	GError *error = NULL;

	if (uc_trust_fetch_run_finish(result, &error))
		g_task_return_boolean(task, TRUE);
	else
		g_task_return_error(task, error);
}

static void
uc_check_begin(GTask *task)
{
	UcServiceLink *link = g_task_get_source_object(task);
	UcCheck *job = g_task_get_task_data(task);

	if (uc_trust_fetch_is_wanted(job->settings, job->state)) {
		uc_trust_fetch_run_async(job->state,
					 job->clock,
					 g_task_get_cancellable(task),
					 uc_check_trust_cb,
					 g_object_ref(task));
		return;
	}
	g_set_object(&job->before, uc_service_link_get_service(link));
	uc_service_link_refresh_async(link,
				      g_task_get_cancellable(task),
				      uc_check_refreshed_cb,
				      g_object_ref(task));
}

/**
 * uc_check_run_async:
 * @state: must outlive the call
 * @settings: must outlive the call
 * @clock: must outlive the call
 * @check_in: (transfer none): the endpoints as they are now
 *
 * Errors of uc_service_link_refresh_async() and uc_remotes_sync_async(); what is refused because it
 * is not what the description names is refused only once a fresh description of the same serial
 * says so as well. %UC_ERROR_TEMPORARY when another one is published each time.
 */
void
uc_check_run_async(UcServiceLink *link,
		   UcFwupd *fwupd,
		   UcState *state,
		   const UcServiceSettings *settings,
		   const UcClock *clock,
		   JsonObject *check_in,
		   GCancellable *cancellable,
		   GAsyncReadyCallback callback,
		   gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(link, cancellable, callback, user_data);
	UcCheck *job = g_new0(UcCheck, 1);

	job->fwupd = g_object_ref(fwupd);
	job->state = state;
	job->settings = settings;
	job->clock = clock;
	job->check_in = json_object_ref(check_in);
	g_task_set_task_data(task, job, (GDestroyNotify)uc_check_free);
	uc_check_begin(task);
}

/**
 * uc_check_run_finish:
 * @left_out: (out) (nullable) (transfer full): what fwupd did not let be changed, although the rest
 *   worked
 */
gboolean
uc_check_run_finish(GAsyncResult *result, gchar **left_out, GError **error)
{
	UcCheck *job = g_task_get_task_data(G_TASK(result));

	*left_out = g_steal_pointer(&job->left);
	return g_task_propagate_boolean(G_TASK(result), error);
}
