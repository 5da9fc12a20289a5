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
	MUTANT_REBOOTED,		 /* that a restart was is forgotten */
	MUTANT_STEP			 /* what did not come to its end was a first step */
} Mutant;

#define WINDOW (&uc_course_worlds[0])
#define PROMPT (&uc_course_worlds[1])
#define DAY    (&uc_course_worlds[2])
#define OTHERS (&uc_course_worlds_long[1])
#define TWO    (&uc_course_worlds_long[0]) /* with one release nothing takes the place of another */

static const struct {
	guint mutant;
	const UcCourseWorld *world;
	const gchar *name;
} mutants[] = {{UC_CONDITION_USE, WINDOW, "use"},
	       {UC_CONDITION_POWER, WINDOW, "power"},
	       {UC_CONDITION_DISK, WINDOW, "disk"},
	       {UC_CONDITION_CLOCK, WINDOW, "clock"},
	       {UC_CONDITION_POLICY, WINDOW, "policy"},
	       {UC_CONDITION_WITHDRAWN, WINDOW, "withdrawn"},
	       {UC_CONDITION_BLOCKED, WINDOW, "blocked"},
	       {UC_CONDITION_HALTED, WINDOW, "halted"},
	       {UC_CONDITION_OTHER, WINDOW, "other"},
	       {UC_CONDITION_FAILED, WINDOW, "failed"},
	       {UC_CONDITION_FRESH, DAY, "fresh"},
	       {UC_CONDITION_WINDOW, DAY, "window"},
	       {UC_CONDITION_SNOOZE, PROMPT, "snooze"},
	       {MUTANT_CALL, PROMPT, "that a call takes the answer away"},
	       {MUTANT_REPLACED, TWO, "that what the slot holds is known"},
	       {MUTANT_FALLEN, TWO, "that what fell back is remembered"},
	       {MUTANT_REBOOTED, OTHERS, "that the restart is over"},
	       {MUTANT_STEP, WINDOW, "that a first step has come to its end"}};

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
	if (mutant == MUTANT_REBOOTED)
		course.rebooted = FALSE;
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
is_noticed(guint number, const UcCourseRoom *room)
{
	const UcCourseWorld *world = mutants[number].world;
	g_autoptr(UcCourseGraph) graph = uc_course_graph_new(world, room);
	const gchar *violation = uc_course_graph_explore(graph, STATES_MAX);

	if (violation == NULL || g_str_equal(violation, UC_COURSE_NOT_CLOSED))
		return FALSE;
	printf("# without %s: %s (%s, %u states)\n",
	       mutants[number].name,
	       violation,
	       world->name,
	       uc_course_graph_count_states(graph));
	uc_course_graph_print_trace(graph);
	return TRUE;
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
		noticed = is_noticed(i, &room);
		missed += !noticed;
		printf("%s %u without %s\n", noticed ? "ok" : "not ok", i + 1, mutants[i].name);
		fflush(stdout);
	}
	return missed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
