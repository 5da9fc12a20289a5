/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gstdio.h>

#include "fu-uc-cut-disk.h"
#include "fu-uc-sha256.h"

/* All regular files below a directory, kept in memory, so that one cut can be looked at in several
 * ways. */

#define FU_UC_CUT_DISK_SUFFIX 7 /* characters that g_file_set_contents() appends: .XXXXXX */

static GBytes *
fu_uc_cut_disk_read(const gchar *path)
{
	gchar *text = NULL;
	gsize textsz = 0;

	g_assert_true(g_file_get_contents(path, &text, &textsz, NULL));
	return g_bytes_new_take(text, textsz);
}

static void
fu_uc_cut_disk_add(GHashTable *disk, const gchar *path)
{
	const gchar *name = NULL;
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);

	if (dir == NULL) {
		g_hash_table_insert(disk, g_strdup(path), fu_uc_cut_disk_read(path));
		return;
	}
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree gchar *child = g_build_filename(path, name, NULL);
		fu_uc_cut_disk_add(disk, child);
	}
}

/**
 * fu_uc_cut_disk_save:
 * @directory: where to look
 *
 * Returns: (transfer full) (element-type filename GBytes): what all files have
 **/
GHashTable *
fu_uc_cut_disk_save(const gchar *directory)
{
	GHashTable *disk =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
	fu_uc_cut_disk_add(disk, directory);
	return disk;
}

/**
 * fu_uc_cut_disk_restore:
 * @disk: (element-type filename GBytes): what all files are to have
 * @directory: the directory that @disk is of
 *
 * Writes files that differ, and removes those that are not in @disk; directories stay.
 **/
void
fu_uc_cut_disk_restore(GHashTable *disk, const gchar *directory)
{
	GHashTableIter iter;
	gpointer path = NULL;
	gpointer blob = NULL;
	g_autoptr(GHashTable) found = fu_uc_cut_disk_save(directory);

	g_hash_table_iter_init(&iter, found);
	while (g_hash_table_iter_next(&iter, &path, &blob)) {
		if (!g_hash_table_contains(disk, path))
			g_assert_cmpint(g_unlink(path), ==, 0);
	}
	g_hash_table_iter_init(&iter, disk);
	while (g_hash_table_iter_next(&iter, &path, &blob)) {
		GBytes *now = g_hash_table_lookup(found, path);
		gsize blobsz = 0;
		const gchar *buf = g_bytes_get_data(blob, &blobsz);
		if (now == NULL || !g_bytes_equal(now, blob))
			g_assert_true(g_file_set_contents(path, buf, (gssize)blobsz, NULL));
	}
}

static gint
fu_uc_cut_disk_sort_cb(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(*((const gchar *const *)a), *((const gchar *const *)b));
}

/* without the characters that differ each time */
static gchar *
fu_uc_cut_disk_get_name(const gchar *path, const gchar *directory)
{
	const gchar *name = path + strlen(directory);
	gsize len = strlen(name);

	if (len > FU_UC_CUT_DISK_SUFFIX && name[len - FU_UC_CUT_DISK_SUFFIX] == '.' &&
	    strchr(name + len - FU_UC_CUT_DISK_SUFFIX, '/') == NULL)
		len -= FU_UC_CUT_DISK_SUFFIX;
	return g_strndup(name, len);
}

/**
 * fu_uc_cut_disk_get_key:
 * @directory: where to look
 *
 * Returns: (transfer full): the same text for the same names and contents
 **/
gchar *
fu_uc_cut_disk_get_key(const gchar *directory)
{
	g_autoptr(GHashTable) disk = fu_uc_cut_disk_save(directory);
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	GHashTableIter iter;
	gpointer path = NULL;
	gpointer blob = NULL;

	g_hash_table_iter_init(&iter, disk);
	while (g_hash_table_iter_next(&iter, &path, &blob)) {
		g_autofree gchar *name = fu_uc_cut_disk_get_name(path, directory);
		gsize blobsz = 0;
		const guint8 *buf = g_bytes_get_data(blob, &blobsz);
		g_autofree gchar *sum = fu_uc_sha256_of_buffer(buf, blobsz);
		g_ptr_array_add(lines, g_strdup_printf("%s %s", sum, name));
	}
	g_ptr_array_sort(lines, fu_uc_cut_disk_sort_cb);
	g_ptr_array_add(lines, NULL);
	return g_strjoinv("\n", (gchar **)lines->pdata);
}
