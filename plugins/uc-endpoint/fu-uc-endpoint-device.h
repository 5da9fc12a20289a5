/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "fu-uc-endpoint-config.h"
#include "fu-uc-endpoint-state.h"

#define FU_TYPE_UC_ENDPOINT_DEVICE (fu_uc_endpoint_device_get_type())
G_DECLARE_FINAL_TYPE(FuUcEndpointDevice, fu_uc_endpoint_device, FU, UC_ENDPOINT_DEVICE, FuDevice)

FuUcEndpointDevice *
fu_uc_endpoint_device_new(FuContext *ctx,
			  FuUcEndpointConfig *config,
			  GError **error) G_GNUC_WARN_UNUSED_RESULT;
const gchar *
fu_uc_endpoint_device_get_parent_id(FuUcEndpointDevice *self);
gboolean
fu_uc_endpoint_device_is_child_of(FuUcEndpointDevice *self,
				  FuUcEndpointDevice *parent) G_GNUC_WARN_UNUSED_RESULT;
FuUcEndpointState *
fu_uc_endpoint_device_get_state(FuUcEndpointDevice *self);
void
fu_uc_endpoint_device_ensure_flags(FuUcEndpointDevice *self);
void
fu_uc_endpoint_device_set_in_use(FuUcEndpointDevice *self, const gchar *reason);
void
fu_uc_endpoint_device_finish_transaction(FuUcEndpointDevice *self);
gboolean
fu_uc_endpoint_device_check_confirmed(FuUcEndpointDevice *self,
				      GError **error) G_GNUC_WARN_UNUSED_RESULT;
