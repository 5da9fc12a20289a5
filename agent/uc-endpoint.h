/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <fwupd.h>

#include "uc-said.h"

/**
 * UcEndpoint:
 *
 * What an endpoint file of `endpoints.d/` says about the endpoint's identity. All texts but @id
 * can be %NULL, @vendor only until uc_endpoint_complete().
 */
typedef struct {
	gchar *path; /* (nullable): of the file */
	gchar *id;
	gchar *name;
	gchar *device_type;
	gchar *vendor;
	gchar *model;
	gchar *revision;
	gchar *part_number;
	gchar *hardware_level;
	gboolean has_hardware_level; /* the file says where it comes from, readable or not */
	gchar *serial;
	gchar *mac_address;
	gchar *locale;
	gchar *room;
	gchar *parent;	     /* `Id` of the endpoint that this one belongs to */
	gchar *install_type; /* `[Install] Type=` */
	gchar *led;	     /* `[Install] Led=`, a name in /sys/class/leds */
	gchar *identity;     /* uc_endpoint_identify() */
} UcEndpoint;

UcEndpoint *
uc_endpoint_load(const gchar *path, UcSaid *said, GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcEndpoint *
uc_endpoint_new_for_device(FwupdDevice *device) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray *
uc_endpoint_load_all(GPtrArray *unusable, UcSaid *said) G_GNUC_WARN_UNUSED_RESULT;
void
uc_endpoint_free(UcEndpoint *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcEndpoint, uc_endpoint_free)

void
uc_endpoint_complete(UcEndpoint *self, FwupdDevice *device);
void
uc_endpoint_identify(UcEndpoint *self, const gchar *machine_id, UcSaid *said);
gchar *
uc_endpoint_get_guid(const UcEndpoint *self) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_endpoint_get_device_id(const UcEndpoint *self) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_endpoint_is_device(const UcEndpoint *self, FwupdDevice *device) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_endpoint_writes_in_place(const UcEndpoint *self) G_GNUC_WARN_UNUSED_RESULT;
