/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * fwupd as a client sees it. Everything is asynchronous, because the plugin asks the agent for
 * leave while fwupd works for the agent. The feature flag SHOW_PROBLEMS goes with every use:
 * without it fwupd hides what is on offer for a device that is in use (facts about the engine), and
 * a daemon that was idle and started again has forgotten it.
 */

#include "uc-deadline.h"
#include "uc-device-pattern.h"
#include "uc-error.h"
#include "uc-fwupd.h"

#define UC_FWUPD_PLUGIN	     "uc_endpoint"
#define UC_FWUPD_LOAD_MS     (180 * 1000)
#define UC_FWUPD_INSTALL_MS  (3600 * 1000)
#define UC_FWUPD_ACTIVATE_MS (300 * 1000)
#define UC_FWUPD_FEATURES    (FWUPD_FEATURE_FLAG_SHOW_PROBLEMS)

struct _UcFwupd {
	GObject parent_instance;
	FwupdClient *client;
	GStrv others; /* (nullable): patterns */
};

G_DEFINE_TYPE(UcFwupd, uc_fwupd, G_TYPE_OBJECT)

enum { UC_FWUPD_CHANGED, UC_FWUPD_DEVICE_CHANGED, UC_FWUPD_LAST_SIGNAL };

static guint uc_fwupd_signals[UC_FWUPD_LAST_SIGNAL];

static void
uc_fwupd_dispose(GObject *object)
{
	UcFwupd *self = UC_FWUPD(object);

	if (self->client != NULL)
		g_signal_handlers_disconnect_by_data(self->client, self);
	g_clear_object(&self->client);
	g_clear_pointer(&self->others, g_strfreev);
	G_OBJECT_CLASS(uc_fwupd_parent_class)->dispose(object);
}

static guint
uc_fwupd_new_signal(const gchar *name)
{
	return g_signal_new(name,
			    UC_TYPE_FWUPD,
			    G_SIGNAL_RUN_LAST,
			    0,
			    NULL,
			    NULL,
			    NULL,
			    G_TYPE_NONE,
			    0);
}

static void
uc_fwupd_class_init(UcFwupdClass *klass)
{
	G_OBJECT_CLASS(klass)->dispose = uc_fwupd_dispose;

	/**
	 * UcFwupd::changed:
	 *
	 * A device may have come or gone, or something else may be on offer now.
	 */
	uc_fwupd_signals[UC_FWUPD_CHANGED] = uc_fwupd_new_signal("changed");
	/**
	 * UcFwupd::device-changed:
	 *
	 * A device may be different now.
	 */
	uc_fwupd_signals[UC_FWUPD_DEVICE_CHANGED] = uc_fwupd_new_signal("device-changed");
}

static void
uc_fwupd_changed_cb(UcFwupd *self)
{
	g_signal_emit(self, uc_fwupd_signals[UC_FWUPD_CHANGED], 0);
}

static void
uc_fwupd_device_changed_cb(UcFwupd *self)
{
	g_signal_emit(self, uc_fwupd_signals[UC_FWUPD_DEVICE_CHANGED], 0);
}

static void
uc_fwupd_init(UcFwupd *self)
{
	static const gchar *const names[] = {"changed", "device-added", "device-removed"};

	self->client = fwupd_client_new();
	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		g_signal_connect_swapped(self->client,
					 names[i],
					 G_CALLBACK(uc_fwupd_changed_cb),
					 self);
	g_signal_connect_swapped(self->client,
				 "device-changed",
				 G_CALLBACK(uc_fwupd_device_changed_cb),
				 self);
}

UcFwupd *
uc_fwupd_new(void)
{
	return g_object_new(UC_TYPE_FWUPD, NULL);
}

/**
 * uc_fwupd_get_client:
 *
 * Returns: (transfer none): the client of libfwupd
 */
FwupdClient *
uc_fwupd_get_client(UcFwupd *self)
{
	return self->client;
}

/**
 * uc_fwupd_set_others:
 * @patterns: that uc_device_pattern_check() took
 *
 * Which devices of other plugins are loaded as well.
 */
void
uc_fwupd_set_others(UcFwupd *self, const gchar *const *patterns)
{
	g_strfreev(self->others);
	self->others = g_strdupv((GStrv)patterns);
}

/**
 * uc_fwupd_is_other:
 *
 * Returns: whether the device is of another plugin than ours, which knows nothing of rooms
 */
gboolean
uc_fwupd_is_other(FwupdDevice *device)
{
	return g_strcmp0(fwupd_device_get_plugin(device), UC_FWUPD_PLUGIN) != 0;
}

/**
 * uc_fwupd_is_wanted:
 *
 * Returns: whether it is a device of our plugin, or of uc_fwupd_set_others()
 */
gboolean
uc_fwupd_is_wanted(UcFwupd *self, FwupdDevice *device)
{
	return !uc_fwupd_is_other(device) ||
	       (self->others != NULL &&
		uc_device_pattern_matches((const gchar *const *)self->others, device));
}

/* the bus speaks of .service files */
static void
uc_fwupd_explain_absence(GError **error)
{
	g_clear_error(error);
	g_set_error_literal(
	    error,
	    UC_ERROR,
	    UC_ERROR_TEMPORARY,
	    "it is not installed, or cannot be started; see systemctl status fwupd");
}

/**
 * uc_fwupd_explain_error:
 * @error: (inout): what fwupd said
 *
 * What the bus says of a fwupd that is not there, and fwupd of what polkit does not allow, says
 * neither who nor what to do.
 */
void
uc_fwupd_explain_error(GError **error)
{
	g_autofree gchar *text = NULL;

	if (g_error_matches(*error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)) {
		uc_fwupd_explain_absence(error);
		return;
	}
	if (!g_error_matches(*error, FWUPD_ERROR, FWUPD_ERROR_AUTH_FAILED))
		return;
	text = g_strdup((*error)->message);
	g_clear_error(error);
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_AUTH_FAILED,
		    "%s: polkit does not allow it to the agent's user; is its rule installed? see "
		    "ucupdatesd(8)",
		    text);
}

/* the one conversion of fwupd's errors; the code of fwupd stays readable in uc_fwupd_is_final() */
static void
uc_fwupd_fail(GTask *task, UcDeadline *deadline, GError *error, const gchar *what)
{
	GError *converted = error;

	uc_deadline_convert_error(deadline, &converted);
	uc_fwupd_explain_error(&converted);
	g_prefix_error(&converted, "%s: ", what);
	g_task_return_error(task, converted);
}

/**
 * uc_fwupd_is_final:
 * @error: an error of uc_fwupd_act_finish()
 *
 * Returns: whether the same package on the same device would only fail again
 */
gboolean
uc_fwupd_is_final(const GError *error)
{
	if (error->domain != FWUPD_ERROR)
		return FALSE;
	switch (error->code) {
	case FWUPD_ERROR_INVALID_FILE:
	case FWUPD_ERROR_INVALID_DATA:
	case FWUPD_ERROR_NOT_SUPPORTED:
	case FWUPD_ERROR_SIGNATURE_INVALID:
	case FWUPD_ERROR_VERSION_NEWER:
	case FWUPD_ERROR_VERSION_SAME:
	case FWUPD_ERROR_NOT_FOUND:
		return TRUE;
	default:
		return FALSE;
	}
}

/* connecting, then the flags: what every use of fwupd begins with */
typedef struct {
	UcFwupd *fwupd; /* not owned: the task holds it */
	UcDeadline *deadline;
	gchar *device_id;
	gchar *path;
	FwupdInstallFlags flags;
	void (*then)(GTask *task);
} UcFwupdJob;

static void
uc_fwupd_job_free(UcFwupdJob *job)
{
	g_clear_pointer(&job->deadline, uc_deadline_free);
	g_free(job->device_id);
	g_free(job->path);
	g_free(job);
}

static GCancellable *
uc_fwupd_job_cancellable(UcFwupdJob *job)
{
	return uc_deadline_get_cancellable(job->deadline);
}

static void
uc_fwupd_flags_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcFwupdJob *job = g_task_get_task_data(task);
	GError *error = NULL;

	if (!fwupd_client_set_feature_flags_finish(FWUPD_CLIENT(source), result, &error)) {
		uc_fwupd_fail(task, job->deadline, error, "fwupd");
		return;
	}
	job->then(task);
}

static void
uc_fwupd_connect_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcFwupdJob *job = g_task_get_task_data(task);
	GError *error = NULL;

	if (!fwupd_client_connect_finish(FWUPD_CLIENT(source), result, &error)) {
		uc_fwupd_fail(task, job->deadline, error, "cannot reach fwupd");
		return;
	}
	fwupd_client_set_feature_flags_async(FWUPD_CLIENT(source),
					     UC_FWUPD_FEATURES,
					     uc_fwupd_job_cancellable(job),
					     uc_fwupd_flags_cb,
					     g_steal_pointer(&task));
}

static UcFwupdJob *
uc_fwupd_begin(UcFwupd *self,
	       GTask *task,
	       guint timeout_ms,
	       GCancellable *cancellable,
	       void (*then)(GTask *task))
{
	UcFwupdJob *job = g_new0(UcFwupdJob, 1);

	job->fwupd = self;
	job->deadline = uc_deadline_new(timeout_ms, cancellable);
	job->then = then;
	g_task_set_task_data(task, job, (GDestroyNotify)uc_fwupd_job_free);
	fwupd_client_connect_async(self->client,
				   uc_fwupd_job_cancellable(job),
				   uc_fwupd_connect_cb,
				   g_object_ref(task));
	return job;
}

static void
uc_fwupd_connected(GTask *task)
{
	g_task_return_boolean(task, TRUE);
}

/**
 * uc_fwupd_connect_async:
 *
 * What comes before any use of uc_fwupd_get_client(): libfwupd never answers who uses a client that
 * is not connected. Starts fwupd if it does not run; within three minutes. Ends with
 * uc_fwupd_act_finish().
 */
void
uc_fwupd_connect_async(UcFwupd *self,
		       GCancellable *cancellable,
		       GAsyncReadyCallback callback,
		       gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);

	(void)uc_fwupd_begin(self, task, UC_FWUPD_LOAD_MS, cancellable, uc_fwupd_connected);
}

static void
uc_fwupd_install_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcFwupdJob *job = g_task_get_task_data(task);
	GError *error = NULL;

	if (fwupd_client_install_finish(FWUPD_CLIENT(source), result, &error))
		g_task_return_boolean(task, TRUE);
	else
		uc_fwupd_fail(task, job->deadline, error, "fwupd did not stage it");
}

static void
uc_fwupd_install_begin(GTask *task)
{
	UcFwupdJob *job = g_task_get_task_data(task);

	fwupd_client_install_async(job->fwupd->client,
				   job->device_id,
				   job->path,
				   job->flags,
				   uc_fwupd_job_cancellable(job),
				   uc_fwupd_install_cb,
				   g_object_ref(task));
}

/**
 * uc_fwupd_install_async:
 * @path: a cab on disk
 * @flags: whether older versions and force are meant
 *
 * Lets fwupd verify the package and the plugin write it, within an hour.
 */
void
uc_fwupd_install_async(UcFwupd *self,
		       const gchar *device_id,
		       const gchar *path,
		       FwupdInstallFlags flags,
		       GCancellable *cancellable,
		       GAsyncReadyCallback callback,
		       gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
	UcFwupdJob *job =
	    uc_fwupd_begin(self, task, UC_FWUPD_INSTALL_MS, cancellable, uc_fwupd_install_begin);

	job->device_id = g_strdup(device_id);
	job->path = g_strdup(path);
	job->flags = flags;
}

static void
uc_fwupd_activate_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcFwupdJob *job = g_task_get_task_data(task);
	GError *error = NULL;

	if (fwupd_client_activate_finish(FWUPD_CLIENT(source), result, &error))
		g_task_return_boolean(task, TRUE);
	else
		uc_fwupd_fail(task, job->deadline, error, "fwupd did not activate it");
}

static void
uc_fwupd_activate_begin(GTask *task)
{
	UcFwupdJob *job = g_task_get_task_data(task);

	fwupd_client_activate_async(job->fwupd->client,
				    job->device_id,
				    uc_fwupd_job_cancellable(job),
				    uc_fwupd_activate_cb,
				    g_object_ref(task));
}

/**
 * uc_fwupd_activate_async:
 *
 * Lets the plugin switch to what is staged, within five minutes.
 */
void
uc_fwupd_activate_async(UcFwupd *self,
			const gchar *device_id,
			GCancellable *cancellable,
			GAsyncReadyCallback callback,
			gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
	UcFwupdJob *job =
	    uc_fwupd_begin(self, task, UC_FWUPD_ACTIVATE_MS, cancellable, uc_fwupd_activate_begin);

	job->device_id = g_strdup(device_id);
}

gboolean
uc_fwupd_act_finish(UcFwupd *self, GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}
