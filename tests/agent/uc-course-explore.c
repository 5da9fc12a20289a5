/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Every sequence of events on the agent's own state machine (UcCourse, UcRoom, UcRoomPrompt) and
 * the real policy function, until no new state comes. Nothing of the agent is a model: the rig
 * calls its transitions in the order in which the agent does. Made up are the endpoint, the
 * service, the people, and the clock, which is abstract: the moments that the rules compare with,
 * and durations as long as any rule looks at.
 *
 * uc-course-explore: every graph has to close without a violation. With UC_EXPLORE_LONG in the
 * environment there are the larger ones, too.
 */

#include <stdio.h>
#include <stdlib.h>

#include "uc-course-worlds.h"
#include "uc-test-state.h"
#include "uc-update.h"

#define STATES_MAX 20000000

static gboolean
explore(const UcCourseWorld *world, const UcCourseRoom *room, guint number)
{
	g_autoptr(UcCourseGraph) graph = uc_course_graph_new(world, room);
	gint64 begin_usec = g_get_monotonic_time();
	const gchar *violation = uc_course_graph_explore(graph, STATES_MAX);

	printf("# %s: %u states, %" G_GUINT64_FORMAT " edges, depth %u, %.1f s\n",
	       world->name,
	       uc_course_graph_count_states(graph),
	       uc_course_graph_count_edges(graph),
	       uc_course_graph_get_depth(graph),
	       (gdouble)(g_get_monotonic_time() - begin_usec) / G_USEC_PER_SEC);
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

static guint
explore_all(const UcCourseWorld *worlds, guint count, guint number)
{
	guint failed = 0;
	UcCourseRoom room;

	uc_course_room_init(&room);
	for (guint i = 0; i < count; i++)
		failed += !explore(&worlds[i], &room, number + i);
	return failed;
}

int
main(void)
{
	guint count = G_N_ELEMENTS(uc_course_worlds);
	guint count_long = g_getenv("UC_EXPLORE_LONG") != NULL ? G_N_ELEMENTS(uc_course_worlds_long)
							       : 0;
	guint failed = 0;

	uc_course_worlds_silence();
	printf("1..%u\n", count + count_long + 1);
	failed = !check_kept(1);
	failed += explore_all(uc_course_worlds, count, 2);
	failed += explore_all(uc_course_worlds_long, count_long, count + 2);
	return failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
