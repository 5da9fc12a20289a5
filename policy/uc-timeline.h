/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-policy-decide.h"

#define UC_TIMELINE_MAX_SECS  (366 * 86400)
#define UC_TIMELINE_MAX_STEPS 1000

void
uc_timeline_pass(UcFacts *facts, gint64 secs);
void
uc_timeline_apply(UcFacts *facts, const UcVerdict *verdict, gint64 now_secs);
JsonArray *
uc_timeline_to_json(const UcPolicy *policy,
		    UcFacts *facts,
		    gint64 now_secs,
		    const UcZone *zone,
		    gint64 for_secs) G_GNUC_WARN_UNUSED_RESULT;
