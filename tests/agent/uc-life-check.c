/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What must never be, and what must not fail to come, seen by an onlooker (UcLifeOutside) who has
 * an arithmetic of his own where that is possible.
 */

#include "uc-civil.h"
#include "uc-life.h"

#define LATE_IDLE_SECS 60  /* past the deadline */
#define FIRST_SECS     60  /* after a call, for what is mandatory */
#define WAKES_MAX      200 /* between two events, which may be days apart */

void
uc_life_fail(UcLife *self, gboolean wrong, const gchar *what)
{
	if (wrong && self->failure == NULL)
		self->failure = what;
}

static gboolean
is_used(const UcLife *self)
{
	return self->outside.call || self->outside.silent;
}

static gboolean
is_noticed(const UcVerdict *verdict)
{
	return verdict->action == UC_ACTION_ACTIVATE || verdict->action == UC_ACTION_RESTART;
}

static gboolean
is_asking(const UcVerdict *verdict)
{
	return verdict->prompt == UC_PROMPT_ACT_SHOW || verdict->prompt == UC_PROMPT_ACT_KEEP;
}

static gboolean
is_on(const UcWindow *window, gint64 day)
{
	return (window->weekdays & 1u << uc_civil_get_weekday(day)) != 0;
}

static gboolean
holds(const UcWindow *window, gint64 wall_secs)
{
	gint64 day = uc_civil_day(wall_secs);
	gint64 mins = (wall_secs - day * 86400) / 60;
	gboolean night = window->end_mins <= window->start_mins;

	if (night)
		return (mins >= window->start_mins && is_on(window, day)) ||
		       (mins < window->end_mins && is_on(window, day - 1));
	return mins >= window->start_mins && mins < window->end_mins && is_on(window, day);
}

static gboolean
is_wall_in_window(const UcLife *self, gint64 wall_secs)
{
	for (guint i = 0; i < self->policy->windows->len; i++) {
		if (holds(&g_array_index(self->policy->windows, UcWindow, i), wall_secs))
			return TRUE;
	}
	return FALSE;
}

/* independent of uc-window.c: by the wall clock; in the hours after a change of the offset there
 * are two of them, and @all says whether both have to agree */
static gboolean
is_in_window(const UcLife *self, gboolean all)
{
	gint64 now_secs = self->rig.now_secs;
	gboolean one = is_wall_in_window(self, now_secs + uc_zone_get_offset(self->zone, now_secs));
	gboolean two =
	    is_wall_in_window(self, now_secs + uc_zone_get_offset(self->zone, now_secs - 14400));

	return all ? one && two : one || two;
}

static gboolean
is_date_blocked(const UcLife *self)
{
	gint64 now_secs = self->rig.now_secs;
	gint64 day = uc_civil_day(now_secs + uc_zone_get_offset(self->zone, now_secs));

	for (guint i = 0; i < self->policy->blocked_dates->len; i++) {
		const UcDates *dates = &g_array_index(self->policy->blocked_dates, UcDates, i);

		if (day >= dates->first && day <= dates->last)
			return TRUE;
	}
	return FALSE;
}

/* not before that, whatever else */
static gboolean
is_late(const UcLife *self)
{
	gint64 after_secs = self->policy->deadline_secs[self->facts->severity];
	gint64 first_secs = self->facts->first_seen_secs;

	return after_secs > 0 && first_secs > 0 && self->rig.now_secs >= first_secs + after_secs;
}

static gboolean
is_mandatory(const UcLife *self)
{
	return self->facts->second_step ||
	       (self->facts->first_update &&
		self->policy->first_update == UC_FIRST_UPDATE_MANDATORY);
}

static gint64
get_idle_secs(const UcLife *self)
{
	return is_used(self) ? 0 : self->rig.boot_secs - self->outside.activity_secs;
}

/* nobody answered for two minutes: that is a yes, unless it is still a question of the day, which
 * goes away; past the deadline input does not put it off */
static void
see_silence(UcLife *self)
{
	UcLifeOutside *outside = &self->outside;
	gint64 since_secs = is_late(self) ? outside->shown_secs : outside->input_secs;
	gboolean counts = !outside->shown_day || is_late(self) || is_in_window(self, FALSE) ||
			  self->policy->restart_prompt == UC_RESTART_PROMPT_START;

	if (outside->shown_secs >= 0 && counts &&
	    self->rig.boot_secs - since_secs >= self->policy->prompt_secs)
		outside->consent = TRUE;
}

/* of what people notice */
static gboolean
may_act(const UcLife *self)
{
	const UcFacts *facts = self->facts;
	gint64 idle_secs = get_idle_secs(self);

	if (facts->shutdown)
		return self->policy->apply_on_shutdown;
	if (facts->human_now || is_mandatory(self) || self->outside.consent)
		return TRUE;
	if (is_date_blocked(self))
		return FALSE;
	if (is_late(self) && idle_secs >= LATE_IDLE_SECS)
		return TRUE;
	return self->policy->style == UC_STYLE_IDLE && is_in_window(self, FALSE) &&
	       idle_secs >= self->policy->idle_secs;
}

static gboolean
is_after_no(const UcLife *self)
{
	gint64 no_secs = self->outside.no_secs;

	return no_secs != 0 && no_secs <= self->rig.now_secs &&
	       self->rig.now_secs < no_secs + self->policy->snooze_secs && !is_late(self);
}

/* without power only a download goes on */
static gboolean
is_stopped(const UcLife *self, const gchar *version)
{
	const UcRollout *rollout = uc_policy_find_rollout(self->policy, version);

	return (self->amiss == 1 && self->facts->progress >= UC_PROGRESS_DOWNLOADED) ||
	       self->amiss == 2 || uc_policy_blocks_version(self->policy, version) ||
	       (rollout != NULL && rollout->halted);
}

static void
check_use(UcLife *self, const UcVerdict *verdict)
{
	const UcFacts *facts = self->facts;
	gboolean forced = facts->human_now && facts->human_force;

	uc_life_fail(self,
		     is_used(self) && !forced && verdict->action > UC_ACTION_WAIT,
		     "an act in a call");
	uc_life_fail(self, is_used(self) && is_asking(verdict), "a prompt in a call");
}

static void
check_act(UcLife *self, const UcVerdict *verdict)
{
	const UcRig *rig = &self->rig;
	guint slot = uc_rig_get_bit(rig->device.slot);
	gboolean activates = verdict->action == UC_ACTION_ACTIVATE;
	gboolean automatic = !self->facts->human_now;

	uc_life_fail(self,
		     is_noticed(verdict) && !may_act(self),
		     "an act outside of everything that allows it");
	uc_life_fail(self,
		     verdict->action >= UC_ACTION_DOWNLOAD &&
			 verdict->action <= UC_ACTION_RESTART &&
			 is_stopped(self, self->facts->version),
		     "an act past a safety stop");
	uc_life_fail(self,
		     activates && rig->last_check_secs != 0 &&
			 rig->course.image.sha256[0] != '\0' && (rig->known & slot) == 0,
		     "what was withdrawn is applied");
	uc_life_fail(self,
		     activates && automatic && (self->outside.fell & slot) != 0,
		     "what fell back is activated again");
	uc_life_fail(self,
		     activates && automatic && is_after_no(self) && !is_mandatory(self) &&
			 !self->outside.consent,
		     "an activation right after a NO");
}

static void
check_prompt(UcLife *self, const UcVerdict *verdict)
{
	gboolean by_day =
	    self->facts->restarted && self->policy->restart_prompt != UC_RESTART_PROMPT_OFF;

	if (verdict->prompt != UC_PROMPT_ACT_SHOW)
		return;
	uc_life_fail(self, self->outside.shown_secs >= 0, "a second prompt");
	uc_life_fail(self,
		     !by_day && !is_in_window(self, FALSE) && !is_late(self),
		     "a prompt out of its hours");
	uc_life_fail(self, is_date_blocked(self), "a prompt on a blocked date");
	uc_life_fail(self, is_after_no(self), "people are asked again right after a NO");
}

/**
 * uc_life_check_verdict:
 *
 * What was decided, before anything comes of it.
 */
void
uc_life_check_verdict(UcLife *self, const UcVerdict *verdict)
{
	UcLifeOutside *outside = &self->outside;
	gint64 first_secs = self->rig.course.first_seen_secs;

	see_silence(self);
	check_use(self, verdict);
	check_act(self, verdict);
	check_prompt(self, verdict);
	uc_life_fail(self,
		     verdict->next_secs != -1 && verdict->next_secs <= self->rig.now_secs,
		     "the next moment is over");
	uc_life_fail(self, self->wakes > WAKES_MAX, "a busy loop");
	uc_life_fail(self,
		     outside->first_seen_secs != 0 && first_secs != 0 &&
			 first_secs != outside->first_seen_secs,
		     "a newer release begins the deadline anew");
	outside->first_seen_secs = first_secs;
}

/* nothing that is the endpoint's own holds it up */
static gboolean
is_free(const UcLife *self, const UcVerdict *verdict)
{
	const UcFacts *facts = self->facts;

	return !is_used(self) && facts->retry_secs <= self->rig.now_secs &&
	       facts->restart_by_agent && !facts->failed_before &&
	       !is_stopped(self, facts->version) &&
	       (verdict->rollout_secs <= self->rig.now_secs || is_mandatory(self));
}

/* what is staged, and its window is open for long enough, is applied as soon as the room is idle,
 * or people are asked: so it is there by its deadline if there was such a moment before */
static void
check_window(UcLife *self, const UcVerdict *verdict)
{
	gint64 now_secs = self->rig.now_secs;
	gint64 free_secs = self->facts->free_secs;
	gboolean quiet = free_secs < 0 || free_secs >= self->policy->after_call_secs;

	if (!is_in_window(self, TRUE) || is_date_blocked(self))
		return;
	uc_life_fail(self, verdict->open_secs > now_secs, "the window is open, and nobody knows");
	if (now_secs < verdict->spread_secs ||
	    now_secs + verdict->need_secs > verdict->close_secs || verdict->snooze_secs >= 0)
		return;
	if (self->policy->style == UC_STYLE_PROMPT)
		uc_life_fail(self,
			     quiet && verdict->prompt == UC_PROMPT_ACT_NONE,
			     "in the window, and nobody is asked");
	else /* past the hard deadline people are told, also when nobody seems to be there */
		uc_life_fail(self,
			     get_idle_secs(self) >= self->policy->idle_secs && !is_asking(verdict),
			     "idle in the window, and nothing happens");
}

static void
check_late(UcLife *self, const UcVerdict *verdict)
{
	gint64 now_secs = self->rig.now_secs;
	gboolean hard = verdict->hard_secs >= 0 && now_secs >= verdict->hard_secs;

	if (verdict->deadline_secs < 0 || now_secs < verdict->deadline_secs ||
	    is_date_blocked(self))
		return;
	uc_life_fail(self,
		     hard && !is_asking(verdict),
		     "past the hard deadline, and people are not told");
	uc_life_fail(self,
		     !hard && get_idle_secs(self) >= LATE_IDLE_SECS,
		     "past the deadline, idle, and nothing happens");
}

/**
 * uc_life_check_wait:
 *
 * The agent does nothing, and has to have a reason.
 */
void
uc_life_check_wait(UcLife *self, const UcVerdict *verdict)
{
	const UcFacts *facts = self->facts;

	if (facts->progress == UC_PROGRESS_CURRENT || !is_free(self, verdict))
		return;
	uc_life_fail(self,
		     facts->progress < UC_PROGRESS_STAGED,
		     "nothing stands in the way of a download or of staging");
	if (is_mandatory(self)) {
		uc_life_fail(self,
			     facts->free_secs < 0 || facts->free_secs >= FIRST_SECS,
			     "mandatory, no call, and nothing happens");
		return;
	}
	check_late(self, verdict);
	check_window(self, verdict);
}

/**
 * uc_life_check_asleep:
 *
 * Just before something happens: at no moment until now would the agent have done anything.
 */
void
uc_life_check_asleep(UcLife *self)
{
	UcRig rig = self->rig;
	UcVerdict verdict = {0};

	if (self->work.action != UC_ACTION_NONE)
		return;
	uc_rig_choose(&rig);
	uc_life_fill_facts(self, FALSE);
	uc_rig_judge(&rig, self->facts, &verdict);
	uc_life_fail(self,
		     verdict.action > UC_ACTION_WAIT || verdict.prompt == UC_PROMPT_ACT_SHOW,
		     "the next moment is late");
}

/**
 * uc_life_check_effect:
 *
 * The plugin asked once more, and goes on.
 */
void
uc_life_check_effect(UcLife *self, UcAction action)
{
	uc_life_fail(self,
		     is_used(self) && !self->rig.course.human_force &&
			 (action == UC_ACTION_STAGE || action == UC_ACTION_ACTIVATE),
		     "a call began in between, and it happened all the same");
}

/**
 * uc_life_check_room:
 *
 * What holds at any time.
 */
void
uc_life_check_room(UcLife *self)
{
	const UcRig *rig = &self->rig;

	uc_life_fail(self, rig->course.said_no_secs != self->outside.no_secs, "a NO is forgotten");
	uc_life_fail(self, rig->saved.said_no_secs != self->outside.no_secs, "a NO is not on disk");
	uc_life_fail(self,
		     is_used(self) != (uc_room_get_use(self->room) != UC_USE_NONE),
		     "the room does not say whether it is in use");
}
