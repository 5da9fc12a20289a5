/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "fu-uc-endpoint-config.h"

gchar *
fu_uc_endpoint_rauc_bundle_build_path(FuUcEndpointConfig *config) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_rauc_bundle_check(const gchar *path,
				 guint64 size,
				 GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_rauc_bundle_write(const gchar *path,
				 GInputStream *stream,
				 guint64 size,
				 GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
fu_uc_endpoint_rauc_bundle_remove(const gchar *path);
