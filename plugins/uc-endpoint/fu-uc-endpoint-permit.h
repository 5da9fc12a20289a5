/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupd.h>

gboolean
fu_uc_endpoint_permit_use(const gchar *sha256, GError **error) G_GNUC_WARN_UNUSED_RESULT;
