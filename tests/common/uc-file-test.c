/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "uc-file.h"

#define BIG_BYTES (64 * 1024)
#define KILLS	  40 /* one in fourteen leaves a name as people choose them, which stays */

static const gchar *const endings[] = {".json", "password", NULL};

static guint
count_files(const gchar *dir)
{
	g_autoptr(GDir) handle = g_dir_open(dir, 0, NULL);
	guint count = 0;

	while (g_dir_read_name(handle) != NULL)
		count++;
	return count;
}

static void
remove_all(const gchar *dir)
{
	g_autoptr(GDir) handle = g_dir_open(dir, 0, NULL);
	const gchar *name = NULL;

	while ((name = g_dir_read_name(handle)) != NULL) {
		g_autofree gchar *path = g_build_filename(dir, name, NULL);

		g_assert_cmpint(g_remove(path), ==, 0);
	}
	g_assert_cmpint(g_rmdir(dir), ==, 0);
}

/* the kernel ends it when the file has become so long */
static void
write_and_be_killed(const gchar *path)
{
	const struct rlimit core = {0, 0};
	const struct rlimit size = {BIG_BYTES / 2, BIG_BYTES / 2};
	g_autofree gchar *text = g_strnfill(BIG_BYTES, 'x');
	g_autoptr(GBytes) bytes = g_bytes_new(text, BIG_BYTES);

	(void)setrlimit(RLIMIT_CORE, &core);
	(void)setrlimit(RLIMIT_FSIZE, &size);
	_exit(uc_file_write(path, bytes, NULL) ? EXIT_SUCCESS : EXIT_FAILURE);
}

static void
test_sweep_killed(void)
{
	g_autofree gchar *dir = g_dir_make_tmp("uc-file-XXXXXX", NULL);
	g_autofree gchar *path = g_build_filename(dir, "service.json", NULL);
	g_autofree gchar *text = NULL;
	g_autoptr(GBytes) bytes = g_bytes_new_static("{}\n", 3);

	g_assert_true(uc_file_write(path, bytes, NULL));
	for (guint i = 0; i < KILLS; i++) {
		gint status = 0;
		pid_t pid = fork();

		g_assert_cmpint(pid, >=, 0);
		if (pid == 0)
			write_and_be_killed(path);
		g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
		g_assert_true(WIFSIGNALED(status));
	}
	g_assert_cmpuint(count_files(dir), ==, KILLS + 1);
	uc_file_sweep(dir, endings, 3600); /* somebody may be at it still */
	g_assert_cmpuint(count_files(dir), ==, KILLS + 1);
	uc_file_sweep(dir, endings, 0);
	g_assert_cmpuint(count_files(dir), <, KILLS / 2);
	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	g_assert_cmpstr(text, ==, "{}\n");
	remove_all(dir);
}

static void
test_sweep_names(void)
{
	static const struct {
		const gchar *name;
		gboolean stays;
	} rows[] = {
	    {"service.json", TRUE},
	    {"service.json.AbC123", FALSE},
	    {"password.0a0000", FALSE},
	    /* somebody's own copies */
	    {"service.json.backup", TRUE},
	    {"service.json.Backup", TRUE},
	    {"service.json.BACKUP", TRUE},
	    {"service.json.251122", TRUE},
	    {"password.copy01", TRUE},
	    {"service.json.AbC12", TRUE},
	    {"service.json.AbC1234", TRUE},
	    {"service.json.AbC-12", TRUE},
	    {"service.json.unusable-1700000000", TRUE},
	    {"service.jsonAbC123", TRUE},
	    {"notes.backup", TRUE},
	    {"AbC123", TRUE},
	    {".AbC123", TRUE},
	};
	g_autofree gchar *dir = g_dir_make_tmp("uc-file-XXXXXX", NULL);
	g_autofree gchar *inside = g_build_filename(dir, "a.json.AbC123", NULL);
	g_autofree gchar *link = g_build_filename(dir, "b.json.AbC123", NULL);

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree gchar *path = g_build_filename(dir, rows[i].name, NULL);

		g_assert_true(g_file_set_contents(path, "", 0, NULL));
	}
	/* what is no file was not left by a write */
	g_assert_cmpint(g_mkdir(inside, 0700), ==, 0);
	g_assert_cmpint(symlink("service.json", link), ==, 0);
	uc_file_sweep(dir, endings, 0);
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree gchar *path = g_build_filename(dir, rows[i].name, NULL);

		g_test_message("%s", rows[i].name);
		g_assert_cmpint(g_file_test(path, G_FILE_TEST_EXISTS), ==, rows[i].stays);
	}
	g_assert_true(g_file_test(inside, G_FILE_TEST_IS_DIR));
	g_assert_true(g_file_test(link, G_FILE_TEST_IS_SYMLINK));
	remove_all(dir);
	uc_file_sweep(dir, endings, 0); /* need not be there */
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/file/sweep/killed", test_sweep_killed);
	g_test_add_func("/file/sweep/names", test_sweep_names);
	return g_test_run();
}
