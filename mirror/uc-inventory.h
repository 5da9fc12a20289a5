/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-checkin.h"
#include "uc-database.h"
#include "uc-endpoint-key.h"
#include "uc-offer-cache.h"
#include "uc-report.h"

/**
 * UcInventoryEndpoint:
 * @row: key in the database, what the administrator calls it
 * @identity: docs/service-protocol.md section 5
 * @last_report_secs: 0 if there was none
 * @blocked: what keeps it from its update, by a halt or by what it told; empty if nothing
 * @blocked_since_secs: since when
 *
 * What is known about an endpoint; texts may be empty.
 */
typedef struct {
	gint64 row;
	gchar *identity;
	gchar *vendor;
	gchar *model;
	gchar *hardware_level;
	gchar *serial;
	gchar *mac_address;
	gchar *version;
	gchar *state;
	gchar *reason;
	gchar *machine_id;
	gchar *agent_version;
	gchar *details;
	gchar *blocked;
	gint64 blocked_since_secs;
	gint64 first_seen_secs;
	gint64 last_seen_secs;
	gchar *last_event;
	gint64 last_report_secs;
} UcInventoryEndpoint;

void
uc_inventory_endpoint_free(UcInventoryEndpoint *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcInventoryEndpoint, uc_inventory_endpoint_free)

JsonObject *
uc_inventory_check_in(UcDatabase *database,
		      UcOfferCache *offers,
		      UcCheckin *checkin,
		      const UcEndpointKey *key,
		      gint64 now_secs,
		      GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_inventory_add_report(UcDatabase *database,
			const UcReport *report,
			gint64 now_secs,
			gboolean *added_out,
			GError **error) G_GNUC_WARN_UNUSED_RESULT;

GPtrArray *
uc_inventory_list(UcDatabase *database, GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcInventoryEndpoint *
uc_inventory_find(UcDatabase *database, const gchar *id, GError **error) G_GNUC_WARN_UNUSED_RESULT;
JsonArray *
uc_inventory_list_reports(UcDatabase *database,
			  const UcInventoryEndpoint *endpoint,
			  GError **error) G_GNUC_WARN_UNUSED_RESULT;
