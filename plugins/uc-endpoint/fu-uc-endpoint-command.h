/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "fu-uc-endpoint-installer.h"

#define FU_TYPE_UC_ENDPOINT_COMMAND (fu_uc_endpoint_command_get_type())
G_DECLARE_FINAL_TYPE(FuUcEndpointCommand,
		     fu_uc_endpoint_command,
		     FU,
		     UC_ENDPOINT_COMMAND,
		     FuUcEndpointInstaller)

FuUcEndpointInstaller *
fu_uc_endpoint_command_new(FuUcEndpointConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
