/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Runs a fuzzer's corpus as a normal test: every file of a directory, each file cut short at every
 * length up to a limit, and nothing at all. With clang the same fuzzer is linked to libFuzzer.
 */

#include <gio/gio.h>

#include "fuzz.h"

#define FUZZ_CUT_MAX 2048

static void
fuzz_try(const gchar *data, gsize size_bytes)
{
	/* in a block of its own size, so that a sanitizer sees a read behind it */
	g_autofree guint8 *copy = size_bytes > 0 ? g_memdup2(data, size_bytes) : g_malloc(1);

	g_assert_cmpint(LLVMFuzzerTestOneInput(copy, size_bytes), ==, 0);
}

static guint
fuzz_run_file(const gchar *path)
{
	g_autoptr(GError) error = NULL;
	g_autofree gchar *data = NULL;
	gsize size_bytes = 0;
	guint runs = 1;

	g_file_get_contents(path, &data, &size_bytes, &error);
	g_assert_no_error(error);
	fuzz_try(data, size_bytes);
	for (gsize cut = 0; cut < MIN(size_bytes, FUZZ_CUT_MAX); cut++, runs++)
		fuzz_try(data, cut);
	return runs;
}

static void
fuzz_test_corpus(gconstpointer user_data)
{
	const gchar *dir = user_data;
	g_autoptr(GError) error = NULL;
	g_autoptr(GDir) handle = g_dir_open(dir, 0, &error);
	const gchar *name = NULL;
	guint files = 0;
	guint runs = 0;

	g_assert_no_error(error);
	while ((name = g_dir_read_name(handle)) != NULL) {
		g_autofree gchar *path = g_build_filename(dir, name, NULL);

		runs += fuzz_run_file(path);
		files++;
	}
	g_assert_cmpuint(files, >, 0);
	g_test_message("%u files, %u inputs", files, runs);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_cmpint(argc, ==, 2);
	g_test_add_data_func("/fuzz/corpus", argv[1], fuzz_test_corpus);
	return g_test_run();
}
