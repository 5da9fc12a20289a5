/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * uc-life-simulate [SEED [COUNT [trace]]]: a year each of COUNT endpoints on the agent's own state
 * machine (UcCourse, UcRoom, UcRoomPrompt) and the real policy function, with random calls,
 * activity, answers, restarts, suspends, clock changes, outages, rollouts, approvals, withdrawals,
 * halts, kills and humans. Every endpoint has a seed of its own; a failing one is printed, and
 * `uc-life-simulate SEED 1 trace` plays it again with every decision. Two threads; prints the rate.
 */

#include <stdio.h>
#include <stdlib.h>

#include "uc-life.h"

#define DAYS 365

typedef struct {
	guint64 seed;
	guint count;
	gboolean traced;
	guint64 decisions;
	guint64 updates;
	guint failures;
} Work;

static gpointer
work(gpointer user_data)
{
	Work *self = user_data;

	for (guint i = 0; i < self->count; i++) {
		g_autoptr(UcLife) life = uc_life_new(self->seed + i);

		life->traced = self->traced;
		uc_life_run(life, DAYS);
		self->decisions += life->decisions;
		self->updates += life->updates;
		if (life->failure == NULL)
			continue;
		self->failures++;
		printf("# seed %" G_GUINT64_FORMAT ", day %" G_GINT64_FORMAT ": %s\n",
		       self->seed + i,
		       (life->rig.boot_secs - UC_LIFE_BOOT_SECS) / 86400,
		       life->failure);
	}
	return NULL;
}

/* the room says what its sources do */
static void
log_cb(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer user_data)
{
}

static guint64
parse(const gchar *text, guint64 most)
{
	guint64 number = 0;
	g_autoptr(GError) error = NULL;

	if (g_ascii_string_to_unsigned(text, 10, 0, most, &number, &error))
		return number;
	fprintf(stderr, "uc-life-simulate: %s\n", error->message);
	exit(2);
}

int
main(int argc, char **argv)
{
	guint64 seed = argc > 1 ? parse(argv[1], G_MAXUINT32) : 1;
	guint count = argc > 2 ? (guint)parse(argv[2], 10000000) : 60;
	Work one = {.seed = seed, .count = (count + 1) / 2, .traced = argc > 3};
	Work two = {.seed = seed + one.count, .count = count - one.count};
	gint64 begin_usec = g_get_monotonic_time();
	GThread *thread = NULL;
	gdouble secs = 0;

	(void)g_log_set_handler(NULL, G_LOG_LEVEL_MESSAGE, log_cb, NULL);
	thread = g_thread_new("simulate", work, &two);
	work(&one);
	g_thread_join(thread);
	secs = (gdouble)(g_get_monotonic_time() - begin_usec) / G_USEC_PER_SEC;
	printf("1..1\n# %u endpoint-days, %" G_GUINT64_FORMAT " decisions, %" G_GUINT64_FORMAT
	       " updates in %.1f s: %.0f endpoint-days a minute\n",
	       count * DAYS,
	       one.decisions + two.decisions,
	       one.updates + two.updates,
	       secs,
	       count * DAYS / secs * 60);
	printf("%s 1 invariants\n", one.failures + two.failures == 0 ? "ok" : "not ok");
	return one.failures + two.failures > 0;
}
