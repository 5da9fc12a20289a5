/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "fu-uc-endpoint-config.h"

/* the DeviceType of what starts the application of its parent */
#define FU_UC_ENDPOINT_IDENTITY_UPDATER "updater"

void
fu_uc_endpoint_identity_set(FuUcEndpointConfig *config, FuDevice *device);
gboolean
fu_uc_endpoint_identity_add_instance_ids(FuUcEndpointConfig *config,
					 FuDevice *device,
					 GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
fu_uc_endpoint_identity_add_flags(FuUcEndpointConfig *config, FuDevice *device);
void
fu_uc_endpoint_identity_set_software(FuUcEndpointConfig *config,
				     FuDevice *device,
				     const gchar *spelling);
