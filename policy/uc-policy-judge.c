/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * May it happen now? One pure function (DESIGN.md, decision 8): no I/O, no clock, no memory, the
 * same answer for the same input. First the moments, then every condition, then the first rule that
 * matches decides, in the order of docs/policy.md: safety stops, a human's "now", the mandatory
 * first update, the deadline, the result of a prompt, then window, idleness, spread and fit.
 */

#include <string.h>

#include "uc-judge.h"

/* the next moment is the earliest of all that were proposed and are still to come */
void
uc_judge_propose(UcJudge *self, gint64 secs)
{
	gint64 *next_secs = &self->verdict->next_secs;

	if (secs > self->now_secs && secs != G_MAXINT64 && (*next_secs < 0 || secs < *next_secs))
		*next_secs = secs;
}

void
uc_judge_stop(UcJudge *self, UcConditionId reason)
{
	self->verdict->action = UC_ACTION_WAIT;
	self->verdict->reason = reason;
}

/* the next step of the update */
void
uc_judge_do(UcJudge *self, UcConditionId reason)
{
	static const UcAction actions[] = {UC_ACTION_NONE,
					   UC_ACTION_DOWNLOAD,
					   UC_ACTION_STAGE,
					   UC_ACTION_ACTIVATE,
					   UC_ACTION_RESTART};

	G_STATIC_ASSERT(G_N_ELEMENTS(actions) == UC_PROGRESS_LAST);
	self->verdict->action = actions[self->facts->progress];
	self->verdict->reason = reason;
}

static gboolean
uc_judge_is_in_use(const UcJudge *self)
{
	return !uc_judge_met(self, UC_CONDITION_USE);
}

static void
uc_judge_report(UcJudge *self)
{
	const UcFacts *facts = self->facts;
	UcVerdict *verdict = self->verdict;
	gboolean ready =
	    facts->progress == UC_PROGRESS_STAGED || facts->progress == UC_PROGRESS_ACTIVATED;
	gint64 idle_secs = MAX(facts->last_idle_secs, facts->first_seen_secs);
	gboolean busy = facts->busy_secs >= UC_JUDGE_REPORT_BUSY_SECS;

	if (!uc_judge_met(self, UC_CONDITION_SOURCES))
		verdict->reports |= UC_REPORT_NO_SOURCE;
	if (self->zone == NULL)
		verdict->reports |= UC_REPORT_NO_ZONE;
	if (busy)
		verdict->reports |= UC_REPORT_SOURCE_BUSY;
	else if (facts->busy_secs >= 0)
		uc_judge_propose(self,
				 self->now_secs + UC_JUDGE_REPORT_BUSY_SECS - facts->busy_secs);
	if (busy && uc_judge_met(self, UC_CONDITION_FIRST) &&
	    facts->progress != UC_PROGRESS_CURRENT)
		verdict->reports |= UC_REPORT_MANDATORY_IN_CALL;
	if (!ready || idle_secs == 0)
		return;
	if (self->now_secs - idle_secs >= UC_JUDGE_REPORT_IDLE_SECS)
		verdict->reports |= UC_REPORT_NEVER_IDLE;
	else
		uc_judge_propose(self, idle_secs + UC_JUDGE_REPORT_IDLE_SECS);
}

/* which safety stops matter for the next step */
static gboolean
uc_judge_concerns(const UcJudge *self, UcConditionId id)
{
	switch (id) {
	case UC_CONDITION_USE:
		return FALSE; /* decided before */
	case UC_CONDITION_POWER:
	case UC_CONDITION_OTHER:
		return self->facts->progress >= UC_PROGRESS_DOWNLOADED;
	case UC_CONDITION_DISK:
		return self->facts->progress <= UC_PROGRESS_DOWNLOADED;
	default:
		return TRUE;
	}
}

static gboolean
uc_judge_is_safe(UcJudge *self, UcConditionId *stop_out)
{
	for (guint id = 0; id <= UC_CONDITION_SAFETY_LAST; id++) {
		*stop_out = id;
		if (uc_judge_concerns(self, id) && !uc_judge_met(self, id))
			return FALSE;
	}
	return TRUE;
}

static gboolean
uc_judge_revokes(const UcJudge *self)
{
	return self->facts->progress == UC_PROGRESS_STAGED &&
	       !uc_judge_met(self, UC_CONDITION_WITHDRAWN);
}

/* the way down: what is staged is switched to, or thrown away, and nothing else begins */
static void
uc_judge_shutdown(UcJudge *self)
{
	UcConditionId stop = UC_CONDITION_USE;
	gboolean allowed =
	    self->policy->apply_on_shutdown && uc_judge_is_safe(self, &stop) &&
	    uc_judge_met(self, UC_CONDITION_FAILED) && uc_judge_met(self, UC_CONDITION_SOURCES) &&
	    uc_judge_met(self, UC_CONDITION_ROLLOUT) && uc_judge_met(self, UC_CONDITION_DATE) &&
	    uc_judge_met(self, UC_CONDITION_SNOOZE);

	self->verdict->next_secs = -1;
	if (uc_judge_revokes(self)) {
		uc_judge_stop(self, UC_CONDITION_WITHDRAWN);
		self->verdict->action = UC_ACTION_REVOKE;
	} else if (self->facts->progress == UC_PROGRESS_STAGED && allowed) {
		uc_judge_do(self, UC_CONDITION_SHUTDOWN);
	} else {
		uc_judge_stop(self, UC_CONDITION_SHUTDOWN);
	}
}

static void
uc_judge_fetch(UcJudge *self)
{
	if (!uc_judge_met(self, UC_CONDITION_METERED) &&
	    self->facts->progress == UC_PROGRESS_AVAILABLE &&
	    !uc_judge_met(self, UC_CONDITION_FIRST) && !uc_judge_met(self, UC_CONDITION_DEADLINE)) {
		uc_judge_stop(self, UC_CONDITION_METERED);
		uc_judge_propose(self, self->verdict->deadline_secs);
		return;
	}
	uc_judge_do(self, UC_CONDITION_UPDATE);
}

/* what is early can be done at any time of day; what people would notice cannot */
static gboolean
uc_judge_is_early(const UcJudge *self)
{
	return self->facts->progress == UC_PROGRESS_AVAILABLE ||
	       (self->facts->progress == UC_PROGRESS_DOWNLOADED && !self->facts->write_in_place);
}

static void
uc_judge_pending(UcJudge *self)
{
	UcConditionId stop = UC_CONDITION_USE;

	if (uc_judge_revokes(self)) {
		uc_judge_stop(self, UC_CONDITION_WITHDRAWN);
		self->verdict->action = UC_ACTION_REVOKE;
	} else if (!uc_judge_is_safe(self, &stop)) {
		uc_judge_stop(self, stop);
	} else if (!uc_judge_met(self, UC_CONDITION_RESTART)) {
		uc_judge_stop(self, UC_CONDITION_RESTART);
	} else if (self->facts->human_now) {
		uc_judge_do(self, UC_CONDITION_HUMAN);
	} else if (!uc_judge_met(self, UC_CONDITION_FAILED)) {
		uc_judge_stop(self, UC_CONDITION_FAILED);
	} else if (!uc_judge_met(self, UC_CONDITION_ROLLOUT) &&
		   !uc_judge_met(self, UC_CONDITION_FIRST)) {
		uc_judge_stop(self, UC_CONDITION_ROLLOUT);
		uc_judge_propose(self, self->verdict->rollout_secs);
	} else if (uc_judge_is_early(self)) {
		uc_judge_fetch(self);
	} else if (!uc_judge_met(self, UC_CONDITION_SOURCES)) {
		uc_judge_stop(self, UC_CONDITION_SOURCES);
	} else if (!uc_judge_met(self, UC_CONDITION_CHILDREN)) {
		uc_judge_stop(self, UC_CONDITION_CHILDREN);
	} else {
		uc_judge_act(self);
	}
}

/* a look waits while people are being asked: that is over in minutes */
static gboolean
uc_judge_is_check_due(const UcJudge *self)
{
	const UcFacts *facts = self->facts;

	if (!uc_judge_met(self, UC_CONDITION_CHECK))
		return FALSE;
	return facts->progress == UC_PROGRESS_CURRENT ||
	       (!facts->human_now && facts->prompt == UC_PROMPT_NONE);
}

/* a call, or unknown: everything waits for its end, which is an event */
static void
uc_judge_in_use(UcJudge *self)
{
	gboolean nothing =
	    self->facts->progress == UC_PROGRESS_CURRENT && !uc_judge_met(self, UC_CONDITION_CHECK);

	if (nothing)
		uc_judge_do(self, UC_CONDITION_UPDATE);
	else
		uc_judge_stop(self, UC_CONDITION_USE);
	if (!nothing)
		self->verdict->next_secs = -1;
}

static void
uc_judge_choose(UcJudge *self)
{
	const UcFacts *facts = self->facts;
	gboolean force = facts->human_now && facts->human_force;

	uc_judge_propose(self, self->verdict->check_secs);
	uc_judge_propose(self, self->policy->expires_secs);
	if (uc_judge_is_in_use(self) && !force) {
		uc_judge_in_use(self);
		return;
	}
	self->verdict->forced = uc_judge_is_in_use(self);
	if (!uc_judge_met(self, UC_CONDITION_SHUTDOWN)) {
		uc_judge_shutdown(self);
	} else if (!uc_judge_met(self, UC_CONDITION_RETRY) && !facts->human_now) {
		uc_judge_stop(self, UC_CONDITION_RETRY);
		uc_judge_propose(self, facts->retry_secs);
	} else if (uc_judge_is_check_due(self)) {
		self->verdict->action = UC_ACTION_CHECK;
		self->verdict->reason = UC_CONDITION_CHECK;
	} else if (facts->progress == UC_PROGRESS_CURRENT) {
		uc_judge_do(self, UC_CONDITION_UPDATE);
	} else {
		uc_judge_pending(self);
	}
}

/**
 * uc_policy_judge:
 * @policy: what the organisation allows
 * @facts: what is known about the endpoint now
 * @now_secs: the moment, seconds since the Unix epoch
 * @zone: (nullable): the endpoint's time zone, for the windows; %NULL when it is not known
 * @verdict_out: (out): what may happen, why, every condition, and when to ask again
 *
 * Decides what may happen to one endpoint at one moment. Allocates nothing.
 */
void
uc_policy_judge(const UcPolicy *policy,
		const UcFacts *facts,
		gint64 now_secs,
		const UcZone *zone,
		UcVerdict *verdict_out)
{
	UcJudge self = {
	    .policy = policy,
	    .facts = facts,
	    .now_secs = now_secs,
	    .zone = zone,
	    .verdict = verdict_out,
	};

	memset(verdict_out, 0, sizeof(*verdict_out));
	verdict_out->next_secs = -1;
	verdict_out->prompt_until_secs = -1;
	uc_judge_times(&self);
	uc_judge_states(&self);
	uc_judge_choose(&self);
	uc_judge_report(&self);
	if (verdict_out->forced)
		verdict_out->reports |= UC_REPORT_FORCED;
	/* whoever does not say that the prompt may stay takes it away */
	if (facts->prompt != UC_PROMPT_NONE && verdict_out->action <= UC_ACTION_WAIT &&
	    verdict_out->prompt == UC_PROMPT_ACT_NONE)
		verdict_out->prompt = UC_PROMPT_ACT_WITHDRAW;
}
