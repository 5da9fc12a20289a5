/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* a human's "now" */

#include "uc-agent-private.h"
#include "uc-agent-status.h"
#include "uc-error.h"

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
