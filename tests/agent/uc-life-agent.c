/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The agent's loop, in the order of agent/uc-agent.c: one act at a time, and each takes its time.
 */

#include <stdio.h>

#include "uc-decision.h"
#include "uc-life.h"

/**
 * uc_life_fill_facts:
 * @shutdown: the machine is on its way down
 *
 * What the agent knows of the room and of its surroundings; uc_rig_judge() has the rest.
 */
void
uc_life_fill_facts(UcLife *self, gboolean shutdown)
{
	UcFacts *facts = self->facts;

	g_free(facts->version);
	g_free(facts->use_reason);
	*facts = *self->blank;
	facts->endpoint = self->name;
	uc_room_fill_facts(self->room, self->policy->idle_secs, facts);
	facts->duration_secs = self->duration_secs;
	facts->mains = self->amiss != 1;
	facts->clock_synchronised = self->amiss != 2;
	facts->shutdown = shutdown;
}

/* whoever takes something over checks in again: the version is another one, or what is staged */
static void
settle(UcLife *self)
{
	UcRig *rig = &self->rig;
	guint before = rig->course.stage;

	while (uc_rig_settle(rig)) {
		if (rig->course.stage == UC_COURSE_STAGED || before == UC_COURSE_ACTIVATED)
			self->look_wanted = TRUE;
		before = rig->course.stage;
	}
}

/* as often as not people are there when they are asked */
static void
see_prompt(UcLife *self)
{
	UcLifeOutside *outside = &self->outside;
	gint64 boot_secs = self->rig.boot_secs;

	if (!self->rig.prompt.shown) {
		outside->shown_secs = outside->input_secs = -1;
	} else if (outside->shown_secs < 0) {
		outside->shown_secs = outside->input_secs = boot_secs;
		outside->shown_day = self->rig.prompt.day;
		if (uc_life_draw(self, 2) == 0)
			self->event_secs =
			    MIN(self->event_secs, boot_secs + uc_life_draw(self, 200));
	}
}

static void
trace(const UcLife *self, const UcVerdict *verdict)
{
	const UcFacts *facts = self->facts;
	const UcRig *rig = &self->rig;
	g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(
	    rig->now_secs + uc_zone_get_offset(self->zone, rig->now_secs));
	g_autofree gchar *text = g_date_time_format(now, "%F %T");

	printf("# %s %s because of condition %u; %s %s over %s; use %u, idle %" G_GINT64_FORMAT
	       ", prompt %u and %u, next in %" G_GINT64_FORMAT "\n",
	       text,
	       uc_action_to_string(verdict->action),
	       verdict->reason,
	       facts->version != NULL ? facts->version : "nothing",
	       uc_progress_to_string(facts->progress),
	       uc_rig_get_version(rig->device.running),
	       facts->use,
	       facts->idle_secs,
	       facts->prompt,
	       verdict->prompt,
	       verdict->next_secs < 0 ? -1 : verdict->next_secs - rig->now_secs);
}

/**
 * uc_life_decide:
 *
 * The first half of uc_agent_advance().
 */
void
uc_life_decide(UcLife *self, gboolean shutdown, UcVerdict *verdict_out)
{
	UcRig *rig = &self->rig;
	gint64 rollout_secs = -1;

	rig->retry_secs = rig->now_secs + 1 + uc_life_draw(self, 3600);
	settle(self);
	uc_rig_choose(rig);
	uc_life_fill_facts(self, shutdown);
	uc_rig_judge(rig, self->facts, verdict_out);
	self->decisions++;
	if (self->traced)
		trace(self, verdict_out);
	uc_life_check_verdict(self, verdict_out);
	uc_rig_note_idle(rig, self->facts, verdict_out);
	if (uc_rig_heed(rig, self->facts, verdict_out))
		verdict_out->next_secs = rig->now_secs;
	rollout_secs = uc_rig_get_rollout_secs(rig);
	if (rollout_secs >= 0 &&
	    (verdict_out->next_secs < 0 || rollout_secs < verdict_out->next_secs))
		verdict_out->next_secs = rollout_secs;
	see_prompt(self);
}

static gint64
draw_secs(UcLife *self, UcAction action)
{
	static const guint most[UC_ACTION_LAST] = {[UC_ACTION_CHECK] = 5,
						   [UC_ACTION_DOWNLOAD] = 600,
						   [UC_ACTION_STAGE] = 300,
						   [UC_ACTION_ACTIVATE] = 3,
						   [UC_ACTION_RESTART] = 20,
						   [UC_ACTION_REVOKE] = 1};

	return 1 + uc_life_draw(self, most[action]);
}

static void
begin(UcLife *self, UcAction action, const UcVerdict *verdict)
{
	UcLifeWork *work = &self->work;
	UcRig *rig = &self->rig;

	work->action = action;
	work->asked = action != UC_ACTION_STAGE && action != UC_ACTION_ACTIVATE;
	work->ask_secs = rig->boot_secs + uc_life_draw(self, 2);
	work->end_secs = work->ask_secs + draw_secs(self, action);
	/* somebody wants what fell back once more */
	if (action == UC_ACTION_STAGE && rig->course.human_now)
		self->outside.fell &=
		    ~(guint)uc_rig_get_bit(uc_rig_find_release(rig->course.offer.version));
	if (action != UC_ACTION_CHECK)
		uc_rig_begin(rig, verdict);
}

/**
 * uc_life_advance:
 *
 * uc_agent_advance(): begins what is to be done, or sleeps until the next moment.
 */
void
uc_life_advance(UcLife *self)
{
	UcVerdict verdict = {0};
	UcRig *rig = &self->rig;
	gboolean looks = self->look_wanted && uc_room_get_use(self->room) == UC_USE_NONE;

	self->wake_secs = -1;
	self->wakes++;
	uc_life_decide(self, FALSE, &verdict);
	if (looks || verdict.action > UC_ACTION_WAIT) {
		begin(self, looks ? UC_ACTION_CHECK : verdict.action, &verdict);
		return;
	}
	uc_life_check_wait(self, &verdict);
	if (verdict.next_secs >= 0)
		self->wake_secs = rig->boot_secs + verdict.next_secs - rig->now_secs;
}

static UcRigOutcome
draw_outcome(UcLife *self, UcAction action)
{
	if (action == UC_ACTION_CHECK && self->rig.boot_secs < self->outage_secs)
		return UC_RIG_FAILS;
	switch (uc_life_draw(self, 400)) {
	case 0:
		return UC_RIG_KILL_BEFORE;
	case 1:
		return UC_RIG_KILL_AFTER;
	case 2:
		return UC_RIG_REFUSES;
	default:
		return uc_life_draw(self, 25) == 0 ? UC_RIG_FAILS : UC_RIG_WORKS;
	}
}

/* what is halted is in the policy, which comes with the rest */
static void
take_halts(UcLife *self)
{
	for (guint i = 0; i < self->policy->rollouts->len; i++) {
		UcRollout *rollout = g_ptr_array_index(self->policy->rollouts, i);

		rollout->halted =
		    (self->halts & uc_rig_get_bit(uc_rig_find_release(rollout->version))) != 0;
	}
}

static void
end(UcLife *self, UcRigOutcome outcome, UcUse use)
{
	UcAction action = self->work.action;
	gboolean done = FALSE;

	self->work.action = UC_ACTION_NONE;
	/* a download that does not work may be the service's, which is another one by now */
	if (action == UC_ACTION_CHECK || action == UC_ACTION_DOWNLOAD)
		self->look_wanted = action == UC_ACTION_DOWNLOAD && outcome == UC_RIG_FAILS;
	done = uc_rig_end(&self->rig, action, use, outcome);
	if (done && action == UC_ACTION_CHECK)
		take_halts(self);
	if (outcome == UC_RIG_KILL_BEFORE || outcome == UC_RIG_KILL_AFTER)
		uc_life_come_up(self);
	else if (done && action == UC_ACTION_RESTART)
		uc_life_restart(self, uc_life_draw(self, 20) == 0);
}

/**
 * uc_life_go_on:
 *
 * The act is where the plugin asks once more, or at its end.
 */
void
uc_life_go_on(UcLife *self)
{
	UcUse use = uc_room_get_use(self->room);

	if (self->work.asked) {
		end(self, draw_outcome(self, self->work.action), UC_USE_NONE);
		return;
	}
	self->work.asked = TRUE;
	if (use != UC_USE_NONE && !self->rig.course.human_force)
		end(self, UC_RIG_WORKS, use); /* which it does not, then */
	else
		uc_life_check_effect(self, self->work.action);
}
