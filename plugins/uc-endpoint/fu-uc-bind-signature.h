/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "fu-uc-bind-header.h"
#include "fu-uc-endpoint-config.h"

gboolean
fu_uc_bind_signature_check_keys(FuUcEndpointConfig *config,
				GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_bind_signature_check(const FuUcBindHeader *header,
			   FuUcEndpointConfig *config,
			   GError **error) G_GNUC_WARN_UNUSED_RESULT;
