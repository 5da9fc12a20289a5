/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupd.h>

/* each key that an endpoint file may have */
typedef void (*FuUcEndpointConfigKeysFunc)(const gchar *group,
					   const gchar *key,
					   gpointer user_data);

gboolean
fu_uc_endpoint_config_keys_contain(const gchar *group, const gchar *key) G_GNUC_WARN_UNUSED_RESULT;
void
fu_uc_endpoint_config_keys_foreach(FuUcEndpointConfigKeysFunc func, gpointer user_data);
const gchar *const *
fu_uc_endpoint_config_keys_get_values(void) G_GNUC_WARN_UNUSED_RESULT;
