/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "fu-uc-endpoint-process.h"

#define FU_TYPE_UC_ENDPOINT_CHILD (fu_uc_endpoint_child_get_type())
G_DECLARE_FINAL_TYPE(FuUcEndpointChild,
		     fu_uc_endpoint_child,
		     FU,
		     UC_ENDPOINT_CHILD,
		     FuUcEndpointProcess)

FuUcEndpointProcess *
fu_uc_endpoint_child_new(void) G_GNUC_WARN_UNUSED_RESULT;
