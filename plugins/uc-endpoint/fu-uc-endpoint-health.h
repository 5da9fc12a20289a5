/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "fu-uc-endpoint-config.h"
#include "fu-uc-endpoint-state.h"

#define FU_UC_ENDPOINT_HEALTH_SUFFIX ".health"

gchar *
fu_uc_endpoint_health_load_complaint(FuUcEndpointConfig *config,
				     FuUcEndpointState *state) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_health_is_known(FuUcEndpointConfig *config,
			       FuUcEndpointState *state) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_health_save(FuUcEndpointConfig *config,
			   FuUcEndpointState *state,
			   const gchar *complaint,
			   GError **error) G_GNUC_WARN_UNUSED_RESULT;
