/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "uc-policy.h"

UcPolicy *
uc_policy_from_json(JsonObject *body, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_policy_apply_json(UcPolicy *self, JsonObject *section, GError **error) G_GNUC_WARN_UNUSED_RESULT;
