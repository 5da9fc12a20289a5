/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Secrets on disk: a file that nobody but its owner can read, or a credential of systemd's
 * (systemd.exec(5), LoadCredential=), whose directory systemd guards itself, by mode or by ACL.
 * Never a configuration file, a command line or an environment variable. What is read is never
 * logged, nor part of an error.
 */

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "uc-error.h"
#include "uc-private-file.h"

static gboolean
uc_private_file_check(const gchar *path,
		      const struct stat *status,
		      gboolean is_guarded,
		      gsize max_bytes,
		      GError **error)
{
	gboolean is_private =
	    (status->st_mode & 077) == 0 && (status->st_uid == 0 || status->st_uid == geteuid());

	if (S_ISREG(status->st_mode) && (is_private || is_guarded) &&
	    (guint64)status->st_size <= max_bytes)
		return TRUE;
	g_set_error(
	    error,
	    UC_ERROR,
	    UC_ERROR_REFUSED,
	    "%s is not used: expected a file of root or of this user with mode 0600 and at most "
	    "%" G_GSIZE_FORMAT " bytes; run chmod 0600 and change the secret in it",
	    path,
	    max_bytes);
	return FALSE;
}

static gboolean
uc_private_file_fail(const gchar *path, GError **error)
{
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_FAILED,
		    "cannot read %s: %s",
		    path,
		    g_strerror(errno));
	return FALSE;
}

static gboolean
uc_private_file_read_fd(const gchar *path,
			gint fd,
			gsize max_bytes,
			gchar **text_out,
			GError **error)
{
	g_autofree gchar *text = g_malloc0(max_bytes + 1);
	gsize done_bytes = 0;

	while (done_bytes < max_bytes) {
		gssize size_bytes = read(fd, text + done_bytes, max_bytes - done_bytes);

		if (size_bytes < 0 && errno == EINTR)
			continue;
		if (size_bytes < 0)
			return uc_private_file_fail(path, error);
		if (size_bytes == 0)
			break;
		done_bytes += (gsize)size_bytes;
	}
	*text_out = g_steal_pointer(&text);
	return TRUE;
}

static gboolean
uc_private_file_load(const gchar *path,
		     gboolean is_guarded,
		     gsize max_bytes,
		     gchar **text_out,
		     GError **error)
{
	gint fd = g_open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0);
	struct stat status;
	gboolean done = FALSE;

	*text_out = NULL;
	if (fd < 0 && errno == ENOENT)
		return TRUE;
	if (fd < 0 || fstat(fd, &status) != 0)
		(void)uc_private_file_fail(path, error);
	else
		done = uc_private_file_check(path, &status, is_guarded, max_bytes, error) &&
		       uc_private_file_read_fd(path, fd, max_bytes, text_out, error);
	if (fd >= 0)
		(void)close(fd);
	return done;
}

/**
 * uc_private_file_read:
 * @path: absolute path of a file; a symbolic link is not followed
 * @max_bytes: its limit
 * @text_out: (out) (nullable): all of it up to the first NUL, %NULL when there is no such file
 * @error: set to %UC_ERROR_REFUSED for a file that others can read or that is too large,
 *   %UC_ERROR_FAILED when it cannot be read
 *
 * Reads a secret. Blocks for a disk.
 *
 * Returns: %FALSE when there is one that cannot be used
 */
gboolean
uc_private_file_read(const gchar *path, gsize max_bytes, gchar **text_out, GError **error)
{
	return uc_private_file_load(path, FALSE, max_bytes, text_out, error);
}

/**
 * uc_private_file_read_credential:
 * @name: of a credential of systemd's, without a slash
 * @max_bytes: its limit
 * @text_out: (out) (nullable): all of it up to the first NUL, %NULL when there is none of that name
 * @error: as uc_private_file_read()
 *
 * The same for what systemd gave to this service.
 *
 * Returns: %FALSE when there is one that cannot be used
 */
gboolean
uc_private_file_read_credential(const gchar *name,
				gsize max_bytes,
				gchar **text_out,
				GError **error)
{
	const gchar *dir = g_getenv("CREDENTIALS_DIRECTORY");
	g_autofree gchar *path = dir != NULL ? g_build_filename(dir, name, NULL) : NULL;

	*text_out = NULL;
	return path == NULL || uc_private_file_load(path, TRUE, max_bytes, text_out, error);
}
