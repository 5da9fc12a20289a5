/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "fu-uc-endpoint-state.h"

/* what runs, as seen at start; nothing is owned */
typedef struct {
	const gchar *slot;
	const gchar *version;	/* (nullable) */
	const gchar *next_slot; /* (nullable): what the boot loader starts next */
	const gchar *boot_id;
	gboolean unconfirmed;	/* it may still go back by itself */
	const gchar *complaint; /* (nullable): of the last health check */
} FuUcEndpointRunning;

gboolean
fu_uc_endpoint_running_reconcile(const FuUcEndpointRunning *self, FuUcEndpointState *state);
