/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "fu-uc-endpoint-installer.h"

#define FU_TYPE_UC_ENDPOINT_SLOTS (fu_uc_endpoint_slots_get_type())
G_DECLARE_FINAL_TYPE(FuUcEndpointSlots,
		     fu_uc_endpoint_slots,
		     FU,
		     UC_ENDPOINT_SLOTS,
		     FuUcEndpointInstaller)

FuUcEndpointInstaller *
fu_uc_endpoint_slots_new(FuUcEndpointConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
