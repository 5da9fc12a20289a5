/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "fu-uc-endpoint-installer.h"

GType
fu_uc_endpoint_raw_get_firmware_gtype(FuUcEndpointConfig *config, GError **error);
const gchar *
fu_uc_endpoint_raw_get_protocol(GType gtype);
gchar *
fu_uc_endpoint_raw_find_version(FuUcEndpointConfig *config,
				GInputStream *stream,
				GError **error) G_GNUC_WARN_UNUSED_RESULT;
FuFirmware *
fu_uc_endpoint_raw_prepare(FuUcEndpointInstaller *installer,
			   GType gtype,
			   GInputStream *stream,
			   FuFirmwareParseFlags flags,
			   gboolean forced,
			   GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_raw_write(FuUcEndpointInstaller *installer,
			 FuFirmware *firmware,
			 gboolean forced,
			 FuProgress *progress,
			 GError **error) G_GNUC_WARN_UNUSED_RESULT;
