/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-facts.h"
#include "uc-policy.h"
#include "uc-verdict.h"

#define UC_JUDGE_FRESH_SECS	    3600
#define UC_JUDGE_FIRST_SECS	    60
#define UC_JUDGE_DEADLINE_IDLE_SECS 60
#define UC_JUDGE_RESTART_SLACK_SECS 60
#define UC_JUDGE_REPORT_BUSY_SECS   86400
#define UC_JUDGE_REPORT_IDLE_SECS   (7 * 86400)

void
uc_policy_judge(const UcPolicy *policy,
		const UcFacts *facts,
		gint64 now_secs,
		const UcZone *zone,
		UcVerdict *verdict_out);
