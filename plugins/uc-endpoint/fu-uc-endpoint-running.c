/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include "fu-uc-endpoint-running.h"
#include "fu-uc-version.h"

/* What runs now, compared with what was planned before the restart. */

static gboolean
fu_uc_endpoint_running_is_in(const FuUcEndpointRunning *self, const FuUcEndpointRecord *record)
{
	return g_strcmp0(record->slot, self->slot) == 0;
}

/* the right slot with another version in it is not what was activated */
static gboolean
fu_uc_endpoint_running_is(const FuUcEndpointRunning *self, const FuUcEndpointRecord *record)
{
	return fu_uc_endpoint_running_is_in(self, record) && self->version != NULL &&
	       fu_uc_version_compare(record->version, self->version) == 0;
}

static gchar *
fu_uc_endpoint_running_build_reason(const FuUcEndpointRunning *self,
				    const FuUcEndpointRecord *record)
{
	return g_strdup_printf("version %s in slot %s was activated, but after the restart version "
			       "%s in slot %s runs%s%s",
			       record->version,
			       record->slot,
			       self->version != NULL ? self->version : "(unknown)",
			       self->slot,
			       self->complaint != NULL ? ": " : "",
			       self->complaint != NULL ? self->complaint : "");
}

/* the restart has happened; whether @state changed */
static gboolean
fu_uc_endpoint_running_end(const FuUcEndpointRunning *self, FuUcEndpointState *state)
{
	const FuUcEndpointRecord *record = fu_uc_endpoint_state_get_activated(state);
	g_autofree gchar *reason = NULL;

	if (self->unconfirmed && fu_uc_endpoint_running_is_in(self, record)) {
		fu_uc_endpoint_state_set_trial(state, TRUE);
		return FALSE;
	}
	if (fu_uc_endpoint_running_is(self, record)) {
		fu_uc_endpoint_state_set_success(state);
		return TRUE;
	}
	reason = fu_uc_endpoint_running_build_reason(self, record);
	fu_uc_endpoint_state_set_fell_back(state, reason);
	return TRUE;
}

/**
 * fu_uc_endpoint_running_reconcile:
 * @self: what runs now
 * @state: what was planned
 *
 * At the first start after the restart an activation has either succeeded or fallen back. Also
 *finds an activation that was cut off between switching the boot loader and writing that down. A
 *pure function of @self and @state; save afterwards.
 *
 * Returns: whether @state changed
 **/
gboolean
fu_uc_endpoint_running_reconcile(const FuUcEndpointRunning *self, FuUcEndpointState *state)
{
	const FuUcEndpointRecord *activated = fu_uc_endpoint_state_get_activated(state);
	const FuUcEndpointRecord *staged = fu_uc_endpoint_state_get_staged(state);

	fu_uc_endpoint_state_set_trial(state, FALSE);
	if (activated != NULL)
		return g_strcmp0(activated->boot_id, self->boot_id) != 0 &&
		       fu_uc_endpoint_running_end(self, state);
	if (staged == NULL)
		return FALSE;
	if (fu_uc_endpoint_running_is_in(self, staged)) {
		fu_uc_endpoint_state_set_activated(state, "");
		(void)fu_uc_endpoint_running_end(self, state);
		return TRUE;
	}
	if (g_strcmp0(staged->slot, self->next_slot) != 0)
		return FALSE;
	fu_uc_endpoint_state_set_activated(state, self->boot_id);
	return TRUE;
}
