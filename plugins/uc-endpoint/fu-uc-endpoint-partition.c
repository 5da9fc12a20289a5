/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

#include "fu-uc-endpoint-partition.h"
#include "fu-uc-endpoint-slot.h"

/* A partition that is overwritten in place, as nothing can take its place in one step. What it had
 * is kept in a file until what was written is verified:
 *
 * 1. copy beside the kept file, flushed, read back, renamed: from now on the old content counts;
 * 2. the partition is written, flushed, read back;
 * 3. the kept file is removed: from now on the new content counts.
 *
 * Whoever finds a kept file writes it back. */

#define FU_UC_ENDPOINT_PARTITION_ROOM (64 * 1024) /* bytes, for the state beside it */

/**
 * fu_uc_endpoint_partition_check:
 * @target: a partition
 * @keep: where its old content is to be kept, in a directory that exists
 * @size: of an image, in bytes
 * @error: (nullable): optional return location for an error
 *
 * Returns: %TRUE if the image has a place and the old content, too; %FALSE with a sentence that has
 * the sizes, and %FWUPD_ERROR_NOT_SUPPORTED for good or %FWUPD_ERROR_WRITE until there is room
 **/
gboolean
fu_uc_endpoint_partition_check(const gchar *target, const gchar *keep, guint64 size, GError **error)
{
	guint64 capacity = 0;
	g_autofree gchar *directory = g_path_get_dirname(keep);

	if (!fu_uc_endpoint_slot_get_capacity(target, &capacity, error))
		return FALSE;
	if (size > capacity) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_NOT_SUPPORTED,
			    "firmware has %" G_GUINT64_FORMAT " bytes, %s only %" G_GUINT64_FORMAT,
			    size,
			    target,
			    capacity);
		return FALSE;
	}
	if (fu_uc_endpoint_slot_has_path(target, directory)) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_NOT_SUPPORTED,
			    "%s has the file system with %s, where its old content would be kept",
			    target,
			    directory);
		return FALSE;
	}
	return fu_uc_endpoint_slot_check_free(directory,
					      size + FU_UC_ENDPOINT_PARTITION_ROOM,
					      "what the partition has now, and keeps until the "
					      "new content is verified,",
					      error);
}

/* the first bytes of a file or device into another one, flushed and read back */
static gboolean
fu_uc_endpoint_partition_copy(const gchar *from, const gchar *to, guint64 size, GError **error)
{
	g_autofree gchar *sha256_from = NULL;
	g_autofree gchar *sha256_to = NULL;
	g_autoptr(GFile) file = g_file_new_for_path(from);
	g_autoptr(GFileInputStream) all = NULL;
	g_autoptr(GInputStream) stream = NULL;
	g_autoptr(FuProgress) progress = fu_progress_new(G_STRLOC);

	if (size == 0)
		return TRUE;
	all = g_file_read(file, NULL, error);
	if (all == NULL) {
		fwupd_error_convert(error);
		return FALSE;
	}
	stream = fu_partial_input_stream_new(G_INPUT_STREAM(all), 0, size, error);
	if (stream == NULL)
		return FALSE;
	if (!fu_uc_endpoint_slot_write(to, stream, size, progress, error))
		return FALSE;
	sha256_from = fu_uc_endpoint_slot_read_sha256(from, size, progress, error);
	if (sha256_from == NULL)
		return FALSE;
	sha256_to = fu_uc_endpoint_slot_read_sha256(to, size, progress, error);
	if (sha256_to == NULL)
		return FALSE;
	if (g_str_equal(sha256_from, sha256_to))
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_WRITE,
		    "%s has SHA-256 %s, expected that of %s, %s; replace the disk if it happens "
		    "again",
		    to,
		    sha256_to,
		    from,
		    sha256_from);
	return FALSE;
}

/**
 * fu_uc_endpoint_partition_keep:
 * @target: a partition that is to be overwritten
 * @keep: a file
 * @size: how many bytes from its start
 * @error: (nullable): optional return location for an error
 *
 * Copies what will be overwritten to @keep, and waits until that is on the disk.
 *
 * Returns: %TRUE if it is, verified
 **/
gboolean
fu_uc_endpoint_partition_keep(const gchar *target, const gchar *keep, guint64 size, GError **error)
{
	g_autofree gchar *aside = g_strconcat(keep, ".new", NULL);
	gint fd = g_open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		return fu_uc_endpoint_slot_fail_file(aside, "created", error);
	(void)g_close(fd, NULL);
	if (!fu_uc_endpoint_partition_copy(target, aside, size, error)) {
		(void)g_unlink(aside);
		return FALSE;
	}
	if (g_rename(aside, keep) < 0)
		return fu_uc_endpoint_slot_fail_file(keep, "written", error);
	return fu_uc_endpoint_slot_sync_directory(keep, error);
}

/**
 * fu_uc_endpoint_partition_drop:
 * @keep: a file
 * @error: (nullable): optional return location for an error
 *
 * The new content is verified, and counts.
 *
 * Returns: %TRUE if @keep is certainly gone
 **/
gboolean
fu_uc_endpoint_partition_drop(const gchar *keep, GError **error)
{
	if (g_unlink(keep) < 0 && errno != ENOENT)
		return fu_uc_endpoint_slot_fail_file(keep, "removed", error);
	return fu_uc_endpoint_slot_sync_directory(keep, error);
}

/**
 * fu_uc_endpoint_partition_recover:
 * @target: a partition
 * @keep: a file, which need not exist
 * @error: (nullable): optional return location for an error
 *
 * If a write was cut off, puts back what was there before it. Blocks as long as that takes.
 *
 * Returns: %TRUE if @target has one whole content; otherwise @keep stays for another try
 **/
gboolean
fu_uc_endpoint_partition_recover(const gchar *target, const gchar *keep, GError **error)
{
	struct stat st = {0};
	g_autofree gchar *aside = g_strconcat(keep, ".new", NULL);

	(void)g_unlink(aside);
	if (g_stat(keep, &st) < 0)
		return errno == ENOENT ? TRUE
				       : fu_uc_endpoint_slot_fail_file(keep, "looked at", error);
	g_info("%s is put back to what it had before", target);
	if (!fu_uc_endpoint_partition_copy(keep, target, (guint64)st.st_size, error)) {
		g_prefix_error(error,
			       "%s was not written to the end, and what it had before could not be "
			       "put back from %s: ",
			       target,
			       keep);
		return FALSE;
	}
	return fu_uc_endpoint_partition_drop(keep, error);
}
