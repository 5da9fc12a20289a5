/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The simulation with one part of the product changed at a time, as uc-course-mutants.c does it:
 * before many years are over, an invariant must notice.
 */

#include <stdio.h>
#include <stdlib.h>

#include "uc-judge.h"
#include "uc-life.h"

#define DAYS  365
#define YEARS 200

typedef enum {
	MUTANT_NEVER_IDLE = UC_CONDITION_LAST,
	MUTANT_LATE,
	MUTANT_BUSY,
	MUTANT_NO,
	MUTANT_DEADLINE
} Mutant;

/* the first ones stand for a condition that always counts as met */
static const struct {
	guint mutant;
	const gchar *name;
} mutants[] = {{UC_CONDITION_USE, "a call stops nothing"},
	       {UC_CONDITION_POWER, "no power stops nothing"},
	       {UC_CONDITION_WITHDRAWN, "a withdrawal stops nothing"},
	       {UC_CONDITION_BLOCKED, "a blocked version stops nothing"},
	       {UC_CONDITION_HALTED, "a halted rollout stops nothing"},
	       {UC_CONDITION_FAILED, "what fell back is tried again"},
	       {UC_CONDITION_DATE, "a blocked date stops nothing"},
	       {UC_CONDITION_WINDOW, "the window does not count"},
	       {UC_CONDITION_IDLE, "somebody in the room stops nothing"},
	       {UC_CONDITION_SNOOZE, "a NO stops nothing"},
	       {MUTANT_NEVER_IDLE, "the room never counts as idle"},
	       {MUTANT_LATE, "the next moment is ten minutes late"},
	       {MUTANT_BUSY, "the next moment is the next second"},
	       {MUTANT_NO, "a NO is not written down"},
	       {MUTANT_DEADLINE, "a newer release begins the deadline anew"}};

/* of this program only: a wrapped function has no place for it */
static guint mutant = G_MAXUINT;

void
__real_uc_judge_states(UcJudge *self);
void
__wrap_uc_judge_states(UcJudge *self);
void
__real_uc_judge_propose(UcJudge *self, gint64 secs);
void
__wrap_uc_judge_propose(UcJudge *self, gint64 secs);
void
__real_uc_course_answer(UcCourse *self, gboolean accept, gint64 now_secs);
void
__wrap_uc_course_answer(UcCourse *self, gboolean accept, gint64 now_secs);
gboolean
__real_uc_course_take_offer(UcCourse *self,
			    const UcCourseImage *offer,
			    const gchar *metadata,
			    gint64 now_secs);
gboolean
__wrap_uc_course_take_offer(UcCourse *self,
			    const UcCourseImage *offer,
			    const gchar *metadata,
			    gint64 now_secs);

void
__wrap_uc_judge_states(UcJudge *self)
{
	__real_uc_judge_states(self);
	if (mutant < UC_CONDITION_LAST)
		self->verdict->states[mutant] = UC_CONDITION_MET;
	if (mutant == MUTANT_NEVER_IDLE)
		self->verdict->states[UC_CONDITION_IDLE] = UC_CONDITION_NOT_MET;
}

void
__wrap_uc_judge_propose(UcJudge *self, gint64 secs)
{
	if (mutant == MUTANT_LATE)
		secs += 600;
	__real_uc_judge_propose(self, mutant == MUTANT_BUSY ? self->now_secs + 1 : secs);
}

void
__wrap_uc_course_answer(UcCourse *self, gboolean accept, gint64 now_secs)
{
	__real_uc_course_answer(self, accept, mutant == MUTANT_NO ? 0 : now_secs);
}

gboolean
__wrap_uc_course_take_offer(UcCourse *self,
			    const UcCourseImage *offer,
			    const gchar *metadata,
			    gint64 now_secs)
{
	if (mutant == MUTANT_DEADLINE && offer != NULL &&
	    !g_str_equal(offer->version, self->offer.version))
		self->first_seen_secs = 0;
	return __real_uc_course_take_offer(self, offer, metadata, now_secs);
}

static gboolean
is_noticed(const gchar *name)
{
	for (guint seed = 1; seed <= YEARS; seed++) {
		g_autoptr(UcLife) life = uc_life_new(seed);

		uc_life_run(life, DAYS);
		if (life->failure == NULL)
			continue;
		printf("# %s: seed %u, %s\n", name, seed, life->failure);
		return TRUE;
	}
	return FALSE;
}

static void
log_cb(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer user_data)
{
}

int
main(void)
{
	guint missed = 0;

	(void)g_log_set_handler(NULL, G_LOG_LEVEL_MESSAGE, log_cb, NULL);
	printf("1..%u\n", (guint)G_N_ELEMENTS(mutants));
	for (guint i = 0; i < G_N_ELEMENTS(mutants); i++) {
		gboolean noticed = FALSE;

		mutant = mutants[i].mutant;
		noticed = is_noticed(mutants[i].name);
		missed += !noticed;
		printf("%s %u %s\n", noticed ? "ok" : "not ok", i + 1, mutants[i].name);
		fflush(stdout);
	}
	return missed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
