/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "fu-uc-endpoint-installer.h"
#include "fu-uc-rauc-client.h"

#define FU_TYPE_UC_ENDPOINT_RAUC (fu_uc_endpoint_rauc_get_type())
G_DECLARE_FINAL_TYPE(FuUcEndpointRauc,
		     fu_uc_endpoint_rauc,
		     FU,
		     UC_ENDPOINT_RAUC,
		     FuUcEndpointInstaller)

FuUcRaucClient *
fu_uc_endpoint_rauc_open(FuUcEndpointInstaller *installer) G_GNUC_WARN_UNUSED_RESULT;
FuUcEndpointInstaller *
fu_uc_endpoint_rauc_new(FuUcEndpointConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
