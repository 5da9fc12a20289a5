/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What fwupd knows of our devices: all devices in one answer, then for each that is asked about
 * what is on offer and what became of its last update.
 */

#include "uc-deadline.h"
#include "uc-fwupd-load.h"

#define UC_FWUPD_LOAD_MS    (180 * 1000)
#define UC_FWUPD_CAN_UPDATE (FWUPD_DEVICE_FLAG_UPDATABLE | FWUPD_DEVICE_FLAG_UPDATABLE_HIDDEN)

typedef struct {
	UcFwupd *fwupd; /* not owned: the task holds it */
	UcFwupdAsks asks;
	gpointer asks_data; /* not owned */
	UcDeadline *deadline;
	GPtrArray *devices; /* of UcFwupdDevice */
	guint index;
} UcFwupdLoad;

static void
uc_fwupd_device_free(UcFwupdDevice *item)
{
	g_clear_object(&item->device);
	g_clear_object(&item->result);
	g_clear_pointer(&item->releases, g_ptr_array_unref);
	g_free(item);
}

static void
uc_fwupd_load_free(UcFwupdLoad *job)
{
	g_clear_pointer(&job->deadline, uc_deadline_free);
	g_clear_pointer(&job->devices, g_ptr_array_unref);
	g_free(job);
}

static GCancellable *
uc_fwupd_load_cancellable(UcFwupdLoad *job)
{
	return uc_deadline_get_cancellable(job->deadline);
}

static void
uc_fwupd_load_fail(GTask *task, GError *error, const gchar *what)
{
	UcFwupdLoad *job = g_task_get_task_data(task);
	GError *converted = error;

	uc_deadline_convert_error(job->deadline, &converted);
	uc_fwupd_explain_error(&converted);
	g_prefix_error(&converted, "%s: ", what);
	g_task_return_error(task, converted);
}

static void
uc_fwupd_load_next(GTask *task);

static UcFwupdDevice *
uc_fwupd_load_current(UcFwupdLoad *job)
{
	return g_ptr_array_index(job->devices, job->index);
}

static void
uc_fwupd_load_results_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcFwupdLoad *job = g_task_get_task_data(task);

	/* none while something is staged, and for a device that was never updated */
	uc_fwupd_load_current(job)->result =
	    fwupd_client_get_results_finish(FWUPD_CLIENT(source), result, NULL);
	job->index++;
	uc_fwupd_load_next(task);
}

static void
uc_fwupd_load_releases_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcFwupdLoad *job = g_task_get_task_data(task);
	UcFwupdDevice *item = uc_fwupd_load_current(job);
	g_autoptr(GError) error = NULL;

	item->releases = fwupd_client_get_releases_finish(FWUPD_CLIENT(source), result, &error);
	item->listed = item->releases != NULL ||
		       g_error_matches(error, FWUPD_ERROR, FWUPD_ERROR_NOTHING_TO_DO);
	if (item->releases == NULL) {
		g_debug("no releases for %s: %s",
			fwupd_device_get_id(item->device),
			error->message);
		item->releases = g_ptr_array_new_with_free_func(g_object_unref);
	}
	fwupd_client_get_results_async(FWUPD_CLIENT(source),
				       fwupd_device_get_id(item->device),
				       uc_fwupd_load_cancellable(job),
				       uc_fwupd_load_results_cb,
				       g_steal_pointer(&task));
}

static void
uc_fwupd_load_next(GTask *task)
{
	UcFwupdLoad *job = g_task_get_task_data(task);
	GError *error = NULL;

	if (g_cancellable_set_error_if_cancelled(uc_fwupd_load_cancellable(job), &error)) {
		uc_fwupd_load_fail(task, error, "fwupd");
		return;
	}
	while (job->index < job->devices->len && !uc_fwupd_load_current(job)->asked)
		job->index++;
	if (job->index >= job->devices->len) {
		g_task_return_pointer(task,
				      g_steal_pointer(&job->devices),
				      (GDestroyNotify)g_ptr_array_unref);
		return;
	}
	fwupd_client_get_releases_async(uc_fwupd_get_client(job->fwupd),
					fwupd_device_get_id(uc_fwupd_load_current(job)->device),
					uc_fwupd_load_cancellable(job),
					uc_fwupd_load_releases_cb,
					g_object_ref(task));
}

static void
uc_fwupd_load_take(UcFwupdLoad *job, FwupdDevice *device)
{
	UcFwupdDevice *item = NULL;

	if (!uc_fwupd_is_wanted(job->fwupd, device))
		return;
	item = g_new0(UcFwupdDevice, 1);
	item->device = g_object_ref(device);
	item->asked = job->asks == NULL || job->asks(device, job->asks_data);
	g_ptr_array_add(job->devices, item);
}

static void
uc_fwupd_load_devices_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcFwupdLoad *job = g_task_get_task_data(task);
	g_autoptr(GPtrArray) devices = NULL;
	GError *error = NULL;

	devices = fwupd_client_get_devices_finish(FWUPD_CLIENT(source), result, &error);
	if (devices == NULL && !g_error_matches(error, FWUPD_ERROR, FWUPD_ERROR_NOTHING_TO_DO)) {
		uc_fwupd_load_fail(task, error, "cannot list fwupd's devices");
		return;
	}
	g_clear_error(&error);
	for (guint i = 0; devices != NULL && i < devices->len; i++)
		uc_fwupd_load_take(job, g_ptr_array_index(devices, i));
	uc_fwupd_load_next(task);
}

static void
uc_fwupd_load_connected_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcFwupdLoad *job = g_task_get_task_data(task);
	GError *error = NULL;

	if (!uc_fwupd_act_finish(UC_FWUPD(source), result, &error)) {
		uc_deadline_convert_error(job->deadline, &error);
		g_task_return_error(task, error);
		return;
	}
	fwupd_client_get_devices_async(uc_fwupd_get_client(job->fwupd),
				       uc_fwupd_load_cancellable(job),
				       uc_fwupd_load_devices_cb,
				       g_object_ref(task));
}

/**
 * uc_fwupd_load_async:
 * @asks: (nullable): whom to ask about; %NULL for all
 * @asks_data: for @asks, must outlive the load
 *
 * Reads the devices of our plugin and the others that are wanted, and of those that @asks wants
 * what is on offer for each, and what became of its last update. Within three minutes, because
 * fwupd answers nobody while a plugin writes.
 */
void
uc_fwupd_load_async(UcFwupd *fwupd,
		    UcFwupdAsks asks,
		    gpointer asks_data,
		    GCancellable *cancellable,
		    GAsyncReadyCallback callback,
		    gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(fwupd, cancellable, callback, user_data);
	UcFwupdLoad *job = g_new0(UcFwupdLoad, 1);

	job->fwupd = fwupd;
	job->asks = asks;
	job->asks_data = asks_data;
	job->deadline = uc_deadline_new(UC_FWUPD_LOAD_MS, cancellable);
	job->devices = g_ptr_array_new_with_free_func((GDestroyNotify)uc_fwupd_device_free);
	g_task_set_task_data(task, job, (GDestroyNotify)uc_fwupd_load_free);
	uc_fwupd_connect_async(fwupd,
			       uc_fwupd_load_cancellable(job),
			       uc_fwupd_load_connected_cb,
			       g_steal_pointer(&task));
}

/**
 * uc_fwupd_load_finish:
 *
 * Returns: (transfer full) (element-type UcFwupdDevice): the devices
 */
GPtrArray *
uc_fwupd_load_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}

/* why it cannot be updated at this moment, such as a call in the room, makes no difference to what
 * fwupd tells who can see problems */
static guint64
uc_fwupd_load_get_flags(FwupdDevice *device)
{
	guint64 flags = fwupd_device_get_flags(device);

	return (flags & UC_FWUPD_CAN_UPDATE) != 0 ? flags | UC_FWUPD_CAN_UPDATE : flags;
}

/* another device says there why it cannot be updated at this moment */
static const gchar *
uc_fwupd_load_get_failure(FwupdDevice *device)
{
	return fwupd_device_get_update_state(device) == FWUPD_UPDATE_STATE_FAILED
		   ? fwupd_device_get_update_error(device)
		   : NULL;
}

static gboolean
uc_fwupd_load_has_same_guids(FwupdDevice *one, FwupdDevice *two)
{
	GPtrArray *guids = fwupd_device_get_guids(one);

	if (guids->len != fwupd_device_get_guids(two)->len)
		return FALSE;
	for (guint i = 0; i < guids->len; i++) {
		if (!fwupd_device_has_guid(two, g_ptr_array_index(guids, i)))
			return FALSE;
	}
	return TRUE;
}

/**
 * uc_fwupd_load_is_same:
 *
 * Returns: whether nothing is different of a device from which would follow what is on offer for
 * it, what became of its last update, or who it is
 */
gboolean
uc_fwupd_load_is_same(FwupdDevice *one, FwupdDevice *two)
{
	static const gchar *(*const texts[])(FwupdDevice * device) = {
	    fwupd_device_get_version,
	    fwupd_device_get_version_lowest,
	    fwupd_device_get_branch,
	    fwupd_device_get_name,
	    fwupd_device_get_vendor,
	    fwupd_device_get_serial,
	    uc_fwupd_load_get_failure,
	};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		if (g_strcmp0(texts[i](one), texts[i](two)) != 0)
			return FALSE;
	}
	return uc_fwupd_load_get_flags(one) == uc_fwupd_load_get_flags(two) &&
	       fwupd_device_get_update_state(one) == fwupd_device_get_update_state(two) &&
	       fwupd_device_get_modified(one) == fwupd_device_get_modified(two) &&
	       uc_fwupd_load_has_same_guids(one, two);
}
