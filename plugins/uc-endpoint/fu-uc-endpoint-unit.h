/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "fu-uc-endpoint-process.h"

#define FU_TYPE_UC_ENDPOINT_UNIT (fu_uc_endpoint_unit_get_type())
G_DECLARE_FINAL_TYPE(FuUcEndpointUnit,
		     fu_uc_endpoint_unit,
		     FU,
		     UC_ENDPOINT_UNIT,
		     FuUcEndpointProcess)

FuUcEndpointProcess *
fu_uc_endpoint_unit_new(GError **error) G_GNUC_WARN_UNUSED_RESULT;
