/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The exhaustive check with one part taken out at a time: each of the policy's safety stops, and
 * the parts of the agent that make up for the moment between a decision and its effect. Each time
 * an invariant must notice. The linker puts the functions below in the place of the real ones
 * (--wrap), so that what is checked is the product's own code, without a switch in it.
 */

#include <stdio.h>
#include <stdlib.h>

#include "uc-course-worlds.h"
#include "uc-judge.h"

#define STATES_MAX 100000

typedef enum {
	MUTANT_CALL = UC_CONDITION_SAFETY_LAST + 1, /* a call leaves an answer as it is */
	MUTANT_SUPERSEDED, /* a failed write is taken for what it was to be */
	MUTANT_LAST
} Mutant;

static const gchar *const names[] = {"use",
				     "power",
				     "disk",
				     "clock",
				     "policy",
				     "withdrawn",
				     "blocked",
				     "halted",
				     "other",
				     "a call takes the answer away",
				     "what the slot holds is known"};
G_STATIC_ASSERT(G_N_ELEMENTS(names) == MUTANT_LAST);

/* of this program only: a wrapped function has no place for it */
static guint mutant = MUTANT_LAST;

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
__wrap_uc_judge_states(UcJudge *self)
{
	__real_uc_judge_states(self);
	if (mutant <= UC_CONDITION_SAFETY_LAST)
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

	if (mutant == MUTANT_SUPERSEDED)
		course.replacing = FALSE;
	return __real_uc_course_see(&course, seen);
}

static gboolean
is_noticed_in(const UcCourseWorld *world, const UcCourseRoom *room)
{
	g_autoptr(UcCourseGraph) graph = uc_course_graph_new(world, room);
	const gchar *violation = uc_course_graph_explore(graph, STATES_MAX);

	if (violation == NULL || g_str_equal(violation, UC_COURSE_NOT_CLOSED))
		return FALSE;
	printf("# without %s: %s (%s, %u states)\n",
	       names[mutant],
	       violation,
	       world->name,
	       uc_course_graph_count_states(graph));
	uc_course_graph_print_trace(graph);
	return TRUE;
}

static gboolean
is_noticed(const UcCourseRoom *room)
{
	/* with one release nothing takes the place of what is staged */
	if (mutant == MUTANT_SUPERSEDED)
		return is_noticed_in(&uc_course_worlds_long[0], room);
	for (guint i = 0; i < G_N_ELEMENTS(uc_course_worlds); i++) {
		if (is_noticed_in(&uc_course_worlds[i], room))
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
	printf("1..%u\n", (guint)MUTANT_LAST);
	for (mutant = 0; mutant < MUTANT_LAST; mutant++) {
		gboolean noticed = is_noticed(&room);

		missed += !noticed;
		printf("%s %u without %s\n", noticed ? "ok" : "not ok", mutant + 1, names[mutant]);
		fflush(stdout);
	}
	return missed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
