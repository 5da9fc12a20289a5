/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The moments that the rules compare with: all of them follow from policy, facts and now. */

#include "uc-judge.h"
#include "uc-rollout.h"

#define UC_JUDGE_SPANS_MAX   16
#define UC_JUDGE_FUTURE_SECS 86400  /* what lies further ahead is of a clock that was wrong */
#define UC_JUDGE_RETRY_SECS  604800 /* the same for retries */

/* blocked dates yield to what is critical */
gboolean
uc_judge_find_span(const UcJudge *self, gint64 from_secs, UcSpan *span_out)
{
	return self->zone != NULL &&
	       uc_policy_find_span(self->policy,
				   self->facts->severity != UC_SEVERITY_CRITICAL,
				   from_secs,
				   self->zone,
				   span_out);
}

/* the endpoint's own moment inside a span, the same every night; a span of a day or more has no
 * beginning at which all would come */
static gint64
uc_judge_get_own_secs(const UcJudge *self, const UcSpan *span)
{
	gint64 length_secs = span->end_secs - span->start_secs;
	gint64 room_secs = MIN(self->policy->spread_secs, length_secs - self->verdict->need_secs);
	gint64 wall_secs = 0;

	if (self->facts->endpoint == NULL || length_secs >= 86400 || room_secs <= 0)
		return span->start_secs;
	wall_secs = span->start_secs + uc_zone_get_offset(self->zone, span->start_secs);
	return span->start_secs +
	       (gint64)(uc_rollout_hash(self->facts->endpoint, (guint64)(wall_secs % 86400)) %
			(guint64)(room_secs + 1));
}

/**
 * uc_judge_find_possible:
 * @from_secs: an instant, seconds since the Unix epoch
 *
 * Returns: the first instant from then on at which window, spread and fit allow an act; -1 for none
 */
gint64
uc_judge_find_possible(const UcJudge *self, gint64 from_secs)
{
	for (guint i = 0; i < UC_JUDGE_SPANS_MAX; i++) {
		UcSpan span = {0};
		gint64 at_secs = 0;

		if (!uc_judge_find_span(self, from_secs, &span))
			return -1;
		at_secs = MAX(from_secs, uc_judge_get_own_secs(self, &span));
		if (at_secs + self->verdict->need_secs <= span.end_secs)
			return at_secs;
		from_secs = span.end_secs;
	}
	return -1;
}

static void
uc_judge_rollout(UcJudge *self)
{
	self->verdict->rollout_secs =
	    uc_rollout_get_secs(self->policy, self->facts->endpoint, self->facts->version);
}

/* the end of the first window that is there as a whole from @from_secs on */
static gint64
uc_judge_get_full_window(const UcJudge *self, gint64 from_secs)
{
	UcSpan span = {0};

	if (!uc_judge_find_span(self, from_secs, &span))
		return from_secs;
	if (span.start_secs < from_secs) {
		if (span.end_secs - from_secs >= 86400)
			return from_secs + 86400;
		if (!uc_judge_find_span(self, span.end_secs, &span))
			return from_secs;
	}
	return MIN(span.end_secs, span.start_secs + 86400);
}

static void
uc_judge_deadline(UcJudge *self)
{
	gint64 from_secs = self->facts->first_seen_secs;
	gint64 after_secs = self->policy->deadline_secs[self->facts->severity];
	UcVerdict *verdict = self->verdict;

	verdict->deadline_secs = -1;
	verdict->hard_secs = -1;
	if (from_secs == 0 || after_secs == 0 || verdict->rollout_secs == G_MAXINT64)
		return;
	from_secs = MIN(from_secs, self->now_secs);
	from_secs = MAX(from_secs, verdict->rollout_secs);
	verdict->deadline_secs =
	    MAX(from_secs + after_secs, uc_judge_get_full_window(self, from_secs));
	if (self->policy->hard_deadline_secs > 0)
		verdict->hard_secs =
		    MAX(from_secs + self->policy->hard_deadline_secs, verdict->deadline_secs);
}

/* NO holds for 20 minutes, and then until a window; the moment of the answer decides */
static void
uc_judge_snooze(UcJudge *self)
{
	gint64 no_secs = self->facts->said_no_secs;
	UcSpan span = {0};
	gint64 until_secs = no_secs + self->policy->snooze_secs;

	self->verdict->snooze_secs = -1;
	if (no_secs == 0 || no_secs > self->now_secs + UC_JUDGE_FUTURE_SECS)
		return;
	if (uc_judge_find_span(self, until_secs, &span))
		until_secs = MAX(until_secs, span.start_secs);
	if (until_secs > self->now_secs)
		self->verdict->snooze_secs = until_secs;
}

static void
uc_judge_check(UcJudge *self)
{
	const UcPolicy *policy = self->policy;
	gint64 last_secs = self->facts->last_check_secs;
	gint64 retry_secs = self->facts->check_retry_secs;
	gint64 check_secs = self->now_secs;

	/* a last check in the future means that the clock was wrong then */
	if (last_secs != 0 && last_secs <= self->now_secs)
		check_secs = last_secs + policy->poll_secs;
	if (self->facts->endpoint != NULL && check_secs > self->now_secs)
		check_secs -= (gint64)(uc_rollout_hash(self->facts->endpoint, (guint64)last_secs) %
				       (guint64)(policy->poll_secs / 10 + 1));
	if (policy->expires_secs != 0 && last_secs < policy->expires_secs)
		check_secs = MIN(check_secs, policy->expires_secs);
	if (retry_secs <= self->now_secs + UC_JUDGE_RETRY_SECS)
		check_secs = MAX(check_secs, retry_secs);
	self->verdict->check_secs = check_secs;
}

static void
uc_judge_need(UcJudge *self)
{
	const UcFacts *facts = self->facts;
	UcVerdict *verdict = self->verdict;

	self->duration_secs = MAX(facts->duration_secs, facts->room_duration_secs);
	/* what was begun in time may end: the restart comes a moment after the activation */
	if (facts->progress == UC_PROGRESS_ACTIVATED)
		self->duration_secs = MAX(self->duration_secs - UC_JUDGE_RESTART_SLACK_SECS, 0);
	verdict->need_secs = self->duration_secs;
	if (self->policy->style == UC_STYLE_PROMPT && facts->prompt == UC_PROMPT_NONE)
		verdict->need_secs += self->policy->prompt_secs;
	verdict->idle_needed_secs = self->policy->idle_secs;
}

static void
uc_judge_window(UcJudge *self)
{
	UcVerdict *verdict = self->verdict;

	self->has_span = uc_judge_find_span(self, self->now_secs, &self->span);
	self->inside = self->has_span && self->span.start_secs <= self->now_secs;
	verdict->open_secs = self->has_span ? self->span.start_secs : -1;
	verdict->close_secs = self->has_span ? self->span.end_secs : -1;
	verdict->spread_secs = self->has_span ? uc_judge_get_own_secs(self, &self->span) : -1;
	if (self->zone == NULL ||
	    !uc_policy_blocks_date(self->policy, self->now_secs, self->zone, &verdict->date_secs))
		verdict->date_secs = -1;
}

/* fills in the moments of the verdict, and the span */
void
uc_judge_times(UcJudge *self)
{
	uc_judge_check(self);
	if (self->facts->progress == UC_PROGRESS_CURRENT) {
		self->verdict->deadline_secs = self->verdict->hard_secs = -1;
		self->verdict->rollout_secs = self->verdict->snooze_secs = -1;
		uc_judge_window(self);
		return;
	}
	uc_judge_need(self);
	uc_judge_window(self);
	uc_judge_rollout(self);
	uc_judge_deadline(self);
	uc_judge_snooze(self);
}
