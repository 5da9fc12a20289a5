/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* a human's "now" */

#include <string.h>
#include <unistd.h>

#include "uc-agent-private.h"
#include "uc-agent-status.h"
#include "uc-error.h"
#include "uc-fwupd-file.h"

static gboolean
uc_agent_check_version(UcTarget *target, const gchar *version, GError **error)
{
	if (version == NULL || uc_target_find_version(target, version) != NULL)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_NOT_FOUND,
		    "version %s is not on offer for %s; `ucupdatesctl versions` shows what is",
		    version,
		    target->id);
	return FALSE;
}

/**
 * uc_agent_install_async:
 * @endpoint: the `Id` of an endpoint or a fwupd device id; may be empty with one endpoint
 * @version: (nullable): that version rather than the newest approved one
 * @force: pass a call and an unknown state
 *
 * Downloads, stages and activates without waiting for window and idle. Errors: %UC_ERROR_NOT_FOUND
 * (no such endpoint, no such version, nothing newer), %UC_ERROR_IN_USE, and those of each step.
 */
void
uc_agent_install_async(UcAgent *self,
		       const gchar *endpoint,
		       const gchar *version,
		       gboolean force,
		       GAsyncReadyCallback callback,
		       gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(self, NULL, callback, user_data);
	g_autoptr(GError) error = NULL;
	UcTarget *target = uc_agent_find_target(self, endpoint, &error);

	if (target == NULL) {
		g_task_return_error(task, g_steal_pointer(&error));
		return;
	}
	if (target->update->course.human_now) {
		g_task_return_new_error(task,
					UC_ERROR,
					UC_ERROR_TEMPORARY,
					"%s is being updated for somebody already",
					target->id);
		return;
	}
	if (!uc_agent_check_version(target, version, &error)) {
		g_task_return_error(task, g_steal_pointer(&error));
		return;
	}
	uc_course_want(&target->update->course, version, force);
	g_ptr_array_add(target->waiting, g_steal_pointer(&task));
	uc_agent_advance(self);
}

static gboolean
uc_agent_is_at(FwupdRelease *release, const gchar *file)
{
	GPtrArray *locations = fwupd_release_get_locations(release);

	for (guint i = 0; locations != NULL && i < locations->len; i++) {
		const gchar *location = g_ptr_array_index(locations, i);
		const gchar *slash = strrchr(location, '/');

		if (g_str_equal(location, file) ||
		    g_str_equal(slash != NULL ? slash + 1 : location, file))
			return TRUE;
	}
	return FALSE;
}

/**
 * uc_agent_find_file:
 * @endpoint: the `Id` of an endpoint or a fwupd device id; may be empty with one endpoint
 * @file: name of a file on the service, or its whole URL
 * @error: set to %UC_ERROR_NOT_FOUND
 *
 * Only what the signed metadata names can be asked for, and only with the checksum it has there.
 *
 * Returns: (transfer none): the version in that file, or %NULL
 */
const gchar *
uc_agent_find_file(UcAgent *self, const gchar *endpoint, const gchar *file, GError **error)
{
	UcTarget *target = uc_agent_find_target(self, endpoint, error);

	if (target == NULL)
		return NULL;
	for (guint i = 0; i < target->releases->len; i++) {
		FwupdRelease *release = g_ptr_array_index(target->releases, i);

		if (uc_agent_is_at(release, file))
			return fwupd_release_get_version(release);
	}
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_NOT_FOUND,
		    "the service has no file '%s' on offer for %s; `ucupdatesctl versions --json` "
		    "shows where each version is",
		    file,
		    target->id);
	return NULL;
}

static void
uc_agent_file_staged_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcAgent *self = g_task_get_source_object(task);
	GError *error = NULL;

	self->stale = TRUE; /* what is staged now, fwupd says */
	if (uc_fwupd_file_install_finish(result, &error))
		g_task_return_boolean(task, TRUE);
	else
		g_task_return_error(task, error);
	uc_agent_changed(self);
	uc_agent_end_work(self);
}

/**
 * uc_agent_install_file_async:
 * @endpoint: the `Id` of an endpoint or a fwupd device id; may be empty with one endpoint
 * @fd: (transfer full): a cab, opened for reading
 * @force: pass a call and an unknown state
 *
 * Has fwupd stage a package that a human brought; fwupd and the plugin check it like any other, and
 * it is activated like any other. Errors: %UC_ERROR_NOT_FOUND, %UC_ERROR_TEMPORARY while the agent
 * does something else, %UC_ERROR_FAILED with fwupd's sentence.
 */
void
uc_agent_install_file_async(UcAgent *self,
			    const gchar *endpoint,
			    gint fd,
			    gboolean force,
			    GAsyncReadyCallback callback,
			    gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(self, NULL, callback, user_data);
	FwupdInstallFlags flags =
	    FWUPD_INSTALL_FLAG_ALLOW_OLDER | FWUPD_INSTALL_FLAG_ALLOW_REINSTALL;
	GError *error = NULL;
	UcTarget *target = uc_agent_find_target(self, endpoint, &error);

	if (target != NULL && self->work != UC_AGENT_IDLE)
		g_set_error(&error,
			    UC_ERROR,
			    UC_ERROR_TEMPORARY,
			    "the agent is busy (%s); try again when that is done",
			    uc_agent_work_to_string(self->work));
	if (error != NULL) {
		(void)close(fd);
		g_task_return_error(task, error);
		return;
	}
	if (force)
		flags |= FWUPD_INSTALL_FLAG_FORCE;
	self->work = UC_AGENT_STAGING;
	uc_agent_changed(self);
	uc_fwupd_file_install_async(self->connection,
				    fwupd_device_get_id(target->device),
				    fd,
				    flags,
				    self->cancellable,
				    uc_agent_file_staged_cb,
				    g_steal_pointer(&task));
}

/**
 * uc_agent_cancel_install:
 * @endpoint: the `Id` of an endpoint or a fwupd device id; may be empty with one endpoint
 * @error: set to %UC_ERROR_NOT_FOUND when nobody wants it now, %UC_ERROR_REFUSED once the write
 * began
 *
 * Takes a human's "now" back. What was downloaded stays, and goes on when the policy says so.
 */
gboolean
uc_agent_cancel_install(UcAgent *self, const gchar *endpoint, GError **error)
{
	g_autoptr(GCancellable) cancellable = NULL;
	g_autoptr(GError) error_cancelled =
	    g_error_new_literal(UC_ERROR, UC_ERROR_FAILED, "cancelled; nothing was written");
	UcTarget *target = uc_agent_find_target(self, endpoint, error);

	if (target == NULL)
		return FALSE;
	if (self->active == target && self->work > UC_AGENT_DOWNLOADING) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_REFUSED,
			    "%s is being written (%s), which cannot be stopped",
			    target->id,
			    uc_agent_work_to_string(self->work));
		return FALSE;
	}
	if (!target->update->course.human_now) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_NOT_FOUND,
			    "nobody updates %s now",
			    target->id);
		return FALSE;
	}
	uc_agent_answer(target, error_cancelled);
	uc_course_clear_human(&target->update->course);
	if (self->active == target) {
		cancellable = g_steal_pointer(&self->cancellable);
		self->cancellable = g_cancellable_new();
		g_cancellable_cancel(cancellable);
	}
	uc_agent_advance_soon(self);
	return TRUE;
}
