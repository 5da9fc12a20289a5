/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <unistd.h>

#include "uc-credentials.h"
#include "uc-error.h"
#include "uc-paths.h"
#include "uc-state-file.h"
#include "uc-test-state.h"

static void
write_password(const gchar *text, gint mode)
{
	g_autofree gchar *path = uc_path_state(UC_CREDENTIALS_FILE);
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));

	g_assert_true(uc_state_file_write(path, bytes, NULL));
	g_assert_cmpint(g_chmod(path, mode), ==, 0);
}

static void
test_file(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree gchar *none = uc_credentials_load(&error);
	g_autofree gchar *found = NULL;

	g_assert_no_error(error);
	g_assert_null(none);
	write_password("s3cret\n", 0600);
	found = uc_credentials_load(&error);
	g_assert_no_error(error);
	g_assert_cmpstr(found, ==, "s3cret");
}

static void
test_others(void)
{
	static const gint modes[] = {0640, 0604, 0620, 0602, 0610};

	for (guint i = 0; i < G_N_ELEMENTS(modes); i++) {
		g_autoptr(GError) error = NULL;

		write_password("s3cret", modes[i]);
		g_assert_null(uc_credentials_load(&error));
		g_assert_error(error, UC_ERROR, UC_ERROR_REFUSED);
		g_assert_null(strstr(error->message, "s3cret"));
	}
}

static void
test_malformed(void)
{
	g_autofree gchar *path = uc_path_state(UC_CREDENTIALS_FILE);
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) error_link = NULL;

	write_password("two\nlines", 0600);
	g_assert_null(uc_credentials_load(&error));
	g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
	g_assert_cmpint(g_unlink(path), ==, 0);
	g_assert_cmpint(symlink("/etc/hostname", path), ==, 0);
	g_assert_null(uc_credentials_load(&error_link));
	g_assert_error(error_link, UC_ERROR, UC_ERROR_FAILED);
	g_assert_true(uc_credentials_remove(NULL));
	g_assert_false(g_file_test(path, G_FILE_TEST_IS_SYMLINK));
}

/* systemd's store comes first */
static void
test_store(void)
{
	g_autofree gchar *dir = g_dir_make_tmp("ucupdates-test-XXXXXX", NULL);
	g_autofree gchar *path = g_build_filename(dir, UC_CREDENTIALS_NAME, NULL);
	g_autofree gchar *found = NULL;

	write_password("file", 0600);
	g_assert_true(g_setenv("CREDENTIALS_DIRECTORY", dir, TRUE));
	g_assert_true(g_file_set_contents(path, "store\n", -1, NULL));
	found = uc_credentials_load(NULL);
	g_assert_cmpstr(found, ==, "store");
	g_unsetenv("CREDENTIALS_DIRECTORY");
}

int
main(int argc, char **argv)
{
	g_autofree gchar *dir = NULL;

	g_test_init(&argc, &argv, NULL);
	dir = uc_test_state_new();
	g_test_add_func("/credentials/file", test_file);
	g_test_add_func("/credentials/others-can-read", test_others);
	g_test_add_func("/credentials/malformed", test_malformed);
	g_test_add_func("/credentials/store", test_store);
	return g_test_run();
}
