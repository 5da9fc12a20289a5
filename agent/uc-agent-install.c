/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* a human's "now" */

#include "uc-agent-private.h"
#include "uc-agent-status.h"
#include "uc-error.h"

static gboolean
uc_agent_check_version(UcTarget *target, GError **error)
{
	if (target->wanted_version == NULL || uc_target_get_release(target) != NULL)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_NOT_FOUND,
		    "version %s is not on offer for %s; `ucupdatesctl versions` shows what is",
		    target->wanted_version,
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
	if (target->human_now) {
		g_task_return_new_error(task,
					UC_ERROR,
					UC_ERROR_TEMPORARY,
					"%s is being updated for somebody already",
					target->id);
		return;
	}
	target->wanted_version = g_strdup(version);
	if (!uc_agent_check_version(target, &error)) {
		uc_target_clear_human(target);
		g_task_return_error(task, g_steal_pointer(&error));
		return;
	}
	target->human_now = TRUE;
	target->human_force = force;
	target->retry_secs = 0;
	g_ptr_array_add(target->waiting, g_steal_pointer(&task));
	uc_agent_advance(self);
}
