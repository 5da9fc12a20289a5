/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-decision.h"
#include "uc-facts.h"
#include "uc-policy.h"

UcDecision *
uc_policy_decide(const UcPolicy *policy, const UcFacts *facts, gint64 now_secs, const UcZone *zone)
    G_GNUC_WARN_UNUSED_RESULT;
