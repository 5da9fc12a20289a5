/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "fu-uc-endpoint-slot.h"
#include "fu-uc-sha256.h"

/* The bytes of one slot: a block device, or a regular file of the slot's size. */

#define FU_UC_ENDPOINT_SLOT_PIECE_SIZE (1024 * 1024)	 /* bytes */
#define FU_UC_ENDPOINT_SLOT_FLUSH_SIZE (8 * 1024 * 1024) /* bytes */

typedef struct {
	const gchar *path; /* not owned */
	gint fd;
	guint64 offset;
	guint64 size;
	FuProgress *progress; /* not owned */
} FuUcEndpointSlotWriter;

static gboolean
fu_uc_endpoint_slot_fail(const gchar *path, FwupdError code, const gchar *what, GError **error)
{
	gint errsv = errno;
	g_set_error(error,
		    FWUPD_ERROR,
		    code,
		    "slot %s could not be %s: %s",
		    path,
		    what,
		    fwupd_strerror(errsv));
	return FALSE;
}

/* O_EXCL fails for a block device that is mounted */
static gint
fu_uc_endpoint_slot_open(const gchar *path, gint flags, GError **error)
{
	struct stat st = {0};
	gint fd = -1;

	if (stat(path, &st) == 0) {
		if (!S_ISBLK(st.st_mode) && !S_ISREG(st.st_mode))
			errno = EINVAL;
		else if ((flags & O_ACCMODE) != O_RDONLY && S_ISBLK(st.st_mode))
			fd = g_open(path, flags | O_EXCL | O_CLOEXEC, 0);
		else
			fd = g_open(path, flags | O_CLOEXEC, 0);
	}
	if (fd < 0)
		(void)fu_uc_endpoint_slot_fail(path, FWUPD_ERROR_NOT_FOUND, "opened", error);
	return fd;
}

/**
 * fu_uc_endpoint_slot_get_capacity:
 * @path: a slot
 * @capacity_out: (out): its size, in bytes
 * @error: (nullable): optional return location for an error
 *
 * Returns: %TRUE, or %FALSE if the slot is no block device or regular file
 **/
gboolean
fu_uc_endpoint_slot_get_capacity(const gchar *path, guint64 *capacity_out, GError **error)
{
	gint fd = fu_uc_endpoint_slot_open(path, O_RDONLY, error);
	off_t end;

	if (fd < 0)
		return FALSE;
	end = lseek(fd, 0, SEEK_END);
	(void)g_close(fd, NULL);
	if (end < 0)
		return fu_uc_endpoint_slot_fail(path, FWUPD_ERROR_READ, "measured", error);
	*capacity_out = (guint64)end;
	return TRUE;
}

/**
 * fu_uc_endpoint_slot_is_same:
 * @path_a: a slot
 * @path_b: another slot
 *
 * Returns: whether both are the same device or file, by whatever path
 **/
gboolean
fu_uc_endpoint_slot_is_same(const gchar *path_a, const gchar *path_b)
{
	struct stat st_a = {0};
	struct stat st_b = {0};

	if (stat(path_a, &st_a) < 0 || stat(path_b, &st_b) < 0)
		return g_str_equal(path_a, path_b);
	if (S_ISBLK(st_a.st_mode) && S_ISBLK(st_b.st_mode))
		return st_a.st_rdev == st_b.st_rdev;
	return st_a.st_dev == st_b.st_dev && st_a.st_ino == st_b.st_ino;
}

/**
 * fu_uc_endpoint_slot_has_path:
 * @path: a slot
 * @inside: an absolute path, which need not exist
 *
 * Returns: whether @inside, or the nearest directory above it that exists, is on the file system in
 * the slot
 **/
gboolean
fu_uc_endpoint_slot_has_path(const gchar *path, const gchar *inside)
{
	struct stat st = {0};
	struct stat st_inside = {0};
	g_autofree gchar *existing = g_strdup(inside);

	if (stat(path, &st) < 0 || !S_ISBLK(st.st_mode))
		return FALSE;
	while (stat(existing, &st_inside) < 0 && !g_str_equal(existing, "/")) {
		g_autofree gchar *parent = g_path_get_dirname(existing);
		g_free(existing);
		existing = g_steal_pointer(&parent);
	}
	return st_inside.st_dev == st.st_rdev;
}

static gboolean
fu_uc_endpoint_slot_write_cb(const guint8 *buf, gsize bufsz, gpointer user_data, GError **error)
{
	FuUcEndpointSlotWriter *writer = (FuUcEndpointSlotWriter *)user_data;
	guint64 before = writer->offset;

	while (bufsz > 0) {
		gssize done = pwrite(writer->fd, buf, bufsz, (off_t)writer->offset);
		if (done < 0 && errno == EINTR)
			continue;
		if (done == 0)
			errno = ENOSPC;
		if (done <= 0)
			return fu_uc_endpoint_slot_fail(writer->path,
							FWUPD_ERROR_WRITE,
							"written",
							error);
		buf += done;
		bufsz -= (gsize)done;
		writer->offset += (guint64)done;
	}

	/* let the disk work while the next piece is read; only a hint */
	if (before / FU_UC_ENDPOINT_SLOT_FLUSH_SIZE !=
	    writer->offset / FU_UC_ENDPOINT_SLOT_FLUSH_SIZE)
		(void)sync_file_range(writer->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	fu_progress_set_percentage_full(writer->progress, writer->offset, writer->size);
	return TRUE;
}

/**
 * fu_uc_endpoint_slot_write:
 * @path: a slot
 * @stream: what to write
 * @size: bytes in @stream
 * @progress: a #FuProgress
 * @error: (nullable): optional return location for an error
 *
 * Writes the stream to the start of the slot and waits until it is on the disk.
 *
 * Returns: %TRUE if all of it is
 **/
gboolean
fu_uc_endpoint_slot_write(const gchar *path,
			  GInputStream *stream,
			  guint64 size,
			  FuProgress *progress,
			  GError **error)
{
	FuUcEndpointSlotWriter writer = {.path = path, .size = size, .progress = progress};
	gboolean written;

	writer.fd = fu_uc_endpoint_slot_open(path, O_WRONLY, error);
	if (writer.fd < 0)
		return FALSE;
	written = fu_uc_sha256_foreach_piece(stream, fu_uc_endpoint_slot_write_cb, &writer, error);
	if (written && fdatasync(writer.fd) < 0)
		written = fu_uc_endpoint_slot_fail(path, FWUPD_ERROR_WRITE, "flushed", error);

	/* what is read back is to come from the disk */
	(void)posix_fadvise(writer.fd, 0, 0, POSIX_FADV_DONTNEED);
	if (close(writer.fd) < 0 && written)
		written = fu_uc_endpoint_slot_fail(path, FWUPD_ERROR_WRITE, "closed", error);
	return written;
}

/**
 * fu_uc_endpoint_slot_flush:
 * @path: a slot that was written by somebody who may not have waited
 * @error: (nullable): optional return location for an error
 *
 * Returns: %TRUE if all that can be read from it is on the disk
 **/
gboolean
fu_uc_endpoint_slot_flush(const gchar *path, GError **error)
{
	gint fd = fu_uc_endpoint_slot_open(path, O_RDONLY, error);
	gboolean flushed;

	if (fd < 0)
		return FALSE;
	flushed = fdatasync(fd) == 0 ||
		  fu_uc_endpoint_slot_fail(path, FWUPD_ERROR_WRITE, "flushed", error);
	(void)g_close(fd, NULL);
	return flushed;
}

static gboolean
fu_uc_endpoint_slot_hash_fd(gint fd,
			    guint64 size,
			    FuUcSha256 *sum,
			    FuProgress *progress,
			    GError **error)
{
	guint64 offset = 0;
	g_autofree guint8 *buf = g_malloc(FU_UC_ENDPOINT_SLOT_PIECE_SIZE);

	while (offset < size) {
		gsize wanted = (gsize)MIN(size - offset, FU_UC_ENDPOINT_SLOT_PIECE_SIZE);
		gssize done = pread(fd, buf, wanted, (off_t)offset);
		if (done < 0 && errno == EINTR)
			continue;
		if (done == 0)
			errno = ENODATA;
		if (done <= 0)
			return FALSE;
		fu_uc_sha256_update(sum, buf, (gsize)done);
		offset += (guint64)done;
		fu_progress_set_percentage_full(progress, offset, size);
	}
	return TRUE;
}

/**
 * fu_uc_endpoint_slot_read_sha256:
 * @path: a slot
 * @size: how many bytes from its start, at least 1
 * @progress: a #FuProgress
 * @error: (nullable): optional return location for an error
 *
 * Returns: (transfer full): the SHA-256 of what is in the slot, or %NULL if it cannot be read
 **/
gchar *
fu_uc_endpoint_slot_read_sha256(const gchar *path,
				guint64 size,
				FuProgress *progress,
				GError **error)
{
	g_autoptr(FuUcSha256) sum = fu_uc_sha256_new();
	gboolean complete;
	gint fd = fu_uc_endpoint_slot_open(path, O_RDONLY, error);

	if (fd < 0)
		return NULL;
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	complete = fu_uc_endpoint_slot_hash_fd(fd, size, sum, progress, error);
	if (!complete)
		(void)fu_uc_endpoint_slot_fail(path, FWUPD_ERROR_READ, "read back", error);
	(void)g_close(fd, NULL);
	return complete ? fu_uc_sha256_get_string(sum) : NULL;
}

/**
 * fu_uc_endpoint_slot_fail_file:
 * @path: what it is about
 * @what: what could not be done with it, such as "removed"
 * @error: (nullable): optional return location for an error
 *
 * Turns `errno` into a sentence.
 *
 * Returns: %FALSE, with %FWUPD_ERROR_WRITE
 **/
gboolean
fu_uc_endpoint_slot_fail_file(const gchar *path, const gchar *what, GError **error)
{
	gint errsv = errno;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_WRITE,
		    "%s could not be %s: %s",
		    path,
		    what,
		    fwupd_strerror(errsv));
	return FALSE;
}

/**
 * fu_uc_endpoint_slot_check_free:
 * @directory: where something is to be written
 * @size: in bytes
 * @what: what it is, for people
 * @error: (nullable): optional return location for an error
 *
 * Returns: %TRUE if there is room for it now, or %FALSE with %FWUPD_ERROR_WRITE and a sentence that
 * has both sizes
 **/
gboolean
fu_uc_endpoint_slot_check_free(const gchar *directory,
			       guint64 size,
			       const gchar *what,
			       GError **error)
{
	struct statvfs vfs = {0};
	guint64 available;

	if (statvfs(directory, &vfs) < 0)
		return fu_uc_endpoint_slot_fail_file(directory, "measured", error);
	available = (guint64)vfs.f_bavail * vfs.f_frsize;
	if (size <= available)
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_WRITE,
		    "%s needs %" G_GUINT64_FORMAT " bytes, but in %s only %" G_GUINT64_FORMAT
		    " are free",
		    what,
		    size,
		    directory,
		    available);
	return FALSE;
}

/**
 * fu_uc_endpoint_slot_sync_directory:
 * @path: a file
 * @error: (nullable): optional return location for an error
 *
 * Waits until what was made, renamed or removed as @path is on the disk.
 *
 * Returns: %TRUE for success
 **/
gboolean
fu_uc_endpoint_slot_sync_directory(const gchar *path, GError **error)
{
	g_autofree gchar *directory = g_path_get_dirname(path);
	gint fd = g_open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	gboolean synced = fd >= 0 && fsync(fd) == 0;

	if (!synced)
		(void)fu_uc_endpoint_slot_fail_file(directory, "flushed", error);
	if (fd >= 0)
		(void)g_close(fd, NULL);
	return synced;
}
