/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "fuzz.h"
#include "uc-cab-reader.h"
#include "uc-mirror.h"

#define UC_FUZZ_UNPACKED_MAX_BYTES (16 * 1024 * 1024)

/* A cab: nothing is written but plain files into the one directory, and no more than allowed. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree gchar *dir = g_dir_make_tmp("uc-fuzz-cab-XXXXXX", NULL);
	g_autofree gchar *cab = g_build_filename(dir, "fuzz.cab", NULL);
	g_autofree gchar *into = g_build_filename(dir, "into", NULL);
	g_autoptr(GPtrArray) members = NULL;
	g_autoptr(GError) error = NULL;
	guint64 total_bytes = 0;

	g_assert_true(g_file_set_contents(cab, (const gchar *)data, (gssize)size, NULL));
	g_assert_cmpint(g_mkdir(into, 0700), ==, 0);
	members = uc_cab_reader_extract(cab, into, UC_FUZZ_UNPACKED_MAX_BYTES, &error);
	g_assert_true((members == NULL) == (error != NULL));
	for (guint i = 0; members != NULL && i < members->len; i++) {
		const UcCabMember *member = g_ptr_array_index(members, i);

		g_assert_null(strchr(member->name, '/'));
		g_assert_true(member->name[0] != '.');
		g_assert_cmpuint(strlen(member->name), <=, UC_CAB_NAME_MAX_BYTES);
		total_bytes += member->size_bytes;
	}
	g_assert_cmpuint(total_bytes, <=, UC_FUZZ_UNPACKED_MAX_BYTES);
	g_assert_true(uc_mirror_remove_tree(dir, NULL));
	return 0;
}
