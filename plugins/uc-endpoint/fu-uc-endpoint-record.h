/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupd.h>

/* an image that is whole in a slot */
typedef struct {
	gchar *sha256;
	guint64 size; /* bytes */
	gchar *version;
	gchar *slot;
	gchar *boot_id; /* (nullable): of the activation */
	gboolean forced;
} FuUcEndpointRecord;

FuUcEndpointRecord *
fu_uc_endpoint_record_copy(const FuUcEndpointRecord *self) G_GNUC_WARN_UNUSED_RESULT;
FuUcEndpointRecord *
fu_uc_endpoint_record_load(GKeyFile *keyfile, const gchar *group) G_GNUC_WARN_UNUSED_RESULT;
void
fu_uc_endpoint_record_store(const FuUcEndpointRecord *self, GKeyFile *keyfile, const gchar *group);
void
fu_uc_endpoint_record_free(FuUcEndpointRecord *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(FuUcEndpointRecord, fu_uc_endpoint_record_free)
