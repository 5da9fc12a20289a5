/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>

#include "uc-downloads.h"
#include "uc-test-state.h"

#define SHA256 "1111111111111111111111111111111111111111111111111111111111111111"

static void
write_file(const gchar *suffix, gssize size_bytes)
{
	g_autofree gchar *path = uc_downloads_get_path(SHA256);
	g_autofree gchar *full = g_strconcat(path, suffix, NULL);
	g_autofree gchar *dir = g_path_get_dirname(path);
	g_autofree gchar *text = g_strnfill((gsize)size_bytes, 'x');

	g_assert_cmpint(g_mkdir_with_parents(dir, 0755), ==, 0);
	g_assert_true(g_file_set_contents(full, text, size_bytes, NULL));
}

/* what is there already needs no room a second time */
static void
test_missing(void)
{
	static const struct {
		gssize part_bytes;
		guint64 size_bytes;
		guint64 missing_bytes;
	} rows[] = {
	    {-1, 1000, 1000},
	    {0, 1000, 1000},
	    {1, 1000, 999},
	    {999, 1000, 1},
	    {1000, 1000, 0},
	    {1001, 1000, 0}, /* of another file, and goes at the first byte */
	    {10, 0, 0},	     /* a size that the metadata does not tell */
	    {10, G_MAXUINT64, G_MAXUINT64 - 10},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		if (rows[i].part_bytes >= 0)
			write_file(".part", rows[i].part_bytes);
		g_assert_cmpuint(uc_downloads_get_missing_bytes(SHA256, rows[i].size_bytes),
				 ==,
				 rows[i].missing_bytes);
	}
	write_file("", 7);
	g_assert_cmpuint(uc_downloads_get_missing_bytes(SHA256, 1000), ==, 0);
}

static void
test_clean(void)
{
	g_autoptr(GHashTable) keep = g_hash_table_new(g_str_hash, g_str_equal);

	write_file("", 7);
	write_file(".part", 7);
	(void)g_hash_table_add(keep, (gpointer)SHA256);
	uc_downloads_clean(keep);
	g_assert_true(uc_downloads_has(SHA256));
	g_hash_table_remove_all(keep);
	uc_downloads_clean(keep);
	g_assert_false(uc_downloads_has(SHA256));
	g_assert_cmpuint(uc_downloads_get_missing_bytes(SHA256, 1000), ==, 1000);
}

int
main(int argc, char **argv)
{
	g_autofree gchar *dir = NULL;

	g_test_init(&argc, &argv, NULL);
	dir = uc_test_state_new();
	g_test_add_func("/downloads/missing", test_missing);
	g_test_add_func("/downloads/clean", test_clean);
	return g_test_run();
}
