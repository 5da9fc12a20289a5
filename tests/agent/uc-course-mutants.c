/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The exhaustive check with one part taken out at a time: each of the policy's safety stops, what
 * else holds an act back, and the parts of the agent that make up for the moment between a decision
 * and its effect, or for what did not come to its end. Each time
 * an invariant must notice. The linker puts the functions below in the place of the real ones
 * (--wrap), so that what is checked is the product's own code, without a switch in it.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "uc-course-worlds.h"
#include "uc-judge.h"

#define STATES_MAX 100000

/* numbers of UcConditionId first */
typedef enum {
	MUTANT_CALL = UC_CONDITION_LAST, /* a call leaves an answer as it is */
	MUTANT_REPLACED,		 /* a failed write is taken for what it was to be */
	MUTANT_FALLEN,			 /* what fell back is forgotten */
	MUTANT_STEP			 /* what did not come to its end was a first step */
} Mutant;

static const struct {
	guint mutant;
	const gchar *name;
	gboolean two; /* of two releases: with one nothing takes the place of another */
} mutants[] = {{UC_CONDITION_USE, "use", FALSE},
	       {UC_CONDITION_POWER, "power", FALSE},
	       {UC_CONDITION_DISK, "disk", FALSE},
	       {UC_CONDITION_CLOCK, "clock", FALSE},
	       {UC_CONDITION_POLICY, "policy", FALSE},
	       {UC_CONDITION_WITHDRAWN, "withdrawn", FALSE},
	       {UC_CONDITION_BLOCKED, "blocked", FALSE},
	       {UC_CONDITION_HALTED, "halted", FALSE},
	       {UC_CONDITION_OTHER, "other", FALSE},
	       {UC_CONDITION_FAILED, "failed", FALSE},
	       {UC_CONDITION_FRESH, "fresh", FALSE},
	       {UC_CONDITION_WINDOW, "window", FALSE},
	       {UC_CONDITION_SNOOZE, "snooze", FALSE},
	       {MUTANT_CALL, "that a call takes the answer away", FALSE},
	       {MUTANT_REPLACED, "that what the slot holds is known", TRUE},
	       {MUTANT_FALLEN, "that what fell back is remembered", TRUE},
	       {MUTANT_STEP, "that a first step has come to its end", FALSE}};

G_STATIC_ASSERT(UC_CONDITION_SAFETY_LAST == UC_CONDITION_OTHER);

/* of this program only: a wrapped function has no place for it */
static guint mutant = G_MAXUINT;

void
__real_uc_judge_states(UcJudge *self);
void
__wrap_uc_judge_states(UcJudge *self);
void
__real_uc_course_call(UcCourse *self);
void
__wrap_uc_course_call(UcCourse *self);
UcSettled
__real_uc_course_see(const UcCourse *self, const UcCourseSeen *seen);
UcSettled
__wrap_uc_course_see(const UcCourse *self, const UcCourseSeen *seen);
void
__real_uc_course_settle(UcCourse *self, UcSettled settled, gint64 retry_secs);
void
__wrap_uc_course_settle(UcCourse *self, UcSettled settled, gint64 retry_secs);

void
__wrap_uc_judge_states(UcJudge *self)
{
	__real_uc_judge_states(self);
	if (mutant < UC_CONDITION_LAST)
		self->verdict->states[mutant] = UC_CONDITION_MET;
}

void
__wrap_uc_course_call(UcCourse *self)
{
	if (mutant != MUTANT_CALL)
		__real_uc_course_call(self);
}

UcSettled
__wrap_uc_course_see(const UcCourse *self, const UcCourseSeen *seen)
{
	UcCourse course = *self;

	if (mutant == MUTANT_REPLACED)
		course.replacing = FALSE;
	return __real_uc_course_see(&course, seen);
}

void
__wrap_uc_course_settle(UcCourse *self, UcSettled settled, gint64 retry_secs)
{
	const UcCourse before = *self;

	__real_uc_course_settle(self, settled, retry_secs);
	if (mutant == MUTANT_FALLEN)
		memset(self->fallen, 0, sizeof(self->fallen));
	if (mutant == MUTANT_STEP)
		memcpy(self->metadata, before.metadata, sizeof(self->metadata));
}

static gboolean
is_noticed_in(const UcCourseWorld *world, const UcCourseRoom *room, const gchar *name)
{
	g_autoptr(UcCourseGraph) graph = uc_course_graph_new(world, room);
	const gchar *violation = uc_course_graph_explore(graph, STATES_MAX);

	if (violation == NULL || g_str_equal(violation, UC_COURSE_NOT_CLOSED))
		return FALSE;
	printf("# without %s: %s (%s, %u states)\n",
	       name,
	       violation,
	       world->name,
	       uc_course_graph_count_states(graph));
	uc_course_graph_print_trace(graph);
	return TRUE;
}

static gboolean
is_noticed(const UcCourseRoom *room, guint number)
{
	const gchar *name = mutants[number].name;

	if (mutants[number].two)
		return is_noticed_in(&uc_course_worlds_long[0], room, name);
	for (guint i = 0; i < G_N_ELEMENTS(uc_course_worlds); i++) {
		if (is_noticed_in(&uc_course_worlds[i], room, name))
			return TRUE;
	}
	return FALSE;
}

int
main(void)
{
	guint missed = 0;
	UcCourseRoom room;

	uc_course_worlds_silence();
	uc_course_room_init(&room);
	printf("1..%u\n", (guint)G_N_ELEMENTS(mutants));
	for (guint i = 0; i < G_N_ELEMENTS(mutants); i++) {
		gboolean noticed = FALSE;

		mutant = mutants[i].mutant;
		noticed = is_noticed(&room, i);
		missed += !noticed;
		printf("%s %u without %s\n", noticed ? "ok" : "not ok", i + 1, mutants[i].name);
		fflush(stdout);
	}
	return missed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
