/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupd.h>

#define FU_TYPE_UC_ENDPOINT_WATCH (fu_uc_endpoint_watch_get_type())
G_DECLARE_FINAL_TYPE(FuUcEndpointWatch, fu_uc_endpoint_watch, FU, UC_ENDPOINT_WATCH, GObject)

FuUcEndpointWatch *
fu_uc_endpoint_watch_new(void) G_GNUC_WARN_UNUSED_RESULT;
const gchar *
fu_uc_endpoint_watch_get_reason(FuUcEndpointWatch *self);
const gchar *
fu_uc_endpoint_watch_get_withdrawn(FuUcEndpointWatch *self, const gchar *endpoint);
