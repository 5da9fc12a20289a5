/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#define UC_CHECKIN_REPORTS_MAX 16

/**
 * UcCheckinEndpoint:
 * @id: (nullable): name within its machine
 * @identity: what tells it from all other endpoints, docs/service-protocol.md section 5
 * @vendor: never empty
 * @model: never empty
 * @part_number: may be empty
 * @hardware_level: may be empty
 * @locale: may be empty
 * @serial: may be empty
 * @mac_address: may be empty, else in lower case
 * @version: installed, of the module `application` or else the first one; may be empty
 * @state: may be empty
 * @reason: may be empty
 * @guids: (nullable): as fwupd has them; otherwise they follow from the hardware
 * @details: (nullable): all of it
 * @key: number of the key that proves who it is, 0 where endpoints do not enrol
 *
 * One endpoint of a check-in.
 */
typedef struct {
	gchar *id;
	gchar *identity;
	gchar *vendor;
	gchar *model;
	gchar *part_number;
	gchar *hardware_level;
	gchar *locale;
	gchar *serial;
	gchar *mac_address;
	gchar *version;
	gchar *state;
	gchar *reason;
	GStrv guids;
	JsonObject *details;
	gint64 key;
} UcCheckinEndpoint;

/**
 * UcCheckin:
 * @agent_version: may be empty
 * @machine_id: may be empty
 * @endpoints: (element-type UcCheckinEndpoint): one at least
 * @rows: (element-type gint64): keys of its endpoints in the database, once they are stored
 * @repeatable: whether the same again, by the same key, gets the same answer and changes nothing
 *   but when it was seen, for as long as no other program changes the database
 */
typedef struct {
	gchar *agent_version;
	gchar *machine_id;
	GPtrArray *endpoints;
	GArray *rows;
	gboolean repeatable;
} UcCheckin;

UcCheckin *
uc_checkin_parse(GBytes *body, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_checkin_free(UcCheckin *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcCheckin, uc_checkin_free)

GStrv
uc_checkin_endpoint_get_guids(const UcCheckinEndpoint *endpoint) G_GNUC_WARN_UNUSED_RESULT;
