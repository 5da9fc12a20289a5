/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-backoff.h"
#include "uc-error.h"

#define DRAWS 2000

/* every draw in its range, and both halves of it are seen: that is what jitter is for */
static void
check_range(guint failures, gint64 max_secs, const GError *error, gint64 from_secs, gint64 to_secs)
{
	guint low = 0;
	guint high = 0;

	for (guint i = 0; i < DRAWS; i++) {
		gint64 secs = uc_backoff_get_wait_secs(failures, max_secs, error);

		g_assert_cmpint(secs, >=, from_secs);
		g_assert_cmpint(secs, <=, to_secs);
		if (secs - from_secs < (to_secs - from_secs + 1) / 2)
			low++;
		else
			high++;
	}
	if (to_secs > from_secs) {
		g_assert_cmpuint(low, >, DRAWS / 10);
		g_assert_cmpuint(high, >, DRAWS / 10);
	}
}

static void
test_jitter(void)
{
	check_range(0, 3600, NULL, 1, 5);
	check_range(1, 3600, NULL, 1, 10);
	check_range(5, 3600, NULL, 1, 160);
	check_range(20, 3600, NULL, 1, 3600);
	check_range(G_MAXUINT, 86400, NULL, 1, 86400);
	check_range(0, 1, NULL, 1, 1);
}

static void
test_retry_after(void)
{
	g_autoptr(GError) error = g_error_new_literal(UC_ERROR, UC_ERROR_TEMPORARY, "later");
	g_autoptr(GError) other = g_error_new_literal(G_IO_ERROR, G_IO_ERROR_FAILED, "other");

	check_range(0, 3600, error, 1, 5);
	check_range(0, 3600, other, 1, 5);
	uc_error_set_retry_after_secs(error, 120);
	check_range(0, 3600, error, 121, 125);
	check_range(1, 3600, error, 121, 130);
	/* clamped: by a day when it is taken, by the longest wait when it is used */
	uc_error_set_retry_after_secs(error, G_MAXINT64);
	g_assert_cmpint(uc_error_get_retry_after_secs(error), ==, 86400);
	check_range(0, 3600, error, 3600, 3600);
	uc_error_set_retry_after_secs(error, -1);
	check_range(0, 3600, error, 1, 5);
}

static void
test_over(void)
{
	static const struct {
		gint64 retry_secs;
		gboolean over;
	} rows[] = {
	    {0, TRUE},
	    {999999, TRUE},
	    {1000000, TRUE},
	    {1000001, FALSE},
	    {1003600, FALSE}, /* the longest wait */
	    {1003601, TRUE},  /* of a clock that ran ahead */
	    {G_MAXINT64, TRUE},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
		g_assert_cmpint(uc_backoff_is_over(rows[i].retry_secs, 3600, 1000000),
				==,
				rows[i].over);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/backoff/jitter", test_jitter);
	g_test_add_func("/backoff/retry-after", test_retry_after);
	g_test_add_func("/backoff/over", test_over);
	return g_test_run();
}
