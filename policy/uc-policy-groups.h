/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "uc-policy-select.h"

UcPolicyGroups *
uc_policy_groups_new(JsonObject *sections) G_GNUC_WARN_UNUSED_RESULT;
guint64
uc_policy_groups_find(const UcPolicyGroups *self,
		      const UcSubject *subject) G_GNUC_WARN_UNUSED_RESULT;
