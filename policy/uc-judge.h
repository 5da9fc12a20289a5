/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-policy-judge.h"

/**
 * UcJudge:
 * @zone: (nullable): %NULL when it is not known
 * @span: the span of the windows that holds @now_secs, else the next one
 * @has_span: whether there is one
 * @inside: whether it holds @now_secs
 * @duration_secs: for so long the room cannot be used while it is updated
 *
 * What the parts of one judgement share. Nothing is owned.
 */
typedef struct {
	const UcPolicy *policy;
	const UcFacts *facts;
	gint64 now_secs;
	const UcZone *zone;
	UcSpan span;
	gboolean has_span;
	gboolean inside;
	gint64 duration_secs;
	UcVerdict *verdict;
} UcJudge;

/* uc-judge-times.c */
gboolean
uc_judge_find_span(const UcJudge *self,
		   gint64 from_secs,
		   UcSpan *span_out) G_GNUC_WARN_UNUSED_RESULT;
gint64
uc_judge_find_possible(const UcJudge *self, gint64 from_secs) G_GNUC_WARN_UNUSED_RESULT;
void
uc_judge_times(UcJudge *self);

/* uc-judge-states.c */
void
uc_judge_states(UcJudge *self);

/* uc-judge-act.c */
void
uc_judge_act(UcJudge *self);

/* uc-policy-judge.c */
void
uc_judge_propose(UcJudge *self, gint64 secs);
void
uc_judge_stop(UcJudge *self, UcConditionId reason);
void
uc_judge_do(UcJudge *self, UcConditionId reason);

static inline gboolean
uc_judge_met(const UcJudge *self, UcConditionId id)
{
	return self->verdict->states[id] == UC_CONDITION_MET;
}
