/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Every sequence of events on the agent's own state machine (UcCourse, UcRoom, UcRoomPrompt) and
 * the real policy function, until no new state comes. Nothing of the agent is a model: the rig
 * calls its transitions in the order in which the agent does. Made up are the endpoint, the
 * service, the people, and the clock, which is abstract: the moments that the rules compare with,
 * and durations as long as any rule looks at.
 *
 * uc-course-explore [NAME…]: every graph has to close without a violation, or those whose names
 * begin with one of the arguments. With UC_EXPLORE_LONG in the environment there are the larger
 * ones, too. Times are of the processor.
 */

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "uc-course-worlds.h"
#include "uc-test-state.h"
#include "uc-update.h"

#define STATES_MAX 20000000 /* 1.5 GB */

static gdouble
get_memory_mib(void)
{
	struct rusage usage = {0};

	(void)getrusage(RUSAGE_SELF, &usage);
	return (gdouble)usage.ru_maxrss / 1024;
}

static gboolean
explore(const UcCourseWorld *world, const UcCourseRoom *room, guint number)
{
	g_autoptr(UcCourseGraph) graph = uc_course_graph_new(world, room);
	clock_t begin = clock();
	const gchar *violation = uc_course_graph_explore(graph, STATES_MAX);

	printf("# %s: %u states, %" G_GUINT64_FORMAT
	       " edges, depth %u, %u canonical forms tried, %.1f s, %.0f MiB\n",
	       world->name,
	       uc_course_graph_count_states(graph),
	       uc_course_graph_count_edges(graph),
	       uc_course_graph_get_depth(graph),
	       uc_course_graph_count_checked(graph),
	       (gdouble)(clock() - begin) / CLOCKS_PER_SEC,
	       get_memory_mib());
	if (violation != NULL)
		printf("# %s, after:\n", violation);
	uc_course_graph_print_trace(graph);
	printf("%s %u %s\n", violation == NULL ? "ok" : "not ok", number, world->name);
	fflush(stdout);
	return violation == NULL;
}

/* a kill in the rig leaves what the agent's real file would */
static gboolean
check_kept(guint number)
{
	g_autofree gchar *dir = uc_test_state_new();
	g_autoptr(UcUpdate) update = uc_update_new("endpoint");
	g_autoptr(UcUpdate) loaded = NULL;
	g_autoptr(GError) error = NULL;
	UcCourse course = {.first_seen_secs = 1000000, .said_no_secs = 2000000};
	UcCourse kept;

	course.last_idle_secs = course.retry_secs = 3000000;
	course.stage = UC_COURSE_WITHDRAWN;
	course.discharged = course.second_step = course.restarted = course.restart_asked = TRUE;
	course.work = course.failures = course.checked = course.accepted = course.withdrawn = 1;
	course.downloaded = course.human_now = course.human_force = course.replacing = TRUE;
	course.rebooted = TRUE;
	uc_course_set_image(&course.image, "1.1.0", "11");
	uc_course_set_image(&course.offer, "1.2.0", "22");
	(void)g_strlcpy(course.metadata, "published", sizeof(course.metadata));
	(void)g_strlcpy(course.fallen[0], "33", sizeof(course.fallen[0]));
	(void)g_strlcpy(course.fallen[1], "44", sizeof(course.fallen[1]));
	(void)g_strlcpy(course.wanted, "1.1.0", sizeof(course.wanted));
	uc_update_begin(update, "1.0.0");
	g_assert_true(uc_update_save(update, &course, 4000000, &error));
	g_assert_no_error(error);
	loaded = uc_update_load("endpoint");
	uc_rig_keep(&course, &kept);
	printf("%s %u what a kill leaves\n",
	       uc_course_equal(&kept, &loaded->course) ? "ok" : "not ok",
	       number);
	return uc_course_equal(&kept, &loaded->course);
}

static gboolean
is_wanted(const UcCourseWorld *world, gchar **names)
{
	for (guint i = 0; names[i] != NULL; i++) {
		if (g_str_has_prefix(world->name, names[i]))
			return TRUE;
	}
	return names[0] == NULL;
}

static GPtrArray *
list_worlds(gchar **names)
{
	GPtrArray *worlds = g_ptr_array_new();
	guint count_long = G_N_ELEMENTS(uc_course_worlds_long);

	if (names[0] == NULL && g_getenv("UC_EXPLORE_LONG") == NULL)
		count_long = 0;
	for (guint i = 0; i < G_N_ELEMENTS(uc_course_worlds); i++) {
		if (is_wanted(&uc_course_worlds[i], names))
			g_ptr_array_add(worlds, (gpointer)&uc_course_worlds[i]);
	}
	for (guint i = 0; i < count_long; i++) {
		if (is_wanted(&uc_course_worlds_long[i], names))
			g_ptr_array_add(worlds, (gpointer)&uc_course_worlds_long[i]);
	}
	return worlds;
}

int
main(int argc, char **argv)
{
	g_autoptr(GPtrArray) worlds = list_worlds(argv + MIN(argc, 1));
	guint failed = 0;
	UcCourseRoom room;

	uc_course_worlds_silence();
	uc_course_room_init(&room);
	printf("1..%u\n", worlds->len + 1);
	failed = !check_kept(1);
	for (guint i = 0; i < worlds->len; i++)
		failed += !explore(g_ptr_array_index(worlds, i), &room, i + 2);
	return failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
