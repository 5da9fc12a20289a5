/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "fu-uc-endpoint-boot.h"

#define FU_TYPE_UC_ENDPOINT_UBOOT (fu_uc_endpoint_uboot_get_type())
G_DECLARE_FINAL_TYPE(FuUcEndpointUboot,
		     fu_uc_endpoint_uboot,
		     FU,
		     UC_ENDPOINT_UBOOT,
		     FuUcEndpointBoot)

FuUcEndpointBoot *
fu_uc_endpoint_uboot_new(FuUcEndpointConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
