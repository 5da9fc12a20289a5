/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "fu-uc-raw-firmware.h"

#define FU_TYPE_UC_RAUC_FIRMWARE (fu_uc_rauc_firmware_get_type())
G_DECLARE_FINAL_TYPE(FuUcRaucFirmware, fu_uc_rauc_firmware, FU, UC_RAUC_FIRMWARE, FuUcRawFirmware)
