/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupdplugin.h>

gchar *
fu_uc_endpoint_target_resolve(const gchar *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
