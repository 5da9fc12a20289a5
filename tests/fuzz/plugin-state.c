/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-endpoint-running.h"
#include "fuzz.h"

/* What is staged, and what comes of it for whatever runs. */

gint
LLVMFuzzerTestOneInput(const guint8 *buf, gsize bufsz)
{
	static const FuUcEndpointRunning running[] = {
	    {.slot = "A", .version = "1.0", .next_slot = "A", .boot_id = "boot-1"},
	    {.slot = "B", .version = "2.0", .next_slot = "B", .boot_id = "boot-2"},
	    {.slot = "A", .version = NULL, .next_slot = "B", .boot_id = "boot-2"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(running); i++) {
		g_autoptr(FuUcEndpointState) state = fu_uc_endpoint_state_new("state");
		if (!fu_uc_endpoint_state_load_data(state, (const gchar *)buf, bufsz, NULL))
			return 0;
		(void)fu_uc_endpoint_running_reconcile(&running[i], state);
		(void)fu_uc_endpoint_state_get_forced(state);
		g_assert_true(fu_uc_endpoint_state_get_staged(state) == NULL ||
			      fu_uc_endpoint_state_get_activated(state) == NULL);
	}
	return 0;
}
