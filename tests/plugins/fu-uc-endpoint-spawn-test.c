/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>
#include <glib/gstdio.h>

#include "fu-uc-endpoint-spawn.h"

#define LONG_MS 60000 /* that a test does not wait for */

static gchar *
run_script(const gchar *script, guint timeout_ms, GError **error)
{
	const gchar *argv[] = {"/bin/sh", "-c", script, NULL};
	return fu_uc_endpoint_spawn(argv, timeout_ms, error);
}

static void
test_output(void)
{
	static const struct {
		const gchar *script;
		const gchar *output; /* NULL if it fails */
		const gchar *message;
	} rows[] = {
	    {"echo one; echo two >&2", "one\ntwo\n", NULL},
	    {"true", "", NULL},
	    {"printf 'gr\\374n'", "gr\xef\xbf\xbdn", NULL}, /* of a program without UTF-8 */
	    {"printf 'a\\0b'",
	     "a\xef\xbf\xbd"
	     "b",
	     NULL},
	    {"echo ' no camera '; exit 3", NULL, "/bin/sh failed: no camera"},
	    {"exit 1", NULL, "/bin/sh failed: no output"},
	    {"kill -9 $$", NULL, "/bin/sh failed: no output"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree gchar *output = run_script(rows[i].script, LONG_MS, &error);

		g_assert_cmpstr(output, ==, rows[i].output);
		if (rows[i].output != NULL) {
			g_assert_no_error(error);
			continue;
		}
		g_assert_error(error, FWUPD_ERROR, FWUPD_ERROR_INTERNAL);
		g_assert_cmpstr(error->message, ==, rows[i].message);
	}
}

static void
test_not_there(void)
{
	const gchar *argv[] = {"/nonexistent/program", NULL};
	g_autoptr(GError) error = NULL;

	g_assert_null(fu_uc_endpoint_spawn(argv, LONG_MS, &error));
	g_assert_nonnull(error);
	g_assert_nonnull(strstr(error->message, "/nonexistent/program"));
}

/* a process that has ended may still have an entry, until somebody asks for its end */
static gboolean
is_gone(const gchar *pid)
{
	g_autofree gchar *path = g_build_filename("/proc", pid, "cmdline", NULL);
	g_autofree gchar *text = NULL;
	gsize textsz = 0;

	return !g_file_get_contents(path, &text, &textsz, NULL) || textsz == 0;
}

static void
wait_until_gone(const gchar *text)
{
	g_autofree gchar *pid = g_strstrip(g_strdup(text));

	g_assert_cmpstr(pid, !=, "");
	for (guint i = 0; i < 3000 && !is_gone(pid); i++)
		g_usleep(10000);
	g_assert_true(is_gone(pid));
}

/* what holds the output is not waited for, and does not stay */
static void
test_left_behind(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree gchar *output = run_script("sleep 1000 & echo $!", LONG_MS, &error);

	g_assert_no_error(error);
	wait_until_gone(output);
}

/* a script that waits for its program: the deadline is for both */
static void
test_deadline(void)
{
	g_autofree gchar *dir = g_dir_make_tmp("uc-spawn-XXXXXX", NULL);
	g_autofree gchar *path = g_build_filename(dir, "pid", NULL);
	g_autofree gchar *script = g_strdup_printf("sleep 1000 & echo $! >%s; wait", path);
	g_autofree gchar *pid = NULL;
	g_autofree gchar *output = NULL;
	g_autoptr(GError) error = NULL;

	output = run_script(script, 2000, &error);
	g_assert_null(output);
	g_assert_error(error, FWUPD_ERROR, FWUPD_ERROR_TIMED_OUT);
	g_assert_cmpstr(error->message, ==, "/bin/sh did not end within 2000 ms");
	g_assert_true(g_file_get_contents(path, &pid, NULL, NULL));
	wait_until_gone(pid);
	(void)g_unlink(path);
	(void)g_rmdir(dir);
}

/* a program that never stops talking is no reason for a daemon to grow */
static void
test_bounded(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree gchar *output = NULL;

	output = run_script("head -c 3000000 /dev/zero | tr '\\0' x; echo end", LONG_MS, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(strlen(output), ==, 1024 * 1024);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/uc/spawn/output", test_output);
	g_test_add_func("/uc/spawn/not-there", test_not_there);
	g_test_add_func("/uc/spawn/left-behind", test_left_behind);
	g_test_add_func("/uc/spawn/deadline", test_deadline);
	g_test_add_func("/uc/spawn/bounded", test_bounded);
	return g_test_run();
}
