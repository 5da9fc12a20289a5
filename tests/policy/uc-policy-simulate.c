/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * uc-policy-simulate SEED ENDPOINTS: one year of each endpoint, with random calls, activity,
 * answers, restarts, suspends, clock changes, outages, approvals and withdrawals, on the real
 * function. Every endpoint has a seed of its own; a failing one is printed and
 * `uc-policy-simulate SEED 1` plays it again. Two threads; prints the rate.
 */

#include <stdio.h>

#include "uc-civil.h"
#include "uc-policy-judge.h"
#include "uc-timeline.h"
#include "uc-zone-load.h"

#define DAYS 365
#define HOUR 3600

static const gchar *const zones[] = {"Europe/Berlin",
				     "America/New_York",
				     "Australia/Lord_Howe",
				     "Asia/Kathmandu",
				     "Africa/Casablanca",
				     "UTC"};

typedef struct {
	guint64 random;
	UcPolicy *policy;
	UcFacts *facts;
	UcZone *zone;
	gint64 now;
	gint64 event;
	gint64 outage_until;
	guint64 decisions;
	guint wakeups; /* since the last event */
	gint64 wakeups_since;
	guint releases;
	guint updates;
	const gchar *failure;
} Sim;

static guint
draw(Sim *self, guint below)
{
	self->random ^= self->random << 13;
	self->random ^= self->random >> 7;
	self->random ^= self->random << 17;
	return (guint)((self->random >> 20) % below);
}

static void
choose_policy(Sim *self)
{
	UcPolicy *policy = self->policy;

	policy->style = draw(self, 2);
	policy->restart_prompt = draw(self, 3);
	policy->spread_secs = draw(self, 4) * 1800;
	policy->apply_on_shutdown = draw(self, 2);
	if (draw(self, 2) == 0) {
		policy->deadline_secs[UC_SEVERITY_MEDIUM] = (1 + draw(self, 20)) * 86400;
		policy->hard_deadline_secs = draw(self, 2) * 30 * 86400;
	}
	if (draw(self, 3) == 0)
		uc_policy_set_window(policy, (gint)draw(self, 1440), (gint)draw(self, 1441));
	if (draw(self, 4) == 0) {
		gint64 first = uc_civil_to_day(2026, 1, 1) + draw(self, DAYS);
		UcDates dates = {first, first + draw(self, 20)};

		g_array_append_val(policy->blocked_dates, dates);
	}
	if (draw(self, 3) == 0) {
		UcRollout rollout = {.version = (gchar *)"1.1.0",
				     .start_secs = self->now + draw(self, 100) * 86400,
				     .duration_secs = draw(self, 10) * 86400,
				     .percent = 100};

		uc_policy_add_rollout(policy, &rollout);
	}
}

/* independent of uc-window.c: by the wall clock */
static gboolean
is_in_window(const Sim *self)
{
	const UcWindow *window = &g_array_index(self->policy->windows, UcWindow, 0);
	gint64 wall = self->now + uc_zone_get_offset(self->zone, self->now);
	gint64 before = self->now + uc_zone_get_offset(self->zone, self->now - 4 * HOUR);
	gint64 mins[2] = {(wall / 60) % 1440, (before / 60) % 1440};

	/* in the hours after a change of the offset either wall will do */
	for (guint i = 0; i < 2; i++) {
		if (window->end_mins <= window->start_mins
			? mins[i] >= window->start_mins || mins[i] < window->end_mins
			: mins[i] >= window->start_mins && mins[i] < window->end_mins)
			return TRUE;
	}
	return FALSE;
}

static gboolean
is_late(const Sim *self)
{
	const UcFacts *facts = self->facts;
	gint64 after = self->policy->deadline_secs[facts->severity];

	return after > 0 && facts->first_seen_secs > 0 &&
	       self->now >= facts->first_seen_secs + after;
}

static gboolean
may_act(const Sim *self)
{
	const UcFacts *facts = self->facts;
	gboolean asked = facts->prompt == UC_PROMPT_ACCEPTED ||
			 (facts->prompt == UC_PROMPT_SHOWN &&
			  facts->prompt_shown_secs >= self->policy->prompt_secs);

	return facts->human_now || facts->first_update || facts->shutdown || asked ||
	       is_late(self) || is_in_window(self);
}

static const gchar *
check(const Sim *self, const UcVerdict *verdict)
{
	const UcFacts *facts = self->facts;
	gboolean forced = facts->human_now && facts->human_force;
	gboolean noticed =
	    verdict->action == UC_ACTION_ACTIVATE || verdict->action == UC_ACTION_RESTART;

	if (facts->use != UC_USE_NONE && !forced && verdict->action > UC_ACTION_WAIT)
		return "an act in a call";
	if (facts->use != UC_USE_NONE && !forced &&
	    (verdict->prompt == UC_PROMPT_ACT_SHOW || verdict->prompt == UC_PROMPT_ACT_KEEP))
		return "a prompt in a call";
	if (noticed && !may_act(self))
		return "an act outside of everything that allows it";
	if (noticed && facts->withdrawn)
		return "what was withdrawn is applied";
	if (verdict->prompt == UC_PROMPT_ACT_SHOW && facts->prompt != UC_PROMPT_NONE)
		return "a second prompt";
	if (verdict->prompt == UC_PROMPT_ACT_SHOW && !facts->restarted && !is_in_window(self) &&
	    !is_late(self))
		return "a prompt out of its hours";
	if (verdict->next_secs != -1 && verdict->next_secs <= self->now)
		return "the next moment is over";
	/* liveness: nothing may hold it any more */
	if (facts->progress == UC_PROGRESS_STAGED && verdict->deadline_secs >= 0 &&
	    self->now >= verdict->deadline_secs && facts->idle_secs >= 60 &&
	    facts->use == UC_USE_NONE && facts->retry_secs <= self->now &&
	    self->policy->blocked_dates->len == 0 && verdict->rollout_secs <= self->now &&
	    !facts->shutdown && verdict->hard_secs < 0 && verdict->action <= UC_ACTION_WAIT)
		return "past the deadline, idle, and nothing happens";
	return NULL;
}

/* at no moment before the one that was named would anything have happened */
static const gchar *
probe(const Sim *self, const UcVerdict *verdict, gint64 until, guint part)
{
	UcFacts facts = *self->facts;
	UcVerdict other = {0};
	gint64 secs = (until - self->now) * part / 16;

	if (verdict->action > UC_ACTION_WAIT || secs <= 0 || self->now + secs >= until ||
	    verdict->prompt == UC_PROMPT_ACT_SHOW || verdict->prompt == UC_PROMPT_ACT_WITHDRAW)
		return NULL;
	uc_timeline_pass(&facts, secs);
	uc_policy_judge(self->policy, &facts, self->now + secs, self->zone, &other);
	if (other.action > UC_ACTION_WAIT || other.prompt == UC_PROMPT_ACT_SHOW)
		return "the next moment is late";
	return NULL;
}

static void
forget_prompt(UcFacts *facts)
{
	facts->prompt = UC_PROMPT_NONE;
	facts->prompt_shown_secs = facts->prompt_input_secs = -1;
}

static void
event_call(Sim *self)
{
	UcFacts *facts = self->facts;

	if (facts->use == UC_USE_NONE) {
		facts->use = draw(self, 8) == 0 ? UC_USE_UNKNOWN : UC_USE_CALL;
		facts->busy_secs = 0;
		facts->idle_secs = 0;
		facts->free_secs = -1;
		return;
	}
	facts->use = UC_USE_NONE;
	facts->busy_secs = -1;
	facts->free_secs = 0;
	facts->idle_secs = 0;
}

static void
event_answer(Sim *self)
{
	UcFacts *facts = self->facts;

	facts->idle_secs = 0;
	if (facts->prompt != UC_PROMPT_SHOWN)
		return;
	switch (draw(self, 3)) {
	case 0:
		facts->prompt = UC_PROMPT_ACCEPTED;
		facts->prompt_shown_secs = facts->prompt_input_secs = -1;
		break;
	case 1:
		facts->said_no_secs = self->now;
		forget_prompt(facts);
		break;
	default:
		facts->prompt_input_secs = 0;
		break;
	}
}

static void
event_restart(Sim *self)
{
	UcFacts *facts = self->facts;
	UcVerdict verdict = {0};

	/* the way down first */
	facts->shutdown = TRUE;
	uc_policy_judge(self->policy, facts, self->now, self->zone, &verdict);
	if (self->failure == NULL)
		self->failure = check(self, &verdict);
	if (verdict.action == UC_ACTION_ACTIVATE)
		facts->progress = UC_PROGRESS_ACTIVATED;
	facts->shutdown = FALSE;
	forget_prompt(facts);
	if (facts->progress == UC_PROGRESS_ACTIVATED)
		uc_timeline_apply(facts, &(UcVerdict){.action = UC_ACTION_RESTART}, self->now);
	facts->restarted = TRUE;
	facts->use = UC_USE_NONE;
	facts->busy_secs = facts->free_secs = -1;
	facts->idle_secs = 0;
	facts->last_check_secs = 0;
}

static void
event_release(Sim *self)
{
	UcFacts *facts = self->facts;

	if (facts->progress == UC_PROGRESS_ACTIVATED)
		return;
	if (facts->progress != UC_PROGRESS_CURRENT && draw(self, 8) == 0) {
		facts->withdrawn = TRUE;
		return;
	}
	/* a newer one takes the place of what waits; the deadline goes on */
	self->releases++;
	facts->withdrawn = FALSE;
	facts->progress = UC_PROGRESS_AVAILABLE;
	if (facts->version == NULL)
		facts->version = g_strdup("1.1.0");
	if (facts->first_seen_secs == 0)
		facts->first_seen_secs = self->now;
}

/* many of a kind, few of another */
static void
happen(Sim *self)
{
	UcFacts *facts = self->facts;
	guint kind = draw(self, 200);
	gint64 wall = self->now + uc_zone_get_offset(self->zone, self->now);
	gboolean day = wall % 86400 > 7 * HOUR && wall % 86400 < 19 * HOUR;

	if (facts->use != UC_USE_NONE || kind < 80)
		event_call(self);
	else if (kind < 180)
		event_answer(self);
	else if (kind < 186)
		event_restart(self);
	else if (kind < 190)
		event_release(self);
	else if (kind < 193)
		self->outage_until = self->now + draw(self, 100) * HOUR;
	else if (kind < 196) /* suspend: the durations count it */
		uc_timeline_pass(facts, 8 * HOUR), self->now += 8 * HOUR;
	else if (kind < 197) /* the clock is put right */
		self->now += (gint64)draw(self, 7200) - 3600;
	else if (kind < 199)
		facts->human_now = TRUE, facts->human_force = draw(self, 2);
	else
		facts->first_update = TRUE;
	self->event = self->now + 60 +
		      draw(self, facts->use != UC_USE_NONE ? 2 * HOUR : (day ? 4 : 16) * HOUR);
	if (facts->prompt == UC_PROMPT_SHOWN)
		self->event = self->now + draw(self, 240);
}

static void
act(Sim *self, const UcVerdict *verdict)
{
	UcFacts *facts = self->facts;

	if (verdict->action == UC_ACTION_CHECK && self->now < self->outage_until) {
		facts->check_retry_secs = self->now + 1 + draw(self, 3600);
		return;
	}
	if (verdict->action > UC_ACTION_CHECK && draw(self, 20) == 0) {
		facts->retry_secs = self->now + 1 + draw(self, 3600);
		facts->human_now = facts->human_force = FALSE;
		return;
	}
	self->updates += verdict->action == UC_ACTION_RESTART;
	uc_timeline_apply(facts, verdict, self->now);
	if (facts->prompt == UC_PROMPT_SHOWN && verdict->prompt == UC_PROMPT_ACT_SHOW &&
	    draw(self, 2) == 0)
		self->event = self->now + draw(self, 200);
	/* a human's word that cannot be kept is answered, not kept */
	if (verdict->action <= UC_ACTION_WAIT)
		facts->human_now = facts->human_force = FALSE;
}

static void
step(Sim *self)
{
	UcVerdict verdict = {0};
	gint64 next = 0;

	uc_policy_judge(self->policy, self->facts, self->now, self->zone, &verdict);
	self->decisions++;
	self->failure = check(self, &verdict);
	if (self->failure == NULL && ++self->wakeups > 2000)
		self->failure = "more than 2000 wake-ups between two events";
	act(self, &verdict);
	if (verdict.action > UC_ACTION_WAIT || self->failure != NULL)
		return;
	next = verdict.next_secs == -1 ? self->event : MIN(verdict.next_secs, self->event);
	if (!self->facts->human_now && self->facts->prompt != UC_PROMPT_ACCEPTED &&
	    draw(self, 4) == 0)
		self->failure = probe(self, &verdict, next, 1 + draw(self, 15));
	next = MAX(next, self->now);
	uc_timeline_pass(self->facts, next - self->now);
	self->now = next;
	if (self->now >= self->event) {
		self->wakeups = 0;
		happen(self);
	}
}

static const gchar *
simulate(guint64 seed, guint64 *decisions, guint64 *updates)
{
	g_autoptr(UcPolicy) policy = uc_policy_new();
	g_autoptr(UcFacts) facts = uc_facts_new();
	g_autoptr(UcZone) zone = NULL;
	Sim self = {.random = (seed + 1) * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15),
		    .policy = policy,
		    .facts = facts};
	gint64 end = 0;

	self.now = uc_civil_to_day(2026, 1, 1) * 86400;
	self.event = self.now + 60;
	end = self.now + (gint64)DAYS * 86400;
	zone = uc_zone_load(zones[draw(&self, G_N_ELEMENTS(zones))], NULL);
	self.zone = zone;
	choose_policy(&self);
	facts->endpoint = g_strdup_printf("endpoint-%" G_GUINT64_FORMAT, seed);
	facts->use = UC_USE_NONE;
	facts->idle_secs = 0;
	facts->restart_by_agent = TRUE;
	facts->duration_secs = draw(&self, 900);
	while (self.now < end && self.failure == NULL)
		step(&self);
	*decisions += self.decisions;
	*updates += self.updates;
	return self.failure;
}

typedef struct {
	guint64 seed;
	guint count;
	guint64 decisions;
	guint64 updates;
	guint failures;
} Work;

static gpointer
work(gpointer user_data)
{
	Work *self = user_data;

	for (guint i = 0; i < self->count; i++) {
		const gchar *failure = simulate(self->seed + i, &self->decisions, &self->updates);

		if (failure == NULL)
			continue;
		self->failures++;
		printf("# seed %" G_GUINT64_FORMAT ": %s\n", self->seed + i, failure);
	}
	return NULL;
}

int
main(int argc, char **argv)
{
	guint64 seed = argc == 3 ? g_ascii_strtoull(argv[1], NULL, 10) : 1;
	guint count = argc == 3 ? (guint)g_ascii_strtoull(argv[2], NULL, 10) : 60;
	Work one = {.seed = seed, .count = (count + 1) / 2};
	Work two = {.seed = seed + one.count, .count = count - one.count};
	gint64 begin = g_get_monotonic_time();
	GThread *thread = g_thread_new("simulate", work, &two);
	gdouble secs = 0;
	guint64 decisions = 0;

	work(&one);
	g_thread_join(thread);
	secs = (gdouble)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
	decisions = one.decisions + two.decisions;
	printf("1..1\n# %u endpoint-days, %" G_GUINT64_FORMAT " decisions, %" G_GUINT64_FORMAT
	       " updates in %.1f s: %.0f endpoint-days a minute\n",
	       count * DAYS,
	       decisions,
	       one.updates + two.updates,
	       secs,
	       count * DAYS / secs * 60);
	printf("%s 1 invariants\n", one.failures + two.failures == 0 ? "ok" : "not ok");
	return one.failures + two.failures > 0;
}
