/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib/gstdio.h>
#include <sys/timex.h>

#include "uc-clock-sync.h"

#define TEST_WAIT_SECS 30

/* what the kernel says; the last argument of --wrap needs a symbol */
typedef struct {
	gboolean refused;
	gboolean synchronised;
} TestKernel;

static TestKernel *
test_kernel(void)
{
	static TestKernel kernel = {0};

	return &kernel;
}

gint
__wrap_adjtimex(struct timex *state);

gint
__wrap_adjtimex(struct timex *state)
{
	if (test_kernel()->refused) {
		errno = EPERM;
		return -1;
	}
	state->status = test_kernel()->synchronised ? STA_PLL : STA_PLL | STA_UNSYNC;
	return 0;
}

typedef struct {
	gchar *base;
	gchar *directory;
	gchar *mark;
	guint told;
} TestRun;

static void
test_set_up(TestRun *run, gconstpointer user_data)
{
	run->base = g_dir_make_tmp("uc-clock-sync-XXXXXX", NULL);
	g_assert_nonnull(run->base);
	run->directory = g_build_filename(run->base, "systemd", "timesync", NULL);
	run->mark = g_build_filename(run->directory, "synchronized", NULL);
	run->told = 0;
	g_setenv("UCUPDATES_RUNDIR", run->base, TRUE);
	g_unsetenv("UCUPDATES_TEST_CLOCK");
	*test_kernel() = (TestKernel){0};
	if (user_data == NULL)
		g_assert_cmpint(g_mkdir_with_parents(run->directory, 0700), ==, 0);
}

static void
test_tear_down(TestRun *run, gconstpointer user_data)
{
	g_autofree gchar *parent = g_path_get_dirname(run->directory);

	(void)g_unlink(run->mark);
	(void)g_rmdir(run->directory);
	(void)g_rmdir(parent);
	g_assert_cmpint(g_rmdir(run->base), ==, 0);
	g_free(run->base);
	g_free(run->directory);
	g_free(run->mark);
}

static void
test_told_cb(gpointer user_data)
{
	((TestRun *)user_data)->told++;
}

static void
test_make_mark(TestRun *run)
{
	g_assert_true(g_file_set_contents(run->mark, "", 0, NULL));
}

static gboolean
test_late_cb(gpointer user_data)
{
	*(gboolean *)user_data = TRUE;
	return G_SOURCE_REMOVE;
}

static void
test_wait_told(TestRun *run)
{
	gboolean late = FALSE;
	guint id = g_timeout_add_seconds(TEST_WAIT_SECS, test_late_cb, &late);

	while (run->told == 0 && !late)
		g_main_context_iteration(NULL, TRUE);
	g_assert_false(late);
	g_source_remove(id);
}

static void
test_event(TestRun *run, gconstpointer user_data)
{
	g_autoptr(UcClockSync) sync = uc_clock_sync_new(test_told_cb, run);

	g_assert_false(uc_clock_sync_is_synchronised());
	test_kernel()->synchronised = TRUE;
	test_make_mark(run);
	test_wait_told(run);
	g_assert_true(uc_clock_sync_is_synchronised());
	/* it was waited for, and nothing is any more */
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_assert_cmpuint(run->told, ==, 1);
}

/* the file is the event, and what the kernel says is the truth */
static void
test_kernel_counts(TestRun *run, gconstpointer user_data)
{
	test_make_mark(run);
	g_assert_false(uc_clock_sync_is_synchronised());
	test_kernel()->synchronised = TRUE;
	g_assert_cmpint(g_unlink(run->mark), ==, 0);
	g_assert_true(uc_clock_sync_is_synchronised());
}

static void
test_refused(TestRun *run, gconstpointer user_data)
{
	test_kernel()->refused = TRUE;
	g_assert_false(uc_clock_sync_is_synchronised());
	test_make_mark(run);
	g_assert_true(uc_clock_sync_is_synchronised());
}

/* another program synchronises the clock: nothing is watched, and nothing wakes the agent up */
static void
test_no_timesyncd(TestRun *run, gconstpointer user_data)
{
	g_autoptr(UcClockSync) sync = uc_clock_sync_new(test_told_cb, run);

	while (g_main_context_iteration(NULL, FALSE))
		;
	g_assert_false(g_main_context_pending(NULL));
	g_assert_cmpuint(run->told, ==, 0);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add("/clock-sync/event", TestRun, NULL, test_set_up, test_event, test_tear_down);
	g_test_add("/clock-sync/kernel-counts",
		   TestRun,
		   NULL,
		   test_set_up,
		   test_kernel_counts,
		   test_tear_down);
	g_test_add("/clock-sync/refused", TestRun, NULL, test_set_up, test_refused, test_tear_down);
	g_test_add("/clock-sync/no-timesyncd",
		   TestRun,
		   "without the directory",
		   test_set_up,
		   test_no_timesyncd,
		   test_tear_down);
	return g_test_run();
}
