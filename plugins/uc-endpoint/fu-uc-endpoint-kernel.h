/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupd.h>

gchar *
fu_uc_endpoint_kernel_get_boot_id(GError **error) G_GNUC_WARN_UNUSED_RESULT;
gchar *
fu_uc_endpoint_kernel_get_parameter(const gchar *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
