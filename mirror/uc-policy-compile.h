/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-publish-plan.h"

JsonObject *
uc_policy_compile(const UcPublishPlan *plan,
		  UcDatabase *database,
		  GError **error) G_GNUC_WARN_UNUSED_RESULT;
