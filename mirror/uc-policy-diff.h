/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "uc-mirror.h"

JsonArray *
uc_policy_diff_new(const UcMirror *mirror,
		   JsonObject *policy,
		   GError **error) G_GNUC_WARN_UNUSED_RESULT;
