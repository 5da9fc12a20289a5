/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A zip with UC Software: refused, or nothing but its images lies in the directory. */

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "fuzz.h"
#include "uc-mirror.h"
#include "uc-ucs-reader.h"

#define MAX_BYTES (64 * 1024)

static void
check_dir(const gchar *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const gchar *name = NULL;

	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree gchar *part = uc_ucs_reader_parse_image_name(name);

		g_assert_nonnull(part);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree gchar *top = g_dir_make_tmp("uc-fuzz-XXXXXX", NULL);
	g_autofree gchar *zip = g_build_filename(top, "zip", NULL);
	g_autofree gchar *dir = g_build_filename(top, "dir", NULL);
	g_autofree gchar *version = NULL;
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) parts = NULL;

	g_assert_true(g_file_set_contents_full(zip,
					       (const gchar *)data,
					       (gssize)size,
					       G_FILE_SET_CONTENTS_NONE,
					       0600,
					       NULL));
	g_assert_cmpint(g_mkdir(dir, 0700), ==, 0);
	parts = uc_ucs_reader_extract(zip, dir, MAX_BYTES, &version, &error);
	g_assert_true((parts != NULL) == (error == NULL));
	check_dir(dir);
	g_assert_true(uc_mirror_remove_tree(top, NULL));
	return 0;
}
