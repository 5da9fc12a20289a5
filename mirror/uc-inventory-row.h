/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-checkin.h"
#include "uc-database.h"

/* what uc_inventory_row_put() runs; what is different for an endpoint that is known follows it */
#define UC_INVENTORY_ROW_INSERT                                                                \
	"INSERT INTO endpoints (identity, vendor, model, hardware_level, serial, mac_address," \
	" version, state, reason, machine_id, agent_version, details, first_seen_secs,"        \
	" last_seen_secs, state_since_secs)"                                                   \
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13, ?13)"           \
	" ON CONFLICT (identity) DO UPDATE SET "

/**
 * UcInventoryRow:
 * @endpoint: what the columns are filled with
 * @machine_id: empty where there is no agent
 * @agent_version: what says all that
 * @details: the endpoint as it said it, in JSON
 *
 * An endpoint as the inventory keeps it; nothing of it is owned.
 */
typedef struct {
	const UcCheckinEndpoint *endpoint;
	const gchar *machine_id;
	const gchar *agent_version;
	const gchar *details;
} UcInventoryRow;

gboolean
uc_inventory_row_put(UcDatabase *database,
		     const UcInventoryRow *self,
		     const gchar *sql,
		     gint64 now_secs,
		     GError **error) G_GNUC_WARN_UNUSED_RESULT;
