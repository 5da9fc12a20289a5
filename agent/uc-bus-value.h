/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

GVariant *
uc_bus_value_from_object(JsonObject *object) G_GNUC_WARN_UNUSED_RESULT;
GVariant *
uc_bus_value_from_array(JsonArray *array) G_GNUC_WARN_UNUSED_RESULT;
