/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Every sequence of events on the real function, until no new state comes: calls, unknown sources,
 * idleness, prompts and answers, approvals, withdrawals, kills, restarts, fallbacks, time. The
 * clock is abstract: the moments that the rules compare with, and durations as large as any rule
 * looks at. What the function decides is done, or fails, or is cut off by a call that begins
 * between the decision and the act.
 * The agent is a simple one here, and time is what this is about; tests/agent/uc-course-explore.c
 * has the agent's own state machine.
 */

#include <stdio.h>
#include <string.h>

#include "uc-policy-judge.h"
#include "uc-zone-load.h"

/* 2026-03-01T00:00:00Z; the window is 20:00 to 06:00, the first sight was at 12:00, so that the
 * deadline is the end of the first whole window, 30 hours on; the hard one is at 84 */
#define BEGIN G_GINT64_CONSTANT(1772323200)
#define HOURS 3600

/* the deadline (after one full window) and the hard one are among them */
static const gint64 moments[] = {12 * HOURS,
				 20 * HOURS - 1,
				 20 * HOURS,
				 29 * HOURS + 1800,
				 30 * HOURS - 1,
				 30 * HOURS,
				 44 * HOURS,
				 54 * HOURS,
				 84 * HOURS - 1,
				 84 * HOURS};

static const gint64 durations[] = {-1, 0, 60, 120, 300};

/* small numbers only, so that a state is its bytes */
typedef struct {
	guint8 moment;
	guint8 use;
	guint8 progress;
	guint8 idle;
	guint8 free;
	guint8 prompt;
	guint8 shown;
	guint8 input;
	guint8 no; /* the moment of the last NO, plus one */
	guint8 withdrawn;
	guint8 failed;
	guint8 restarted;
	guint8 human;
	guint8 force;
	guint8 first;
	guint8 fresh;
} State;

typedef enum {
	EVENT_CALL,
	EVENT_CALL_ENDS,
	EVENT_UNKNOWN,
	EVENT_ACTIVITY,
	EVENT_SECONDS,
	EVENT_TIME,
	EVENT_YES,
	EVENT_NO,
	EVENT_APPROVE,
	EVENT_WITHDRAW,
	EVENT_NOW,
	EVENT_FORCE,
	EVENT_KILL,
	EVENT_RESTART,
	EVENT_FALLBACK,
	EVENT_DECIDE,
	EVENT_DECIDE_FAILS,
	EVENT_DECIDE_CALL,
	EVENT_LAST
} Event;

typedef struct {
	UcPolicy *policy;
	UcZone *zone;
	GHashTable *seen; /* of State */
	GQueue *open;	  /* of State, owned by @seen */
	guint64 edges;
	guint violations;
	const gchar *violation;
} Explorer;

static void
to_facts(const State *state, UcFacts *facts)
{
	gint64 now = BEGIN + moments[state->moment];

	facts->use = state->use;
	facts->progress = state->progress;
	facts->version = (gchar *)"1.1.0";
	facts->duration_secs = 300;
	facts->restart_by_agent = TRUE;
	facts->idle_secs = durations[state->idle];
	facts->free_secs = durations[state->free];
	facts->prompt = state->prompt;
	facts->prompt_shown_secs = durations[state->shown];
	facts->prompt_input_secs = durations[state->input];
	facts->said_no_secs = state->no > 0 ? BEGIN + moments[state->no - 1] : 0;
	facts->withdrawn = state->withdrawn;
	facts->failed_before = state->failed;
	facts->restarted = state->restarted;
	facts->human_now = state->human;
	facts->human_force = state->force;
	facts->first_update = state->first;
	facts->first_seen_secs = state->progress != UC_PROGRESS_CURRENT ? BEGIN + 12 * HOURS : 0;
	facts->last_check_secs = state->fresh ? now : now - 2 * HOURS;
}

static void
forget_prompt(State *state)
{
	state->prompt = UC_PROMPT_NONE;
	state->shown = state->input = 0;
}

static void
begin_call(State *state, UcUse use)
{
	state->use = use;
	state->idle = 1;
	state->free = 0;
	forget_prompt(state); /* a call withdraws the prompt, and what it led to */
}

static void
longer(guint8 *duration)
{
	if (*duration > 0 && *duration < G_N_ELEMENTS(durations) - 1)
		(*duration)++;
}

static void
pass_seconds(State *state)
{
	if (state->use == UC_USE_NONE)
		longer(&state->idle);
	longer(&state->free);
	longer(&state->shown);
	longer(&state->input);
}

static gboolean
pass_time(State *state)
{
	if (state->moment + 1 == G_N_ELEMENTS(moments))
		return FALSE;
	state->moment++;
	state->fresh = 0;
	return TRUE;
}

static void
restart(State *state, gboolean fallback)
{
	state->failed = fallback;
	state->progress = fallback ? UC_PROGRESS_AVAILABLE : UC_PROGRESS_CURRENT;
	state->first = state->first && fallback;
	state->human = state->force = state->no = 0;
	forget_prompt(state);
}

static void
apply_prompt(State *state, const UcVerdict *verdict)
{
	gboolean led =
	    verdict->reason == UC_CONDITION_PROMPT || verdict->reason == UC_CONDITION_HARD;

	if (verdict->prompt == UC_PROMPT_ACT_WITHDRAW)
		forget_prompt(state);
	if (verdict->prompt == UC_PROMPT_ACT_SHOW) {
		state->prompt = UC_PROMPT_SHOWN;
		state->shown = 1;
		state->input = 0;
		state->restarted = 0;
	}
	if (led && verdict->action >= UC_ACTION_ACTIVATE) {
		state->prompt = UC_PROMPT_ACCEPTED;
		state->shown = state->input = 0;
	}
}

static void
apply(State *state, const UcVerdict *verdict)
{
	apply_prompt(state, verdict);
	switch (verdict->action) {
	case UC_ACTION_CHECK:
		state->fresh = 1;
		break;
	case UC_ACTION_DOWNLOAD:
	case UC_ACTION_STAGE:
	case UC_ACTION_ACTIVATE:
		state->progress++;
		break;
	case UC_ACTION_RESTART:
		restart(state, FALSE);
		break;
	case UC_ACTION_REVOKE:
		state->progress = UC_PROGRESS_CURRENT;
		state->withdrawn = 0;
		break;
	default:
		state->human = state->force = 0; /* answered, not kept */
		break;
	}
}

static void
violate(Explorer *self, const gchar *what)
{
	self->violations++;
	self->violation = what;
}

static void
check(Explorer *self, const State *state, const UcVerdict *verdict)
{
	gboolean forced = state->human && state->force;
	gboolean noticed =
	    verdict->action == UC_ACTION_ACTIVATE || verdict->action == UC_ACTION_RESTART;
	gint64 wall = moments[state->moment] % (24 * HOURS);
	gboolean inside = wall >= 20 * HOURS || wall < 6 * HOURS;
	gboolean late = moments[state->moment] >= 30 * HOURS; /* one full window is over */

	if (noticed && state->use != UC_USE_NONE && !forced)
		violate(self, "an activation or a restart once a call is known");
	if (verdict->action > UC_ACTION_WAIT && state->use != UC_USE_NONE && !forced)
		violate(self, "an act in a call");
	if (verdict->prompt == UC_PROMPT_ACT_SHOW &&
	    (state->use != UC_USE_NONE || state->prompt != UC_PROMPT_NONE))
		violate(self, "a prompt in a call, or a second one");
	if (noticed && state->withdrawn)
		violate(self, "what was withdrawn is applied");
	if (noticed && state->progress == UC_PROGRESS_STAGED && state->failed && !state->human)
		violate(self, "what fell back is activated again");
	if (noticed && !inside && !late && !state->human && !state->first &&
	    state->prompt == UC_PROMPT_NONE)
		violate(self, "an act outside the window that nothing allows");
	if (verdict->next_secs != -1 && verdict->next_secs <= BEGIN + moments[state->moment])
		violate(self, "the next moment is over");
}

static void
judge(Explorer *self, const State *state, UcVerdict *verdict)
{
	UcFacts facts = {0};
	g_autoptr(UcFacts) base = uc_facts_new();

	facts = *base;
	to_facts(state, &facts);
	uc_policy_judge(self->policy, &facts, BEGIN + moments[state->moment], self->zone, verdict);
	check(self, state, verdict);
}

/* the agent decides; what is decided works, fails, or meets a call that began meanwhile */
static void
decide(Explorer *self, State *state, Event event)
{
	UcVerdict verdict = {0};

	judge(self, state, &verdict);
	if (event == EVENT_DECIDE_CALL) {
		/* the plugin asks once more before it acts, and is told no: judged by the same */
		begin_call(state, UC_USE_CALL);
		judge(self, state, &verdict);
	}
	if (event == EVENT_DECIDE_FAILS && verdict.action > UC_ACTION_WAIT) {
		state->human = state->force = 0;
		state->failed = verdict.action >= UC_ACTION_STAGE;
		return;
	}
	apply(state, &verdict);
}

static gboolean
answer(State *state, Event event)
{
	if (state->prompt != UC_PROMPT_SHOWN)
		return FALSE;
	forget_prompt(state);
	if (event == EVENT_YES)
		state->prompt = UC_PROMPT_ACCEPTED;
	else
		state->no = state->moment + 1;
	return TRUE;
}

static void
approve(State *state)
{
	state->withdrawn = state->failed = 0;
	if (state->progress != UC_PROGRESS_ACTIVATED)
		state->progress = UC_PROGRESS_AVAILABLE;
}

static gboolean
boot(State *state, Event event)
{
	if (event == EVENT_FALLBACK && state->progress != UC_PROGRESS_ACTIVATED)
		return FALSE;
	if (state->progress == UC_PROGRESS_ACTIVATED)
		restart(state, event == EVENT_FALLBACK);
	forget_prompt(state);
	state->use = UC_USE_NONE;
	state->idle = 1;
	state->free = 0;
	state->restarted = 1;
	state->human = state->force = state->fresh = 0;
	return TRUE;
}

static void
add_activity(State *state)
{
	state->idle = 1;
	if (state->prompt == UC_PROMPT_SHOWN)
		state->input = 1;
}

/* whether the event can be in this state */
static gboolean
happen(Explorer *self, State *state, Event event)
{
	switch (event) {
	case EVENT_CALL:
		begin_call(state, UC_USE_CALL);
		return TRUE;
	case EVENT_UNKNOWN:
		begin_call(state, UC_USE_UNKNOWN);
		return TRUE;
	case EVENT_CALL_ENDS:
		if (state->use == UC_USE_NONE)
			return FALSE;
		state->use = UC_USE_NONE;
		state->free = state->idle = 1;
		return TRUE;
	case EVENT_ACTIVITY:
		add_activity(state);
		return TRUE;
	case EVENT_SECONDS:
		pass_seconds(state);
		return TRUE;
	case EVENT_TIME:
		return pass_time(state);
	case EVENT_YES:
	case EVENT_NO:
		return answer(state, event);
	case EVENT_APPROVE:
		approve(state);
		return TRUE;
	case EVENT_WITHDRAW:
		state->withdrawn = state->progress != UC_PROGRESS_CURRENT;
		return TRUE;
	case EVENT_NOW:
	case EVENT_FORCE:
		state->human = 1;
		state->force = event == EVENT_FORCE;
		return TRUE;
	case EVENT_KILL: /* what is in memory only is gone */
		state->human = state->force = state->fresh = 0;
		state->idle = 1;
		forget_prompt(state);
		return TRUE;
	case EVENT_RESTART:
	case EVENT_FALLBACK:
		return boot(state, event);
	default:
		decide(self, state, event);
		return TRUE;
	}
}

static guint
hash_state(gconstpointer key)
{
	const guint8 *bytes = key;
	guint hash = 2166136261u;

	for (gsize i = 0; i < sizeof(State); i++)
		hash = (hash ^ bytes[i]) * 16777619u;
	return hash;
}

static gboolean
equal_state(gconstpointer one, gconstpointer two)
{
	return memcmp(one, two, sizeof(State)) == 0;
}

/* what no rule can tell apart is one state */
static void
normalise(const Explorer *self, State *state)
{
	state->shown = MIN(state->shown, 3);
	state->input = MIN(state->input, 3);
	state->no = state->no == state->moment + 1 || state->no == 1 ? state->no : 0;
	if (self->policy->style == UC_STYLE_IDLE)
		state->restarted = 0;
	if (state->progress == UC_PROGRESS_CURRENT)
		state->no = state->failed = state->human = state->force = 0;
}

static void
add_state(Explorer *self, State *state)
{
	State *copy = NULL;

	normalise(self, state);

	if (g_hash_table_contains(self->seen, state))
		return;
	copy = g_memdup2(state, sizeof(*state));
	g_hash_table_add(self->seen, copy);
	g_queue_push_tail(self->open, copy);
}

static void
explore(Explorer *self, UcStyle style, gboolean first)
{
	State begin = {.idle = 1, .first = first};
	g_autoptr(UcPolicy) policy = uc_policy_new();
	g_autoptr(UcZone) zone = uc_zone_load("UTC0", NULL);
	const State *state = NULL;

	policy->style = style;
	policy->deadline_secs[UC_SEVERITY_MEDIUM] = 6 * HOURS;
	policy->hard_deadline_secs = 72 * HOURS;
	self->policy = policy;
	self->zone = zone;
	add_state(self, &begin);
	while ((state = g_queue_pop_head(self->open)) != NULL) {
		for (guint event = 0; event < EVENT_LAST; event++) {
			State next = *state;

			self->edges++;
			if (happen(self, &next, event))
				add_state(self, &next);
		}
	}
}

int
main(void)
{
	guint64 states = 0;
	guint64 edges = 0;
	guint violations = 0;

	for (guint i = 0; i < 3; i++) {
		g_autoptr(GHashTable) seen =
		    g_hash_table_new_full(hash_state, equal_state, g_free, NULL);
		g_autoptr(GQueue) open = g_queue_new();
		Explorer self = {.seen = seen, .open = open};

		explore(&self, i % 2, i / 2);
		states += g_hash_table_size(seen);
		edges += self.edges;
		violations += self.violations;
		if (self.violation != NULL)
			printf("# %s style: %s, and %u in all\n",
			       i % 2 == UC_STYLE_IDLE ? "idle" : "prompt",
			       self.violation,
			       self.violations);
	}
	printf("1..1\n# %" G_GUINT64_FORMAT " states, %" G_GUINT64_FORMAT
	       " events, the graph is closed\n",
	       states,
	       edges);
	printf("%s 1 invariants\n", violations == 0 ? "ok" : "not ok");
	return violations > 0;
}
