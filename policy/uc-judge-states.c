/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every condition with its state, whether it will decide or not. */

#include "uc-judge.h"

static void
uc_judge_set(UcJudge *self, UcConditionId id, gboolean met)
{
	self->verdict->states[id] = met ? UC_CONDITION_MET : UC_CONDITION_NOT_MET;
}

static void
uc_judge_set_known(UcJudge *self, UcConditionId id, gboolean known, gboolean met)
{
	uc_judge_set(self, id, met);
	if (!known)
		self->verdict->states[id] = UC_CONDITION_UNKNOWN;
}

static void
uc_judge_safety(UcJudge *self)
{
	const UcFacts *facts = self->facts;
	const UcPolicy *policy = self->policy;
	const UcRollout *rollout = uc_policy_find_rollout(policy, facts->version);

	uc_judge_set_known(self,
			   UC_CONDITION_USE,
			   facts->use != UC_USE_UNKNOWN,
			   facts->use == UC_USE_NONE);
	uc_judge_set_known(self,
			   UC_CONDITION_POWER,
			   facts->mains || facts->battery_percent >= 0,
			   facts->mains || facts->battery_percent >= policy->battery_percent);
	uc_judge_set(self,
		     UC_CONDITION_DISK,
		     facts->disk_free_bytes < 0 ||
			 facts->disk_free_bytes >= facts->disk_needed_bytes);
	uc_judge_set(self, UC_CONDITION_CLOCK, facts->clock_synchronised);
	uc_judge_set(self,
		     UC_CONDITION_POLICY,
		     policy->expires_secs == 0 || self->now_secs < policy->expires_secs);
	uc_judge_set(self, UC_CONDITION_WITHDRAWN, !facts->withdrawn);
	uc_judge_set(self, UC_CONDITION_BLOCKED, !uc_policy_blocks_version(policy, facts->version));
	uc_judge_set(self, UC_CONDITION_HALTED, rollout == NULL || !rollout->halted);
	uc_judge_set(self, UC_CONDITION_OTHER, !facts->other_update);
}

static void
uc_judge_organisation(UcJudge *self)
{
	const UcFacts *facts = self->facts;
	UcVerdict *verdict = self->verdict;
	gint64 age_secs = self->now_secs - facts->last_check_secs;

	uc_judge_set(self, UC_CONDITION_CHECK, verdict->check_secs <= self->now_secs);
	/* a service that does not answer holds nothing up while the policy counts */
	uc_judge_set(self,
		     UC_CONDITION_FRESH,
		     (age_secs >= 0 && age_secs <= UC_JUDGE_FRESH_SECS) ||
			 facts->check_retry_secs > self->now_secs);
	uc_judge_set(self,
		     UC_CONDITION_FIRST,
		     facts->second_step || (facts->first_update && self->policy->first_update ==
								       UC_FIRST_UPDATE_MANDATORY));
	uc_judge_set(self, UC_CONDITION_ROLLOUT, verdict->rollout_secs <= self->now_secs);
	uc_judge_set(self, UC_CONDITION_METERED, !facts->metered || self->policy->metered);
	uc_judge_set(self,
		     UC_CONDITION_DEADLINE,
		     verdict->deadline_secs >= 0 && self->now_secs >= verdict->deadline_secs);
	uc_judge_set(self,
		     UC_CONDITION_HARD,
		     verdict->hard_secs >= 0 && self->now_secs >= verdict->hard_secs);
}

static void
uc_judge_endpoint(UcJudge *self)
{
	const UcFacts *facts = self->facts;

	uc_judge_set(self, UC_CONDITION_HUMAN, facts->human_now);
	uc_judge_set(self,
		     UC_CONDITION_RETRY,
		     facts->retry_secs <= self->now_secs ||
			 facts->retry_secs > self->now_secs + 604800);
	uc_judge_set(self, UC_CONDITION_UPDATE, facts->progress != UC_PROGRESS_CURRENT);
	uc_judge_set(self, UC_CONDITION_FAILED, !facts->failed_before);
	uc_judge_set(self, UC_CONDITION_SHUTDOWN, !facts->shutdown);
	uc_judge_set(self, UC_CONDITION_SOURCES, facts->call_source && facts->activity_source);
	uc_judge_set(self, UC_CONDITION_CHILDREN, !facts->children_pending);
	uc_judge_set(self, UC_CONDITION_PROMPT, facts->prompt == UC_PROMPT_ACCEPTED);
	uc_judge_set(self,
		     UC_CONDITION_RESTART,
		     facts->progress != UC_PROGRESS_ACTIVATED || facts->restart_by_agent);
}

static void
uc_judge_room(UcJudge *self)
{
	UcVerdict *verdict = self->verdict;
	gboolean known = self->zone != NULL;

	uc_judge_set(self, UC_CONDITION_ZONE, known);
	if (!known)
		verdict->states[UC_CONDITION_ZONE] = UC_CONDITION_UNKNOWN;
	uc_judge_set_known(self,
			   UC_CONDITION_DATE,
			   known || self->policy->blocked_dates->len == 0,
			   verdict->date_secs < 0 || self->facts->severity == UC_SEVERITY_CRITICAL);
	uc_judge_set_known(self, UC_CONDITION_WINDOW, known, self->inside);
	uc_judge_set_known(self,
			   UC_CONDITION_SPREAD,
			   known,
			   !self->inside || self->now_secs >= verdict->spread_secs);
	uc_judge_set_known(self,
			   UC_CONDITION_FIT,
			   known,
			   !self->inside ||
			       MAX(self->now_secs, verdict->spread_secs) + verdict->need_secs <=
				   verdict->close_secs);
	uc_judge_set(self,
		     UC_CONDITION_SNOOZE,
		     verdict->snooze_secs < 0 || uc_judge_met(self, UC_CONDITION_DEADLINE));
	if (uc_judge_met(self, UC_CONDITION_DEADLINE))
		verdict->idle_needed_secs =
		    MIN(verdict->idle_needed_secs, UC_JUDGE_DEADLINE_IDLE_SECS);
	uc_judge_set_known(self,
			   UC_CONDITION_IDLE,
			   self->facts->idle_secs >= 0,
			   self->facts->idle_secs >= verdict->idle_needed_secs);
}

/* fills in the states of the verdict; uc_judge_times() was before */
void
uc_judge_states(UcJudge *self)
{
	uc_judge_safety(self);
	uc_judge_organisation(self);
	uc_judge_endpoint(self);
	uc_judge_room(self);
}
