/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What must never be, seen from outside: from what happened to the endpoint and to the room, not
 * from what the policy says about it.
 */

#include "uc-course-graph.h"

static void
violate(UcCourseStep *step, gboolean wrong, const gchar *what)
{
	if (wrong && step->violation == NULL)
		step->violation = what;
}

static gboolean
is_visible(UcAction action)
{
	return action == UC_ACTION_ACTIVATE || action == UC_ACTION_RESTART;
}

static gboolean
is_step(UcAction action)
{
	return action >= UC_ACTION_DOWNLOAD && action <= UC_ACTION_RESTART;
}

static gboolean
is_written(UcAction action)
{
	return action >= UC_ACTION_STAGE && action <= UC_ACTION_RESTART;
}

static void
check_use(UcCourseStep *step, const UcFacts *facts, const UcVerdict *verdict)
{
	gboolean forced = facts->human_now && facts->human_force;
	gboolean stopped = facts->use != UC_USE_NONE && !forced;
	gboolean asks =
	    verdict->prompt == UC_PROMPT_ACT_SHOW || verdict->prompt == UC_PROMPT_ACT_KEEP;

	violate(step,
		stopped && is_visible(verdict->action),
		"an activation or a restart once a call is known");
	violate(step, stopped && verdict->action > UC_ACTION_WAIT, "an act in a call");
	violate(step, facts->use != UC_USE_NONE && asks, "a prompt in a call");
	violate(step,
		verdict->prompt == UC_PROMPT_ACT_SHOW && facts->prompt != UC_PROMPT_NONE,
		"a second prompt");
}

static void
check_amiss(UcCourseStep *step, UcCourseEnv env, const UcFacts *facts, const UcVerdict *verdict)
{
	gboolean one = g_strcmp0(facts->version, "1.1.0") == 0;
	UcAction action = verdict->action;

	violate(step, env == UC_COURSE_ENV_POWER && is_written(action), "written without power");
	violate(step,
		env == UC_COURSE_ENV_DISK &&
		    (action == UC_ACTION_DOWNLOAD || action == UC_ACTION_STAGE),
		"written without space");
	violate(step, env == UC_COURSE_ENV_CLOCK && is_step(action), "a step with a wrong clock");
	violate(step,
		env == UC_COURSE_ENV_EXPIRED && is_step(action),
		"a step with an expired policy");
	violate(step,
		env == UC_COURSE_ENV_BLOCKED && one && is_step(action),
		"a step to a blocked version");
	violate(step,
		env == UC_COURSE_ENV_HALTED && one && is_step(action),
		"a step of a halted rollout");
	violate(step,
		env == UC_COURSE_ENV_OTHER && is_written(action),
		"written beside another update");
}

static gboolean
is_inside(const UcCourseStep *step)
{
	gint64 wall = step->rig.now_secs % 86400;

	return wall >= 20 * 3600 || wall < 6 * 3600;
}

/* one full window is over since the first sight; independent of the policy's own arithmetic */
static gboolean
is_late(const UcCourseStep *step, const UcFacts *facts)
{
	return step->world->deadline && facts->first_seen_secs > 0 &&
	       step->rig.now_secs >= facts->first_seen_secs + 10 * 3600;
}

static void
check_automatic(UcCourseStep *step, UcCourseEnv env, const UcFacts *facts, const UcVerdict *verdict)
{
	const UcRig *rig = &step->rig;
	gboolean fresh = rig->last_check_secs == rig->now_secs || rig->check_retry_secs != 0;
	gboolean mandatory = facts->first_update || facts->second_step;
	gboolean activates = verdict->action == UC_ACTION_ACTIVATE;
	gboolean after_no = step->state.no == step->state.moment + 1 && !is_late(step, facts);

	violate(step,
		activates && (step->state.fell & uc_rig_get_bit(rig->device.slot)) != 0,
		"what fell back is activated again");
	violate(step,
		!mandatory && after_no && activates && !step->state.answered,
		"an activation right after a NO");
	if (env == UC_COURSE_ENV_SHUTDOWN)
		return;
	violate(step, activates && !fresh, "an activation on an old word of the organisation");
	violate(step,
		is_visible(verdict->action) && !mandatory && !is_inside(step) &&
		    !is_late(step, facts) && facts->prompt == UC_PROMPT_NONE,
		"an act outside the window that nothing allows");
	violate(step,
		is_visible(verdict->action) && facts->prompt == UC_PROMPT_ACCEPTED && !mandatory &&
		    verdict->reason == UC_CONDITION_PROMPT && !step->state.answered,
		"an answer of before a call counts");
	violate(step,
		verdict->prompt == UC_PROMPT_ACT_SHOW && after_no,
		"people are asked again right after a NO");
	violate(step,
		verdict->prompt == UC_PROMPT_ACT_SHOW && !is_inside(step) &&
		    !is_late(step, facts) && !facts->restarted,
		"a prompt out of its hours");
}

/* somebody else may have filled the slot anew, and fwupd does not say so; without anybody else the
 * record has to be right */
static gboolean
is_recorded(const UcCourseStep *step)
{
	const UcRig *rig = &step->rig;

	return !step->world->others ||
	       rig->device.slot == uc_rig_find_release(rig->course.image.version);
}

/* what the agent knows to be withdrawn; what a human brought was never on offer */
static gboolean
is_withdrawn(const UcCourseStep *step)
{
	const UcRig *rig = &step->rig;

	return rig->last_check_secs != 0 && rig->course.image.sha256[0] != '\0' &&
	       is_recorded(step) && (rig->known & uc_rig_get_bit(rig->device.slot)) == 0;
}

/* that the agent asks for a restart for which nothing waits would be every night */
static void
check_restart(UcCourseStep *step, const UcVerdict *verdict)
{
	violate(step,
		verdict->action == UC_ACTION_RESTART && !step->rig.device.activated,
		"a restart that changes nothing");
	violate(step,
		verdict->action == UC_ACTION_ACTIVATE &&
		    step->rig.course.stage == UC_COURSE_FORGOTTEN,
		"what a forgotten service brought is activated");
}

/* what the policy would choose; what is older than what runs a human may have brought */
static gboolean
is_approved(const UcCourseStep *step)
{
	const UcRig *rig = &step->rig;

	return rig->course.stage == UC_COURSE_STAGED && rig->device.slot > rig->device.running &&
	       is_recorded(step) && (rig->known & uc_rig_get_bit(rig->device.slot)) != 0;
}

/**
 * uc_course_check_verdict:
 *
 * What was decided, before anything comes of it.
 */
void
uc_course_check_verdict(UcCourseStep *step,
			UcCourseEnv env,
			const UcFacts *facts,
			const UcVerdict *verdict)
{
	check_use(step, facts, verdict);
	check_amiss(step, env, facts, verdict);
	check_restart(step, verdict);
	violate(step,
		verdict->action == UC_ACTION_ACTIVATE && is_withdrawn(step),
		"what was withdrawn is activated");
	violate(step,
		verdict->action == UC_ACTION_REVOKE && env == UC_COURSE_ENV_NONE &&
		    is_approved(step),
		"what is approved is thrown away");
	violate(step,
		verdict->next_secs != -1 && verdict->next_secs <= step->rig.now_secs,
		"the next moment is over");
	if (!facts->human_now)
		check_automatic(step, env, facts, verdict);
}

/**
 * uc_course_check_effect:
 * @use: of the room at that moment
 *
 * What has happened to the endpoint.
 */
void
uc_course_check_effect(UcCourseStep *step, UcAction action, guint use, gboolean forced)
{
	violate(step,
		use != UC_USE_NONE && !forced && is_written(action),
		"a call began in between, and it happened all the same");
}

/**
 * uc_course_check_state:
 *
 * What holds at any time.
 */
void
uc_course_check_state(UcCourseStep *step)
{
	const UcCourse *course = &step->rig.course;
	const UcCourse *saved = &step->rig.saved;
	gint64 no_secs = step->state.no > 0 ? uc_course_events_get_moment(step->state.no - 1u) : 0;

	violate(step, course->said_no_secs != no_secs, "a NO is forgotten");
	violate(step, saved->said_no_secs != no_secs, "a NO is not on disk");
	violate(step,
		course->second_step && !step->world->two_steps,
		"a second step where there are not two");
	violate(step,
		course->accepted && step->room->facts[step->state.room].use != UC_USE_NONE &&
		    !step->state.answered,
		"a call took no answer away");
}
