/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupdplugin.h>

#include "fu-uc-bind-header.h"

#define FU_TYPE_UC_BIND_FIRMWARE (fu_uc_bind_firmware_get_type())
G_DECLARE_FINAL_TYPE(FuUcBindFirmware, fu_uc_bind_firmware, FU, UC_BIND_FIRMWARE, FuFirmware)

FuFirmware *
fu_uc_bind_firmware_new(void) G_GNUC_WARN_UNUSED_RESULT;
const FuUcBindHeader *
fu_uc_bind_firmware_get_header(FuUcBindFirmware *self);
