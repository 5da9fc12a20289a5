/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <fwupd.h>

#define UC_DEVICE_PATTERNS_MAX 64

gboolean
uc_device_pattern_check(const gchar *const *patterns, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_device_pattern_matches(const gchar *const *patterns,
			  FwupdDevice *device) G_GNUC_WARN_UNUSED_RESULT;
