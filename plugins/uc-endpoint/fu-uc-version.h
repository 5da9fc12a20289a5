/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupd.h>

gchar *
fu_uc_version_normalize(const gchar *version) G_GNUC_WARN_UNUSED_RESULT;
FwupdVersionFormat
fu_uc_version_format(const gchar *version) G_GNUC_WARN_UNUSED_RESULT;
gint
fu_uc_version_compare(const gchar *version_a, const gchar *version_b) G_GNUC_WARN_UNUSED_RESULT;
