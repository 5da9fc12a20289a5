/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "uc-mirror.h"
#include "uc-zone.h"

#define UC_SIMULATE_DAYS_MAX 60

/**
 * UcSimulation:
 * @approve: (nullable): ids of pending packages that would be approved as well
 * @zone: of all endpoints
 * @start_secs: when it would be published, seconds since the Unix epoch
 * @days: so long is looked ahead, 1 to %UC_SIMULATE_DAYS_MAX
 *
 * The planned change, beside what was decided and not published. Nothing is owned.
 */
typedef struct {
	const gchar *const *approve;
	const UcZone *zone;
	gint64 start_secs;
	guint days;
} UcSimulation;

JsonObject *
uc_simulate(UcMirror *mirror,
	    const UcSimulation *simulation,
	    GError **error) G_GNUC_WARN_UNUSED_RESULT;
GBytes *
uc_simulate_to_svg(JsonObject *result) G_GNUC_WARN_UNUSED_RESULT;
