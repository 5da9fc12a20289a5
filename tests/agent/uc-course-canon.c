/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The canonical form of a state: of all states that no rule can tell apart, now or after whatever
 * happens, one stands for the others. That is what makes the graphs small enough to be closed.
 * Each step below says why it takes nothing away. That they do not is not only an argument:
 * uc_course_canon_check() plays every event from a state and from its canonical form, which must
 * come to the same state in the same way, and the exhaustive check does that for a share of all
 * states. So a rule that looks at more one day than it does today is noticed.
 *
 * What the service publishes is in no state. It may change at any time, and nobody looks at it but
 * the agent, when it asks: so each look has every publication as an outcome
 * (uc-course-events.c).
 */

#include <string.h>

#include "uc-course-graph.h"

#define ROOM_FREE_SHIFT 4
#define ROOM_FREE_LONG	3

/* of two publications only whether they are the same counts, and no serial comes back: the known
 * one is 1, all before it are 0 */
static void
apply_metadata(UcCourse *course, const gchar *known)
{
	gboolean same = g_str_equal(known, course->metadata);

	if (course->metadata[0] == '\0')
		return;
	memset(course->metadata, '0', 5);
	course->metadata[4] = same ? '1' : '0';
}

/* which fell back counts, and not in which order, as long as there is room for all */
static void
apply_fallen(UcCourse *course)
{
	gchar other[UC_COURSE_TEXT_BYTES];

	G_STATIC_ASSERT(UC_COURSE_FALLEN >= 2);
	if (course->fallen[1][0] == '\0' || strcmp(course->fallen[0], course->fallen[1]) < 0)
		return;
	memcpy(other, course->fallen[0], sizeof(other));
	memcpy(course->fallen[0], course->fallen[1], sizeof(other));
	memcpy(course->fallen[1], other, sizeof(other));
}

static void
apply_course(const UcCourseStep *step, UcCourse *course)
{
	/* whether there were any counts; how many is for the length of the wait only */
	course->failures = MIN(course->failures, 1);
	if (course->retry_secs <= step->rig.now_secs)
		course->retry_secs = 0;
	/* for a report only */
	course->last_idle_secs = 0;
	/* only a deadline is counted from the first sight */
	if (!step->world->deadline && course->first_seen_secs != 0)
		course->first_seen_secs = uc_course_events_get_moment(0);
	/* only by day somebody is asked after a restart, and only in prompt style */
	if (step->world->style == UC_STYLE_IDLE ||
	    step->world->restart_prompt == UC_RESTART_PROMPT_OFF)
		course->restarted = FALSE;
	/* what the last attempt led to is read again only after the next one wrote it */
	if (course->stage == UC_COURSE_NONE)
		uc_course_set_image(&course->image, NULL, NULL);
	apply_fallen(course);
}

/* a NO counts for 20 minutes, and until the next window */
static void
apply_no(UcCourseStep *step)
{
	UcRig *rig = &step->rig;
	gint64 until_secs = rig->course.said_no_secs + 1200;
	UcSpan span = {0};

	if (step->state.no == 0)
		return;
	if (uc_policy_find_span(step->policies[0], TRUE, until_secs, rig->zone, &span))
		until_secs = MAX(until_secs, span.start_secs);
	if (until_secs > rig->now_secs)
		return;
	step->state.no = 0;
	rig->course.said_no_secs = 0;
	rig->saved.said_no_secs = 0;
}

static void
apply_prompt(const UcCourseStep *step, UcRoomPrompt *prompt)
{
	/* both for the display only */
	prompt->until_secs = 0;
	prompt->notice = FALSE;
	/* the countdown is from the last input, or else from the beginning; past the hard deadline
	 * input puts nothing off, so that both count */
	if (step->world->deadline || prompt->input_secs < 0)
		return;
	prompt->shown_secs = MAX(prompt->shown_secs, prompt->input_secs);
	prompt->input_secs = -1;
}

static void
apply_room(UcCourseStep *step)
{
	const UcCourseWorld *world = step->world;

	/* no rule of idle style looks at the end of a call, but for the first update, and only past
	 * a deadline one of prompt style looks at idleness */
	if (world->style == UC_STYLE_IDLE && !world->factory && !world->two_steps)
		step->state.room &= UC_COURSE_ROOM_NO_FREE;
	/* never in a call is as good as not for a long time */
	else if (step->state.room >> ROOM_FREE_SHIFT == 0)
		step->state.room |= ROOM_FREE_LONG << ROOM_FREE_SHIFT;
	if (world->style == UC_STYLE_PROMPT && !world->deadline)
		step->state.room &= UC_COURSE_ROOM_NO_IDLE;
}

/**
 * uc_course_canon_apply:
 *
 * Makes the step's state the canonical one, and takes over into it what is a small number in the
 * rig. The numbers of course, saved and prompt are the caller's.
 */
void
uc_course_canon_apply(UcCourseStep *step)
{
	UcRig *rig = &step->rig;
	UcCourseState *state = &step->state;
	gchar known[8];

	(void)uc_rig_get_metadata(rig, known);
	apply_metadata(&rig->course, known);
	apply_metadata(&rig->saved, known);
	rig->known_serial = 1;
	apply_course(step, &rig->course);
	apply_course(step, &rig->saved);
	apply_no(step);
	apply_prompt(step, &rig->prompt);
	apply_room(step);
	state->device = rig->device;
	/* of no attempt, or one that is over, nobody asks */
	if (rig->course.stage == UC_COURSE_NONE || rig->course.stage == UC_COURSE_FAILED)
		rig->old = 0;
	state->old = rig->old;
	state->known = (guint8)rig->known;
	state->downloads = (guint8)rig->downloads;
}

/**
 * uc_course_canon_load_clocks:
 *
 * What time it is, and how long ago things were.
 */
void
uc_course_canon_load_clocks(UcCourseStep *step)
{
	const UcCourseState *state = &step->state;
	UcRig *rig = &step->rig;

	rig->now_secs = uc_course_events_get_moment(state->moment);
	rig->retry_secs =
	    uc_course_events_get_moment(uc_course_events_get_next(step->world, state->moment));
	rig->last_check_secs = rig->now_secs - 7200;
	if (state->checked != 1)
		rig->last_check_secs = state->checked == 0 ? 0 : rig->now_secs;
	rig->check_retry_secs = state->outage ? rig->retry_secs : 0;
}

/**
 * uc_course_canon_load:
 *
 * The opposite of uc_course_canon_apply(), but for what is the caller's.
 */
void
uc_course_canon_load(UcCourseStep *step)
{
	const UcCourseState *state = &step->state;
	UcRig *rig = &step->rig;

	rig->device = state->device;
	rig->old = state->old;
	rig->known = rig->published = state->known;
	rig->known_serial = rig->serial = 1;
	rig->downloads = state->downloads;
	uc_course_canon_load_clocks(step);
}

/* what is no event in one of the two leaves the other as it is */
static void
play(const UcCourseStep *from, guint event, UcCourseStep *step)
{
	*step = *from;
	if (!uc_course_events_happen(step, event) && step->violation == NULL) {
		*step = *from;
		uc_course_events_tick(step);
	}
	uc_course_check_state(step);
	uc_course_canon_apply(step);
}

static gboolean
equal(const UcCourseStep *one, const UcCourseStep *two)
{
	return one->violation == two->violation &&
	       memcmp(&one->state, &two->state, sizeof(one->state)) == 0 &&
	       uc_course_equal(&one->rig.course, &two->rig.course) &&
	       uc_course_equal(&one->rig.saved, &two->rig.saved) &&
	       uc_room_prompt_equal(&one->rig.prompt, &two->rig.prompt);
}

/**
 * uc_course_canon_check:
 * @raw: as an event has left it
 *
 * Returns: the first event that tells the state from its canonical form; uc_course_events_count()
 * for none
 */
guint
uc_course_canon_check(const UcCourseStep *raw)
{
	UcCourseStep canonical = *raw;
	guint event = 0;

	uc_course_canon_apply(&canonical);
	for (; event < uc_course_events_count(); event++) {
		UcCourseStep one;
		UcCourseStep two;

		play(raw, event, &one);
		play(&canonical, event, &two);
		if (!equal(&one, &two))
			break;
	}
	return event;
}
