/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-checkin.h"
#include "uc-database.h"
#include "uc-policy.h"

gboolean
uc_offer_policy_record(UcDatabase *database,
		       JsonObject *sections,
		       GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcPolicy *
uc_offer_policy_load(UcDatabase *database, GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcPolicy *
uc_offer_policy_select(const UcPolicy *self,
		       const UcCheckinEndpoint *endpoint) G_GNUC_WARN_UNUSED_RESULT;
guint64
uc_offer_policy_find_groups(const UcPolicy *self,
			    const UcCheckinEndpoint *endpoint) G_GNUC_WARN_UNUSED_RESULT;
