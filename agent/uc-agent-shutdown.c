/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The machine goes down, or slept. What is under way and can be taken up again is ended, the policy
 * is asked once more, and logind may go on as soon as there is nothing left to do. Whatever is
 * still under way when logind's patience ends has the permit, which lets fwupd's own hook at
 * shutdown finish it (plugins/uc-endpoint/README.md).
 */

#include "uc-agent-private.h"
#include "uc-permit.h"

static gboolean
uc_agent_can_resume_later(UcAgent *self)
{
	return self->work == UC_AGENT_CHECKING || self->work == UC_AGENT_DOWNLOADING;
}

static void
uc_agent_interrupt(UcAgent *self)
{
	g_autoptr(GCancellable) cancellable = NULL;

	if (!uc_agent_can_resume_later(self))
		return;
	cancellable = g_steal_pointer(&self->cancellable);
	self->cancellable = g_cancellable_new();
	g_cancellable_cancel(cancellable);
}

static void
uc_agent_shutdown_cb(UcShutdownEvent event, gpointer user_data)
{
	UcAgent *self = user_data;

	switch (event) {
	case UC_SHUTDOWN_BEGINS:
		uc_agent_interrupt(self);
		break;
	case UC_SHUTDOWN_LATE:
		g_warning("%s is not done in time for the shutdown",
			  uc_agent_work_to_string(self->work));
		uc_shutdown_release(self->shutdown);
		return;
	case UC_SHUTDOWN_RESUMED:
		/* whoever woke it is there, and says so only later */
		uc_room_add_activity(self->room);
		break;
	default:
		uc_permit_revoke();
		break;
	}
	uc_agent_changed(self);
	uc_agent_advance_soon(self);
}

/**
 * uc_agent_watch_shutdown:
 *
 * From now on logind waits for the agent at shutdown. A permit of the last run is void.
 */
void
uc_agent_watch_shutdown(UcAgent *self)
{
	uc_permit_revoke();
	self->shutdown = uc_shutdown_new(self->connection, uc_agent_shutdown_cb, self);
}

/**
 * uc_agent_permit:
 * @target: what is about to be activated
 *
 * On the way down the activation may come too late for the bus.
 */
void
uc_agent_permit(UcAgent *self, UcTarget *target)
{
	g_autoptr(GError) error = NULL;

	if (uc_shutdown_is_under_way(self->shutdown) && !uc_permit_grant(target->id, &error))
		g_warning("%s: no permit for fwupd's hook at shutdown: %s",
			  target->id,
			  error->message);
}

/**
 * uc_agent_end_shutdown:
 *
 * Lets logind go on when the machine goes down and nothing is left to do.
 */
void
uc_agent_end_shutdown(UcAgent *self)
{
	if (!uc_shutdown_is_under_way(self->shutdown) || self->work != UC_AGENT_IDLE ||
	    self->advance_id != 0)
		return;
	uc_permit_revoke();
	uc_shutdown_release(self->shutdown);
}
