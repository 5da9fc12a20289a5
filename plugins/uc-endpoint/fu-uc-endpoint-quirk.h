/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupdplugin.h>

/* beside the state of the endpoints, for who reads endpoint files but no quirks */
#define FU_UC_ENDPOINT_QUIRK_FILE "quirk.conf"

void
fu_uc_endpoint_quirk_add_keys(FuContext *ctx);
gchar *
fu_uc_endpoint_quirk_find(FuContext *ctx, gchar **name_out) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_quirk_publish(const gchar *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
