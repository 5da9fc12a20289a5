/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-database.h"

#define UC_PHONE_USER_AGENT_PREFIX "FileTransport Polycom"
#define UC_PHONE_REQUEST_MAX_BYTES 1024

/**
 * UcPhone:
 * @model: as `VVX500`
 * @mac_address: as 00:04:f2:00:00:01
 * @module: `application` or `updater`: whose version it is
 * @version: of that module
 *
 * What a request of a phone with UC Software says about it.
 */
typedef struct {
	gchar *model;
	gchar *mac_address;
	const gchar *module; /* static */
	gchar *version;
} UcPhone;

UcPhone *
uc_phone_parse(GBytes *request, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_phone_free(UcPhone *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcPhone, uc_phone_free)

gboolean
uc_phone_store(UcDatabase *database, const UcPhone *self, gint64 now_secs, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
