/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include "fu-uc-sha256.h"
#include "fu-uc-test.h"

gchar *
fu_uc_test_make_directory(void)
{
	g_autoptr(GError) error = NULL;
	gchar *directory = g_dir_make_tmp("uc-test-XXXXXX", &error);
	g_assert_no_error(error);
	return directory;
}

void
fu_uc_test_remove_directory(gchar *directory)
{
	g_autoptr(GError) error = NULL;
	g_assert_true(fu_path_rmtree(directory, &error));
	g_free(directory);
}

void
fu_uc_test_write(const gchar *directory, const gchar *name, const gchar *text)
{
	g_autofree gchar *path = g_build_filename(directory, name, NULL);
	g_autoptr(GError) error = NULL;
	g_assert_true(fu_path_mkdir_parent(path, &error));
	g_assert_true(g_file_set_contents(path, text, -1, &error));
}

gchar *
fu_uc_test_read_sha256(const gchar *directory, const gchar *name)
{
	g_autofree gchar *path = g_build_filename(directory, name, NULL);
	g_autofree gchar *text = NULL;
	gsize textsz = 0;
	g_assert_true(g_file_get_contents(path, &text, &textsz, NULL));
	return fu_uc_sha256_of_buffer((const guint8 *)text, textsz);
}

/* a good endpoint file with `more` in front of the group Install */
FuUcEndpointConfig *
fu_uc_test_make_config(const gchar *directory, const gchar *more)
{
	g_autofree gchar *path = g_build_filename(directory, "codec.conf", NULL);
	g_autofree gchar *text = NULL;
	g_autoptr(GError) error = NULL;
	FuUcEndpointConfig *config = NULL;

	text = g_strdup_printf("[Endpoint]\nId=codec\nVendor=acme\nModel=icon400\nVersion=2.0\n%s"
			       "[Install]\nType=slots\nSlotA=%s/slot-a\nSlotB=%s/slot-b\n"
			       "Boot=grub\nGrubEnv=%s/grubenv\n",
			       more,
			       directory,
			       directory,
			       directory);
	fu_uc_test_write(directory, "codec.conf", text);
	config = fu_uc_endpoint_config_new_from_file(path, &error);
	g_assert_no_error(error);
	return config;
}
