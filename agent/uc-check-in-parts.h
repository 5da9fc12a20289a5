/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

GPtrArray *
uc_check_in_parts_new(JsonObject *check_in, GPtrArray *left_out) G_GNUC_WARN_UNUSED_RESULT;
