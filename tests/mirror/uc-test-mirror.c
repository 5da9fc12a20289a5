/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What most tests of the mirror begin with: a database, or a whole mirror. */

#include <glib/gstdio.h>

#include "uc-mirror-init.h"
#include "uc-test-mirror.h"

void
uc_test_database_make(UcTestDatabase *self)
{
	g_autoptr(GError) error = NULL;
	g_autofree gchar *dir = g_dir_make_tmp("uc-database-XXXXXX", &error);

	g_assert_no_error(error);
	self->path = g_build_filename(dir, "mirror.db", NULL);
	self->database = uc_database_create(self->path, &error);
	g_assert_no_error(error);
	self->other = uc_database_open(self->path, &error);
	g_assert_no_error(error);
}

void
uc_test_database_remove(UcTestDatabase *self)
{
	g_autofree gchar *dir = g_path_get_dirname(self->path);

	g_clear_pointer(&self->other, uc_database_free);
	g_clear_pointer(&self->database, uc_database_free);
	g_assert_cmpint(g_remove(self->path), ==, 0);
	g_assert_cmpint(g_rmdir(dir), ==, 0);
	g_clear_pointer(&self->path, g_free);
}

/* (transfer full): to be given to uc_test_mirror_remove() */
UcMirror *
uc_test_mirror_make(gint64 now_secs)
{
	g_autoptr(GError) error = NULL;
	g_autofree gchar *root = g_dir_make_tmp("uc-mirror-XXXXXX", &error);
	g_autofree gchar *recovery = NULL;
	UcMirrorInit init = {"room.example", .now_secs = now_secs};
	UcMirror *mirror = NULL;

	g_assert_no_error(error);
	recovery = g_build_filename(root, "recovery", NULL);
	init.recovery_dir = recovery;
	g_assert_true(uc_mirror_init(root, &init, &error));
	g_assert_no_error(error);
	mirror = uc_mirror_open(root, &error);
	g_assert_no_error(error);
	return mirror;
}

void
uc_test_mirror_remove(UcMirror *mirror)
{
	g_autofree gchar *root = g_strdup(mirror->root);

	uc_mirror_free(mirror);
	g_assert_true(uc_mirror_remove_tree(root, NULL));
}
