/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fu-uc-endpoint-slot.h"
#include "fu-uc-endpoint-target.h"

/* What a path really names. A symbolic link stays, and what it points to is written: so
 * /dev/disk/by-partlabel works, and `firmware -> firmware-2` too. Whoever could lead the link or
 * the file somewhere else would have root write there, so nobody else may. */

#define FU_UC_ENDPOINT_TARGET_LINKS_MAX 8

/* as the kernel's protected_symlinks, but for each directory that others may write to */
static gboolean
fu_uc_endpoint_target_check_directory(const gchar *path, GError **error)
{
	struct stat st = {0};
	g_autofree gchar *directory = g_path_get_dirname(path);

	if (g_stat(directory, &st) < 0)
		return fu_uc_endpoint_slot_fail_file(directory, "looked at", error);
	if ((st.st_mode & S_IWOTH) == 0 || (st.st_mode & S_ISVTX) != 0)
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_NOT_SUPPORTED,
		    "%s is in a directory that everybody may write to; take that right away from "
		    "%s",
		    path,
		    directory);
	return FALSE;
}

static gboolean
fu_uc_endpoint_target_check_link(const gchar *path, const struct stat *st, GError **error)
{
	if (st->st_uid == 0 || st->st_uid == geteuid())
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_NOT_SUPPORTED,
		    "%s is a link of the user %u, expected one of root",
		    path,
		    (guint)st->st_uid);
	return FALSE;
}

/* a new file is a regular one, and has a name of its own */
static gboolean
fu_uc_endpoint_target_check_missing(const gchar *path, const gchar *link, GError **error)
{
	if (link != NULL) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_NOT_FOUND,
			    "%s is a link to %s, which is not there",
			    link,
			    path);
		return FALSE;
	}
	if (g_str_has_prefix(path, "/dev/")) {
		g_set_error(error, FWUPD_ERROR, FWUPD_ERROR_NOT_FOUND, "%s is not there", path);
		return FALSE;
	}
	return TRUE;
}

static gchar *
fu_uc_endpoint_target_read_link(const gchar *path, GError **error)
{
	g_autofree gchar *directory = g_path_get_dirname(path);
	g_autofree gchar *target = g_file_read_link(path, error);

	if (target == NULL) {
		fwupd_error_convert(error);
		return NULL;
	}
	return g_canonicalize_filename(target, directory);
}

/**
 * fu_uc_endpoint_target_resolve:
 * @path: an absolute path
 * @error: (nullable): optional return location for an error
 *
 * Follows symbolic links at the end of @path, at most 8. What a directory on the way is a link to
 * is left to the kernel.
 *
 * Returns: (transfer full): what is to be written, which need not exist if it is a file of its own,
 * or %NULL with %FWUPD_ERROR_NOT_FOUND for a link to nothing, or %FWUPD_ERROR_NOT_SUPPORTED for
 * links that lead in a circle or that others could change
 **/
gchar *
fu_uc_endpoint_target_resolve(const gchar *path, GError **error)
{
	g_autofree gchar *now = g_strdup(path);
	g_autofree gchar *link = NULL;

	for (guint i = 0; i <= FU_UC_ENDPOINT_TARGET_LINKS_MAX; i++) {
		struct stat st = {0};

		if (!fu_uc_endpoint_target_check_directory(now, error))
			return NULL;
		if (g_lstat(now, &st) < 0) {
			if (errno != ENOENT) {
				(void)fu_uc_endpoint_slot_fail_file(now, "looked at", error);
				return NULL;
			}
			if (!fu_uc_endpoint_target_check_missing(now, link, error))
				return NULL;
			return g_steal_pointer(&now);
		}
		if (!S_ISLNK(st.st_mode))
			return g_steal_pointer(&now);
		if (!fu_uc_endpoint_target_check_link(now, &st, error))
			return NULL;
		g_free(link);
		link = g_steal_pointer(&now);
		now = fu_uc_endpoint_target_read_link(link, error);
		if (now == NULL)
			return NULL;
	}
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_NOT_SUPPORTED,
		    "%s is a link to a link, and so on; expected at most %u links",
		    path,
		    (guint)FU_UC_ENDPOINT_TARGET_LINKS_MAX);
	return NULL;
}
