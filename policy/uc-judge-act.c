/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* May what is staged be applied now, without a human's word? docs/policy.md, rules 12 to 22. */

#include "uc-judge.h"

/* an act of the agent's own: with the organisation's word of the last hour */
static void
uc_judge_act_now(UcJudge *self, UcConditionId reason)
{
	if (uc_judge_met(self, UC_CONDITION_FRESH)) {
		uc_judge_do(self, reason);
		return;
	}
	self->verdict->action = UC_ACTION_CHECK;
	self->verdict->reason = UC_CONDITION_FRESH;
	if (self->facts->prompt == UC_PROMPT_SHOWN)
		self->verdict->prompt = UC_PROMPT_ACT_KEEP;
}

static void
uc_judge_withdraw(UcJudge *self)
{
	if (self->facts->prompt == UC_PROMPT_SHOWN)
		self->verdict->prompt = UC_PROMPT_ACT_WITHDRAW;
}

static gint64
uc_judge_get_call_wait(const UcJudge *self, gint64 secs)
{
	gint64 free_secs = self->facts->free_secs;

	return free_secs < 0 || free_secs >= secs ? 0 : secs - free_secs;
}

static void
uc_judge_first(UcJudge *self)
{
	gint64 wait_secs = uc_judge_get_call_wait(self, UC_JUDGE_FIRST_SECS);

	uc_judge_withdraw(self);
	self->verdict->notice = TRUE;
	if (wait_secs == 0) {
		uc_judge_act_now(self, UC_CONDITION_FIRST);
		return;
	}
	uc_judge_stop(self, UC_CONDITION_FIRST);
	uc_judge_propose(self, self->now_secs + wait_secs);
}

static void
uc_judge_show(UcJudge *self, UcConditionId reason)
{
	UcVerdict *verdict = self->verdict;

	uc_judge_stop(self, reason);
	verdict->prompt = UC_PROMPT_ACT_SHOW;
	verdict->prompt_until_secs = self->now_secs + self->policy->prompt_secs;
	uc_judge_propose(self, verdict->prompt_until_secs);
}

static void
uc_judge_keep(UcJudge *self, UcConditionId reason, gint64 until_secs)
{
	uc_judge_stop(self, reason);
	self->verdict->prompt = UC_PROMPT_ACT_KEEP;
	self->verdict->prompt_until_secs = until_secs;
	uc_judge_propose(self, until_secs);
}

/* past the hard deadline: two minutes, no NO, and input does not put it off */
static void
uc_judge_hard(UcJudge *self)
{
	gint64 from_secs = self->now_secs - MAX(self->facts->prompt_shown_secs, 0);
	gint64 until_secs = MAX(from_secs, self->verdict->hard_secs) + self->policy->prompt_secs;

	if (self->facts->prompt != UC_PROMPT_SHOWN)
		uc_judge_show(self, UC_CONDITION_HARD);
	else if (self->now_secs >= until_secs)
		uc_judge_act_now(self, UC_CONDITION_HARD);
	else
		uc_judge_keep(self, UC_CONDITION_HARD, until_secs);
}

/* the first that stands in the way */
static UcConditionId
uc_judge_get_reason(const UcJudge *self)
{
	static const UcConditionId order[] = {UC_CONDITION_ZONE,
					      UC_CONDITION_DATE,
					      UC_CONDITION_WINDOW,
					      UC_CONDITION_SPREAD,
					      UC_CONDITION_FIT,
					      UC_CONDITION_SNOOZE};

	for (guint i = 0; i < G_N_ELEMENTS(order); i++) {
		if (!uc_judge_met(self, order[i]))
			return order[i];
	}
	return UC_CONDITION_IDLE;
}

/* nothing now: again at the first moment at which nothing stands in the way */
static void
uc_judge_wait(UcJudge *self, UcConditionId reason, gint64 wait_secs)
{
	gint64 from_secs = self->now_secs + wait_secs;
	gint64 next_secs = 0;

	if (!uc_judge_met(self, UC_CONDITION_SNOOZE))
		from_secs = MAX(from_secs, self->verdict->snooze_secs);
	uc_judge_stop(self, reason);
	next_secs = uc_judge_find_possible(self, from_secs);
	if (next_secs < 0 && self->has_span)
		self->verdict->reports |= UC_REPORT_NEVER_FITS;
	uc_judge_propose(self, next_secs);
}

static gboolean
uc_judge_is_open(const UcJudge *self)
{
	return uc_judge_get_reason(self) == UC_CONDITION_IDLE;
}

/* idle style (Lync) */
static void
uc_judge_idle(UcJudge *self)
{
	gint64 idle_secs = self->facts->idle_secs;

	uc_judge_withdraw(self);
	if (uc_judge_is_open(self) && uc_judge_met(self, UC_CONDITION_IDLE)) {
		uc_judge_act_now(self, UC_CONDITION_IDLE);
		return;
	}
	uc_judge_wait(self,
		      uc_judge_get_reason(self),
		      MAX(self->verdict->idle_needed_secs - MAX(idle_secs, 0), 0));
	/* the agent measures idleness, and where it cannot only an event can tell */
	if (idle_secs < 0 && uc_judge_is_open(self))
		self->verdict->next_secs =
		    self->verdict->check_secs > self->now_secs ? self->verdict->check_secs : -1;
}

static gboolean
uc_judge_is_by_day(const UcJudge *self)
{
	gint64 shown_secs = self->now_secs - MAX(self->facts->prompt_shown_secs, 0);
	UcSpan span = {0};

	return !uc_judge_find_span(self, shown_secs, &span) || span.start_secs > shown_secs;
}

/* a prompt by day: once after a restart or the first pairing */
static gboolean
uc_judge_may_ask_by_day(const UcJudge *self)
{
	return self->policy->restart_prompt != UC_RESTART_PROMPT_OFF &&
	       uc_judge_met(self, UC_CONDITION_ZONE) && uc_judge_met(self, UC_CONDITION_DATE) &&
	       uc_judge_met(self, UC_CONDITION_SNOOZE);
}

static void
uc_judge_not_shown(UcJudge *self)
{
	gint64 wait_secs = uc_judge_get_call_wait(self, self->policy->after_call_secs);
	gboolean by_day = self->facts->restarted && !self->inside && uc_judge_may_ask_by_day(self);

	if (wait_secs == 0 && (by_day || uc_judge_is_open(self))) {
		uc_judge_show(self, UC_CONDITION_PROMPT);
		return;
	}
	uc_judge_wait(self,
		      uc_judge_is_open(self) || by_day ? UC_CONDITION_PROMPT
						       : uc_judge_get_reason(self),
		      wait_secs);
	if (by_day)
		uc_judge_propose(self, self->now_secs + wait_secs);
	/* what does not come inside the window may come by day */
	if (self->facts->restarted && self->inside)
		uc_judge_propose(self, self->span.end_secs);
}

static void
uc_judge_shown(UcJudge *self)
{
	const UcFacts *facts = self->facts;
	gint64 quiet_secs = MAX(facts->prompt_shown_secs, 0);
	gint64 until_secs = 0;
	gboolean by_day = uc_judge_is_by_day(self);
	gboolean valid = FALSE;

	/* input that is no answer restarts the countdown */
	if (facts->prompt_input_secs >= 0)
		quiet_secs = MIN(quiet_secs, facts->prompt_input_secs);
	until_secs = self->now_secs - quiet_secs + self->policy->prompt_secs;
	if (by_day)
		valid = uc_judge_may_ask_by_day(self);
	else
		valid =
		    self->inside && uc_judge_met(self, UC_CONDITION_SNOOZE) &&
		    MAX(self->now_secs, until_secs) + self->duration_secs <= self->span.end_secs;
	/* a machine that slept over its end asked nobody */
	valid = valid && self->now_secs < until_secs + self->policy->prompt_secs;
	if (valid && self->now_secs < until_secs) {
		uc_judge_keep(self, UC_CONDITION_PROMPT, until_secs);
	} else if (valid && (!by_day || self->policy->restart_prompt == UC_RESTART_PROMPT_START)) {
		uc_judge_act_now(self, UC_CONDITION_PROMPT);
	} else {
		self->verdict->need_secs = self->duration_secs + self->policy->prompt_secs;
		uc_judge_wait(self, uc_judge_get_reason(self), 1);
		uc_judge_withdraw(self);
	}
}

static void
uc_judge_late(UcJudge *self)
{
	gint64 idle_secs = self->facts->idle_secs;

	if (uc_judge_met(self, UC_CONDITION_IDLE)) {
		uc_judge_act_now(self, UC_CONDITION_DEADLINE);
		return;
	}
	if (self->policy->style == UC_STYLE_PROMPT && self->facts->prompt == UC_PROMPT_SHOWN)
		uc_judge_shown(self);
	else if (self->policy->style == UC_STYLE_PROMPT)
		uc_judge_not_shown(self);
	else
		uc_judge_wait(self, UC_CONDITION_IDLE, 0);
	if (idle_secs >= 0)
		uc_judge_propose(self,
				 self->now_secs + self->verdict->idle_needed_secs - idle_secs);
}

/* no human said "now", and no safety stop stands in the way */
void
uc_judge_act(UcJudge *self)
{
	gboolean late =
	    uc_judge_met(self, UC_CONDITION_DEADLINE) && uc_judge_met(self, UC_CONDITION_DATE);

	self->verdict->prompt_can_refuse = !late;
	uc_judge_propose(self, self->verdict->deadline_secs);
	uc_judge_propose(self, self->verdict->hard_secs);
	uc_judge_propose(self, self->verdict->date_secs);
	if (uc_judge_met(self, UC_CONDITION_FIRST))
		uc_judge_first(self);
	else if (self->facts->prompt == UC_PROMPT_ACCEPTED)
		uc_judge_act_now(self, UC_CONDITION_PROMPT);
	else if (late && uc_judge_met(self, UC_CONDITION_HARD))
		uc_judge_hard(self);
	else if (late)
		uc_judge_late(self);
	else if (self->policy->style == UC_STYLE_IDLE)
		uc_judge_idle(self);
	else if (self->facts->prompt == UC_PROMPT_SHOWN)
		uc_judge_shown(self);
	else
		uc_judge_not_shown(self);
}
