/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "fu-uc-endpoint-installer.h"
#include "fu-uc-rauc-client.h"

gboolean
fu_uc_endpoint_rauc_boot_set_next(FuUcRaucClient *client,
				  const gchar *slot,
				  GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
fu_uc_endpoint_rauc_boot_settle(FuUcEndpointConfig *config,
				FuUcRaucClient *client,
				const gchar *boot_id,
				gboolean good);
gboolean
fu_uc_endpoint_rauc_boot_get_trial(FuUcEndpointInstaller *installer,
				   gboolean *trial_out,
				   GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_rauc_boot_confirm(FuUcEndpointInstaller *installer,
				 GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_rauc_boot_reject(FuUcEndpointInstaller *installer,
				GError **error) G_GNUC_WARN_UNUSED_RESULT;
