/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupdplugin.h>

#include "fu-uc-bind-header.h"

#define FU_TYPE_UC_BIND_PAYLOAD (fu_uc_bind_payload_get_type())
G_DECLARE_FINAL_TYPE(FuUcBindPayload, fu_uc_bind_payload, FU, UC_BIND_PAYLOAD, FuFirmware)

FuFirmware *
fu_uc_bind_payload_new_from_entry(const FuUcBindEntry *entry) G_GNUC_WARN_UNUSED_RESULT;
const gchar *
fu_uc_bind_payload_get_target(FuUcBindPayload *self);
const gchar *
fu_uc_bind_payload_get_sha256(FuUcBindPayload *self);
guint64
fu_uc_bind_payload_get_installed_size(FuUcBindPayload *self);
GInputStream *
fu_uc_bind_payload_open(FuUcBindPayload *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_bind_payload_check_installed(FuUcBindPayload *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
guint8
fu_uc_bind_payload_get_compression(FuUcBindPayload *self);
FuUcBindEntry *
fu_uc_bind_payload_to_entry(FuUcBindPayload *self,
			    GBytes *blob,
			    GError **error) G_GNUC_WARN_UNUSED_RESULT;
