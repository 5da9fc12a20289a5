/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>

#include "uc-cab-reader.h"
#include "uc-error.h"
#include "uc-mirror.h"
#include "uc-test-cab.h"

typedef struct {
	gchar *dir;
	gchar *cab;
	gchar *out;
} Fixture;

static void
fixture_set_up(Fixture *self, gconstpointer unused)
{
	self->dir = g_dir_make_tmp("uc-cab-XXXXXX", NULL);
	self->cab = g_build_filename(self->dir, "x.cab", NULL);
	self->out = g_build_filename(self->dir, "out", NULL);
	g_assert_cmpint(g_mkdir(self->out, 0700), ==, 0);
}

static void
fixture_tear_down(Fixture *self, gconstpointer unused)
{
	g_assert_true(uc_mirror_remove_tree(self->dir, NULL));
	g_free(self->dir);
	g_free(self->cab);
	g_free(self->out);
}

static void
fixture_assert_refused(Fixture *self, guint64 max_bytes, gint code)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) members = NULL;

	members = uc_cab_reader_extract(self->cab, self->out, max_bytes, &error);
	g_assert_null(members);
	g_assert_error(error, UC_ERROR, code);
	g_assert_true(uc_mirror_remove_tree(self->out, NULL));
	g_assert_cmpint(g_mkdir(self->out, 0700), ==, 0);
}

static void
test_cab_reader_names(Fixture *self, gconstpointer unused)
{
	const gchar *const names[] =
	    {"../up", "..", ".hidden", "a/b", "a\\b", "/etc/x", "C:x", "-rf", "a\nb", NULL};
	g_autoptr(GBytes) bytes = g_bytes_new_static("x", 1);
	g_autofree gchar *longer = g_strnfill(UC_CAB_NAME_MAX_BYTES + 1, 'a');

	for (guint i = 0; names[i] != NULL; i++) {
		g_test_message("%s", names[i]);
		uc_test_cab_write(self->cab,
				  (const gchar *[]){names[i], NULL},
				  (GBytes *[]){bytes});
		fixture_assert_refused(self, 100, UC_ERROR_REFUSED);
	}
	uc_test_cab_write(self->cab, (const gchar *[]){longer, NULL}, (GBytes *[]){bytes});
	fixture_assert_refused(self, 100, UC_ERROR_REFUSED);
}

static void
test_cab_reader_bomb(Fixture *self, gconstpointer unused)
{
	gsize size_bytes = 8 * 1024 * 1024;
	g_autoptr(GBytes) zeros = g_bytes_new_take(g_malloc0(size_bytes), size_bytes);

	uc_test_cab_write(self->cab, (const gchar *[]){"a", "b", NULL}, (GBytes *[]){zeros, zeros});
	fixture_assert_refused(self, 2 * size_bytes - 1, UC_ERROR_LIMIT);
}

static void
test_cab_reader_many(Fixture *self, gconstpointer unused)
{
	const gchar *names[UC_CAB_MEMBERS_MAX + 2] = {NULL};
	GBytes *contents[UC_CAB_MEMBERS_MAX + 1];
	g_autoptr(GPtrArray) owned = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GBytes) bytes = g_bytes_new_static("x", 1);

	for (guint i = 0; i <= UC_CAB_MEMBERS_MAX; i++) {
		g_ptr_array_add(owned, g_strdup_printf("m%u", i));
		names[i] = g_ptr_array_index(owned, i);
		contents[i] = bytes;
	}
	uc_test_cab_write(self->cab, names, contents);
	fixture_assert_refused(self, 1000, UC_ERROR_LIMIT);
}

static void
test_cab_reader_truncated(Fixture *self, gconstpointer unused)
{
	g_autoptr(GBytes) image = uc_test_bind_vector();
	g_autofree gchar *whole = NULL;
	gsize size_bytes = 0;

	uc_test_cab_write(self->cab, (const gchar *[]){"a", "b", NULL}, (GBytes *[]){image, image});
	g_assert_true(g_file_get_contents(self->cab, &whole, &size_bytes, NULL));
	for (gsize length = 0; length < size_bytes; length += 7) {
		g_assert_true(g_file_set_contents(self->cab, whole, (gssize)length, NULL));
		fixture_assert_refused(self, 1000, UC_ERROR_INVALID);
	}
}

static void
test_cab_reader_whole(Fixture *self, gconstpointer unused)
{
	g_autoptr(GBytes) image = uc_test_bind_vector();
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) members = NULL;
	const UcCabMember *member = NULL;

	uc_test_cab_write(self->cab, (const gchar *[]){"fw.bin", NULL}, (GBytes *[]){image});
	members = uc_cab_reader_extract(self->cab, self->out, g_bytes_get_size(image), &error);
	g_assert_no_error(error);
	g_assert_cmpuint(members->len, ==, 1);
	member = uc_cab_reader_find(members, "fw.bin");
	g_assert_nonnull(member);
	g_assert_cmpuint(member->size_bytes, ==, g_bytes_get_size(image));
	g_assert_null(uc_cab_reader_find(members, "FW.BIN"));
}

#define ADD(name, function) \
	g_test_add(name, Fixture, NULL, fixture_set_up, function, fixture_tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("/cab-reader/names", test_cab_reader_names);
	ADD("/cab-reader/bomb", test_cab_reader_bomb);
	ADD("/cab-reader/many", test_cab_reader_many);
	ADD("/cab-reader/truncated", test_cab_reader_truncated);
	ADD("/cab-reader/whole", test_cab_reader_whole);
	return g_test_run();
}
