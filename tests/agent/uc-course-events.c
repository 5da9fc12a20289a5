/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-course-graph.h"

/* 2026-03-01T00:00:00Z; the window is 20:00 to 06:00. What is seen first at 12:00 has its deadline
 * at the end of the first whole window, 30 hours on, and its hard one at 84. No moment is closer to
 * an end of the window than the minutes that a prompt lasts: the minutes go on while it stands, and
 * the tables (tests/policy) have the boundary seconds. */
#define BEGIN G_GINT64_CONSTANT(1772323200)
#define HOURS 3600

static const gint64 moments[] = {12 * HOURS,
				 20 * HOURS + 600,
				 20 * HOURS + 1800, /* a NO of the moment before is over */
				 29 * HOURS + 1800,
				 30 * HOURS + 600,
				 44 * HOURS + 600,
				 54 * HOURS + 600,
				 84 * HOURS + 600,
				 1000 * HOURS};

G_STATIC_ASSERT(G_N_ELEMENTS(moments) == UC_COURSE_NO_MOMENT + 1);

#define SETS 4 /* of two releases */

typedef enum {
	EVENT_TICK,
	EVENT_CALL,
	EVENT_CALL_ENDS,
	EVENT_SILENT,
	EVENT_ANSWERS,
	EVENT_ACTIVITY,
	EVENT_MINUTES,
	EVENT_TIME,
	EVENT_YES,
	EVENT_NO,
	EVENT_INPUT,
	EVENT_NOW,
	EVENT_NOW_ONE,
	EVENT_FORCE,
	EVENT_KILL,
	EVENT_RESTART,
	EVENT_FALLBACK,
	EVENT_BRING_ONE,
	EVENT_BRING_TWO,
	EVENT_SWITCH,
	EVENT_FORGET,
	EVENT_ASK,
	EVENT_SILENCE,
	EVENT_LOOK,				 /* what the service has now: a set */
	EVENT_LOOK_KILLED = EVENT_LOOK + SETS,	 /* the same, and killed before it is on record */
	EVENT_DECIDE = EVENT_LOOK_KILLED + SETS, /* and what becomes of it: UcRigOutcome */
	EVENT_DECIDE_AMISS = EVENT_DECIDE + UC_RIG_OUTCOME_LAST, /* UcCourseEnv but the first */
	EVENT_LAST = EVENT_DECIDE_AMISS + UC_COURSE_ENV_LAST - 1
} Event;

static const gchar *const names[] = {"nothing",
				     "a call begins",
				     "the call ends",
				     "the source falls silent",
				     "the source answers",
				     "activity",
				     "two minutes",
				     "the next moment",
				     "YES",
				     "NO",
				     "input that is no answer",
				     "a human says now",
				     "a human wants 1.1.0",
				     "a human says now, with force",
				     "kill",
				     "restart",
				     "restart, and it falls back",
				     "fwupdmgr installs 1.1.0",
				     "fwupdmgr installs 1.2.0",
				     "fwupdmgr activates",
				     "the service is forgotten",
				     "somebody asks for a look",
				     "a look, and the service does not answer",
				     "a look, and all is withdrawn",
				     "a look, and 1.1.0 is approved, and nothing else",
				     "a look, and 1.2.0 is approved, and nothing else",
				     "a look, and both are approved",
				     "all is withdrawn, and killed after fwupd heard of it",
				     "1.1.0 is approved, and killed after fwupd heard of it",
				     "1.2.0 is approved, and killed after fwupd heard of it",
				     "both are approved, and killed after fwupd heard of it",
				     "the agent acts",
				     "the agent acts, which fails",
				     "the agent acts, which can never work",
				     "the agent acts, and a call begins before",
				     "the agent acts, killed before the effect",
				     "the agent acts, killed after the effect",
				     "the agent acts without power",
				     "the agent acts without space",
				     "the agent acts with a wrong clock",
				     "the agent acts with an expired policy",
				     "the agent acts, 1.1.0 blocked",
				     "the agent acts, 1.1.0 halted",
				     "the agent acts beside another update",
				     "shutdown"};
G_STATIC_ASSERT(G_N_ELEMENTS(names) == EVENT_LAST);

guint
uc_course_events_count(void)
{
	return EVENT_LAST;
}

const gchar *
uc_course_events_get_name(guint event)
{
	return names[event];
}

gint64
uc_course_events_get_moment(guint moment)
{
	return BEGIN + moments[moment];
}

/**
 * uc_course_events_get_next:
 *
 * Returns: the next moment of that world; %UC_COURSE_NO_MOMENT after the last
 */
guint
uc_course_events_get_next(const UcCourseWorld *world, guint moment)
{
	while (++moment < G_N_ELEMENTS(moments)) {
		if ((world->moments & (1u << moment)) != 0)
			return moment;
	}
	return UC_COURSE_NO_MOMENT;
}

static gboolean
happen_in_room(UcCourseStep *step, UcCourseRoomEvent event)
{
	guint before = step->state.room;

	step->state.room = step->room->next[before][event];
	/* uc_agent_room_changed_cb() */
	if (step->state.room != before && step->room->facts[step->state.room].use != UC_USE_NONE) {
		uc_course_call(&step->rig.course);
		step->state.answered = FALSE;
	}
	return step->state.room != before;
}

static void
pass(UcCourseStep *step, gint64 secs)
{
	UcRoomPrompt *prompt = &step->rig.prompt;
	gint64 oldest = step->rig.boot_secs - 240; /* no rule looks further back */

	if (!prompt->shown)
		return;
	prompt->shown_secs = MAX(prompt->shown_secs - secs, oldest);
	if (prompt->input_secs >= 0)
		prompt->input_secs = MAX(prompt->input_secs - secs, oldest);
}

static gboolean
pass_minutes(UcCourseStep *step)
{
	gboolean changed = happen_in_room(step, UC_COURSE_ROOM_STEP);

	pass(step, UC_COURSE_ROOM_STEP_SECS);
	return changed || step->rig.prompt.shown;
}

static gboolean
pass_time(UcCourseStep *step)
{
	guint next = uc_course_events_get_next(step->world, step->state.moment);

	if (next == UC_COURSE_NO_MOMENT)
		return FALSE;
	step->state.moment = (guint8)next;
	step->state.checked = MIN(step->state.checked, 1);
	step->state.outage = FALSE;
	uc_course_canon_load_clocks(step);
	(void)happen_in_room(step, UC_COURSE_ROOM_HOUR);
	pass(step, HOURS);
	return TRUE;
}

static gboolean
answer(UcCourseStep *step, gboolean accept)
{
	if (!uc_rig_answer(&step->rig, accept))
		return FALSE;
	step->state.answered = accept;
	if (!accept)
		step->state.no = step->state.moment + 1;
	return TRUE;
}

static gboolean
input(UcCourseStep *step)
{
	if (!step->rig.prompt.shown)
		return FALSE;
	uc_room_prompt_input(&step->rig.prompt, step->rig.boot_secs);
	(void)happen_in_room(step, UC_COURSE_ROOM_ACTIVITY);
	return TRUE;
}

static gboolean
want(UcCourseStep *step, const gchar *version, gboolean force)
{
	if (step->rig.course.human_now || (version != NULL && (step->rig.known & UC_RIG_ONE) == 0))
		return FALSE;
	uc_course_want(&step->rig.course, version, force);
	return TRUE;
}

static gboolean
start(UcCourseStep *step, gboolean restarted)
{
	step->state.room = step->room->begin;
	step->state.answered = FALSE;
	step->state.checked = 0;
	step->state.outage = FALSE;
	if (!restarted)
		uc_rig_kill(&step->rig, FALSE);
	return TRUE;
}

/* fwupd does not say what somebody else brought */
static gboolean
is_known(const UcCourseStep *step)
{
	const UcCourse *course = &step->rig.course;

	return !step->world->others ||
	       ((course->stage == UC_COURSE_STAGED || course->stage == UC_COURSE_ACTIVATED) &&
		step->rig.device.slot == uc_rig_find_release(course->image.version));
}

static gboolean
restart(UcCourseStep *step, gboolean fallback)
{
	if (fallback && !step->rig.device.activated)
		return FALSE;
	if (fallback && is_known(step))
		step->state.fell |= (guint8)uc_rig_get_bit(step->rig.device.slot);
	uc_rig_restart(&step->rig, fallback);
	return start(step, TRUE);
}

/* the agent looks, whenever it may, and hears of something new */
static gboolean
look(UcCourseStep *step, guint set, gboolean killed)
{
	if (set > UC_RIG_ONE && !step->world->two_releases)
		return FALSE;
	step->rig.published = (guint16)set;
	step->rig.serial = step->rig.known_serial + 1;
	(void)uc_rig_end(&step->rig,
			 UC_ACTION_CHECK,
			 UC_USE_NONE,
			 killed ? UC_RIG_KILL_AFTER : UC_RIG_WORKS);
	step->state.checked = 2;
	step->state.outage = FALSE;
	if (killed)
		(void)start(step, TRUE);
	return TRUE;
}

/* nothing new; uc_agent_clear_retries() for somebody who does not want to wait */
static gboolean
ask(UcCourseStep *step, gboolean answers)
{
	if (answers)
		step->rig.course.retry_secs = 0;
	(void)uc_rig_end(&step->rig,
			 UC_ACTION_CHECK,
			 UC_USE_NONE,
			 answers ? UC_RIG_WORKS : UC_RIG_FAILS);
	if (answers)
		step->state.checked = 2;
	step->state.outage = !answers;
	return TRUE;
}

static void
fill_facts(const UcCourseStep *step, UcCourseEnv env, UcFacts *facts)
{
	uc_course_room_fill_facts(step->room, step->state.room, facts);
	facts->duration_secs = 300;
	facts->disk_needed_bytes = 10;
	facts->disk_free_bytes = env == UC_COURSE_ENV_DISK ? 9 : 10;
	facts->mains = env != UC_COURSE_ENV_POWER;
	facts->clock_synchronised = env != UC_COURSE_ENV_CLOCK;
	facts->other_update = env == UC_COURSE_ENV_OTHER;
	facts->shutdown = env == UC_COURSE_ENV_SHUTDOWN;
}

static void
act(UcCourseStep *step, const UcVerdict *verdict, UcRigOutcome outcome)
{
	gboolean forced = step->rig.course.human_now && step->rig.course.human_force;
	guint use = UC_USE_NONE;

	uc_rig_begin(&step->rig, verdict);
	/* somebody wants what fell back once more */
	if (verdict->action == UC_ACTION_STAGE && step->rig.course.human_now)
		step->state.fell &=
		    (guint8)~uc_rig_get_bit(uc_rig_find_release(step->rig.course.image.version));
	if (outcome == UC_RIG_CALL)
		(void)happen_in_room(step, UC_COURSE_ROOM_CALL);
	use = step->room->facts[step->state.room].use;
	if (uc_rig_end(&step->rig, verdict->action, use, outcome))
		uc_course_check_effect(step, verdict->action, use, forced);
	if (outcome == UC_RIG_KILL_BEFORE || outcome == UC_RIG_KILL_AFTER)
		(void)start(step, TRUE);
	if (verdict->action == UC_ACTION_CHECK && step->rig.last_check_secs == step->rig.now_secs)
		step->state.checked = 2;
	step->state.outage = step->rig.check_retry_secs != 0;
}

/* the first half of uc_agent_advance() */
static void
decide(UcCourseStep *step, UcCourseEnv env, UcVerdict *verdict_out)
{
	g_autoptr(UcFacts) facts = uc_facts_new();

	step->rig.policy = step->policies[env];
	while (uc_rig_settle(&step->rig))
		;
	uc_rig_choose(&step->rig);
	fill_facts(step, env, facts);
	uc_rig_judge(&step->rig, facts, verdict_out);
	uc_course_check_verdict(step, env, facts, verdict_out);
	uc_rig_note_idle(&step->rig, facts, verdict_out);
	(void)uc_rig_heed(&step->rig, facts, verdict_out);
	/* nobody said no */
	if (verdict_out->action > UC_ACTION_CHECK && (verdict_out->reason == UC_CONDITION_PROMPT ||
						      verdict_out->reason == UC_CONDITION_HARD))
		step->state.answered = TRUE;
}

/* FALSE where the outcome makes no difference */
static gboolean
advance(UcCourseStep *step, UcCourseEnv env, UcRigOutcome outcome)
{
	UcVerdict verdict = {0};

	decide(step, env, &verdict);
	/* between the decision and logind nothing else has its turn, and a check writes no record
	 */
	if (verdict.action <= UC_ACTION_WAIT ||
	    (outcome == UC_RIG_CALL && verdict.action != UC_ACTION_STAGE &&
	     verdict.action != UC_ACTION_ACTIVATE))
		return FALSE;
	act(step, &verdict, outcome);
	return TRUE;
}

static gboolean
shut_down(UcCourseStep *step)
{
	(void)advance(step, UC_COURSE_ENV_SHUTDOWN, UC_RIG_WORKS);
	return restart(step, FALSE);
}

static gboolean
happen_around(UcCourseStep *step, Event event)
{
	switch (event) {
	case EVENT_TICK:
		return TRUE;
	case EVENT_CALL:
	case EVENT_CALL_ENDS:
	case EVENT_SILENT:
	case EVENT_ANSWERS:
	case EVENT_ACTIVITY:
		return happen_in_room(step, event - EVENT_CALL + UC_COURSE_ROOM_CALL);
	case EVENT_MINUTES:
		return pass_minutes(step);
	case EVENT_TIME:
		return pass_time(step);
	case EVENT_YES:
	case EVENT_NO:
		return answer(step, event == EVENT_YES);
	default:
		return input(step);
	}
}

/* what the agent does not decide; whoever brings something that fell back wants it once more */
static gboolean
happen_elsewhere(UcCourseStep *step, Event event)
{
	guint release = event == EVENT_BRING_ONE ? UC_RIG_ONE : UC_RIG_TWO;

	if (event == EVENT_SWITCH)
		return uc_rig_switch(&step->rig);
	if (event == EVENT_FORGET) {
		uc_rig_forget(&step->rig);
		step->state.checked = step->state.outage = 0;
		return TRUE;
	}
	if (release == UC_RIG_TWO && !step->world->two_releases)
		return FALSE;
	uc_rig_bring(&step->rig, release);
	step->state.fell &= (guint8)~uc_rig_get_bit(release);
	return TRUE;
}

static gboolean
happen(UcCourseStep *step, guint event)
{
	if (event < EVENT_NOW)
		return happen_around(step, event);
	switch (event) {
	case EVENT_NOW:
		return want(step, NULL, FALSE);
	case EVENT_NOW_ONE:
		return want(step, "1.1.0", FALSE);
	case EVENT_FORCE:
		return want(step, NULL, TRUE);
	case EVENT_KILL:
		return start(step, FALSE);
	case EVENT_RESTART:
	case EVENT_FALLBACK:
		return restart(step, event == EVENT_FALLBACK);
	case EVENT_BRING_ONE:
	case EVENT_BRING_TWO:
	case EVENT_SWITCH:
	case EVENT_FORGET:
		return step->world->others && happen_elsewhere(step, event);
	case EVENT_ASK:
	case EVENT_SILENCE:
		return ask(step, event == EVENT_ASK);
	case EVENT_LAST - 1:
		return shut_down(step);
	default:
		break;
	}
	if (event < EVENT_LOOK_KILLED)
		return look(step, event - EVENT_LOOK, FALSE);
	if (event < EVENT_DECIDE)
		return look(step, event - EVENT_LOOK_KILLED, TRUE);
	if (event < EVENT_DECIDE_AMISS)
		return advance(step, UC_COURSE_ENV_NONE, event - EVENT_DECIDE);
	return advance(step, event - EVENT_DECIDE_AMISS + UC_COURSE_ENV_POWER, UC_RIG_WORKS);
}

/**
 * uc_course_events_tick:
 *
 * Nothing happened, and the agent looks again.
 */
void
uc_course_events_tick(UcCourseStep *step)
{
	UcVerdict verdict = {0};

	decide(step, UC_COURSE_ENV_NONE, &verdict);
}

/**
 * uc_course_events_happen:
 *
 * The event, and what the agent says to it at once; what it begins is another event.
 *
 * Returns: whether the event can be in this state, and changes something
 */
gboolean
uc_course_events_happen(UcCourseStep *step, guint event)
{
	if (!happen(step, event))
		return FALSE;
	uc_course_events_tick(step);
	return TRUE;
}
