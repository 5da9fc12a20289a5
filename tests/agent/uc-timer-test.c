/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-timer.h"

#include <string.h>

#define NOW_SECS (g_get_real_time() / G_USEC_PER_SEC)

static void
count_cb(gpointer user_data)
{
	guint *count = user_data;

	(*count)++;
}

/* for how long the kernel still waits; the test has one timer only */
static gint64
read_left_secs(void)
{
	g_autoptr(GDir) dir = g_dir_open("/proc/self/fdinfo", 0, NULL);
	const gchar *name = NULL;

	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree gchar *path = g_build_filename("/proc/self/fdinfo", name, NULL);
		g_autofree gchar *text = NULL;
		const gchar *value = NULL;

		if (!g_file_get_contents(path, &text, NULL, NULL))
			continue;
		value = strstr(text, "it_value: (");
		if (value != NULL)
			return g_ascii_strtoll(value + strlen("it_value: ("), NULL, 10);
	}
	return -1;
}

/* a machine may run for twenty years: 2038 is no moment at which it begins to run in circles */
static void
test_never(void)
{
	guint count = 0;
	g_autoptr(UcTimer) timer = uc_timer_new(count_cb, &count);

	uc_timer_set(timer, NOW_SECS + 3600);
	g_assert_cmpint(read_left_secs(), <=, 3600);
	g_assert_cmpint(read_left_secs(), >, 0);
	uc_timer_set(timer, -1);
	if (sizeof(time_t) > 4)
		g_assert_cmpint(read_left_secs(), >, G_GINT64_CONSTANT(200) * 365 * 86400);
	g_assert_cmpuint(count, ==, 0);
}

/* one that has passed comes at once */
static void
test_past(void)
{
	guint count = 0;
	g_autoptr(UcTimer) timer = uc_timer_new(count_cb, &count);

	uc_timer_set(timer, NOW_SECS - 1);
	while (count == 0)
		(void)g_main_context_iteration(NULL, TRUE);
	g_assert_cmpuint(count, ==, 1);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/timer/never", test_never);
	g_test_add_func("/timer/past", test_past);
	return g_test_run();
}
