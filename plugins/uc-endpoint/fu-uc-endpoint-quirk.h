/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupdplugin.h>

void
fu_uc_endpoint_quirk_add_keys(FuContext *ctx);
gchar *
fu_uc_endpoint_quirk_find(FuContext *ctx, gchar **name_out) G_GNUC_WARN_UNUSED_RESULT;
