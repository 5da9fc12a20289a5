/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupdplugin.h>

#define FU_TYPE_UC_RAW_FIRMWARE (fu_uc_raw_firmware_get_type())
G_DECLARE_DERIVABLE_TYPE(FuUcRawFirmware, fu_uc_raw_firmware, FU, UC_RAW_FIRMWARE, FuFirmware)

struct _FuUcRawFirmwareClass {
	FuFirmwareClass parent_class;
};

const gchar *
fu_uc_raw_firmware_get_sha256(FuUcRawFirmware *self);
guint64
fu_uc_raw_firmware_get_size(FuUcRawFirmware *self);
