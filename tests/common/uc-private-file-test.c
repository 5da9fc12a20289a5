/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "uc-error.h"
#include "uc-private-file.h"

#define LIMIT_BYTES 8

typedef struct {
	gchar *dir;
	gchar *path;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer data)
{
	fixture->dir = g_dir_make_tmp("uc-private-XXXXXX", NULL);
	fixture->path = g_build_filename(fixture->dir, "secret", NULL);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
	(void)g_unlink(fixture->path);
	g_assert_cmpint(g_rmdir(fixture->dir), ==, 0);
	g_free(fixture->dir);
	g_free(fixture->path);
}

static void
write_secret(Fixture *fixture, const gchar *text, gint mode)
{
	g_assert_true(g_file_set_contents(fixture->path, text, -1, NULL));
	g_assert_cmpint(g_chmod(fixture->path, mode), ==, 0);
}

static void
check_refused(Fixture *fixture, UcError code)
{
	g_autoptr(GError) error = NULL;
	gchar *text = NULL;

	g_assert_false(uc_private_file_read(fixture->path, LIMIT_BYTES, &text, &error));
	g_assert_error(error, UC_ERROR, (gint)code);
	g_assert_null(text);
	g_assert_null(strstr(error->message, "s3cret"));
}

static void
test_refused(Fixture *fixture, gconstpointer data)
{
	static const gint modes[] = {0640, 0604, 0620, 0602, 0610, 0601};

	for (guint i = 0; i < G_N_ELEMENTS(modes); i++) {
		write_secret(fixture, "s3cret", modes[i]);
		check_refused(fixture, UC_ERROR_REFUSED);
	}
	write_secret(fixture, "s3cret s3", 0600);
	check_refused(fixture, UC_ERROR_REFUSED);
	g_assert_cmpint(g_unlink(fixture->path), ==, 0);
	g_assert_cmpint(symlink("/etc/hostname", fixture->path), ==, 0);
	check_refused(fixture, UC_ERROR_FAILED);
}

static void
test_read(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree gchar *text = NULL;

	g_assert_true(uc_private_file_read(fixture->path, LIMIT_BYTES, &text, &error));
	g_assert_no_error(error);
	g_assert_null(text);
	write_secret(fixture, "s3cret s", 0600);
	g_assert_true(uc_private_file_read(fixture->path, LIMIT_BYTES, &text, &error));
	g_assert_no_error(error);
	g_assert_cmpstr(text, ==, "s3cret s");
}

static void
test_credential(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree gchar *text = NULL;

	g_unsetenv("CREDENTIALS_DIRECTORY");
	g_assert_true(uc_private_file_read_credential("secret", LIMIT_BYTES, &text, &error));
	g_assert_null(text);
	write_secret(fixture, "s3cret", 0440);
	g_setenv("CREDENTIALS_DIRECTORY", fixture->dir, TRUE);
	g_assert_true(uc_private_file_read_credential("secret", LIMIT_BYTES, &text, &error));
	g_unsetenv("CREDENTIALS_DIRECTORY");
	g_assert_no_error(error);
	g_assert_cmpstr(text, ==, "s3cret");
}

static void
add(const gchar *path, void (*func)(Fixture *, gconstpointer))
{
	g_test_add(path, Fixture, NULL, set_up, func, tear_down);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	add("/private-file/refused", test_refused);
	add("/private-file/read", test_read);
	add("/private-file/credential", test_credential);
	return g_test_run();
}
