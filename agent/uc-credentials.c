/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The password for the external URL. It comes from systemd's credential store (systemd.exec(5),
 * LoadCredential=) or from a file that nobody but its owner can read, never from a configuration
 * file, a command line or an environment variable, and it is never logged.
 */

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "uc-credentials.h"
#include "uc-error.h"
#include "uc-limits.h"
#include "uc-paths.h"

static gboolean
uc_credentials_check_file(const gchar *path, const struct stat *status, GError **error)
{
	if (S_ISREG(status->st_mode) && (status->st_mode & 077) == 0 &&
	    (status->st_uid == 0 || status->st_uid == geteuid()) &&
	    status->st_size <= UC_LIMIT_STRING_BYTES)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_REFUSED,
		    "%s is not used: expected a file of the agent's user with mode 0600 and at most %d bytes; "
		    "run chmod 0600 and change the password",
		    path,
		    UC_LIMIT_STRING_BYTES);
	return FALSE;
}

static gchar *
uc_credentials_read_fd(const gchar *path, gint fd, GError **error)
{
	gchar text[UC_LIMIT_STRING_BYTES + 1] = {0};
	gssize size_bytes = read(fd, text, UC_LIMIT_STRING_BYTES);

	if (size_bytes < 0) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_FAILED,
			    "cannot read %s: %s",
			    path,
			    g_strerror(errno));
		return NULL;
	}
	g_strchomp(text);
	for (const gchar *c = text; *c != '\0'; c++) {
		if (!g_ascii_iscntrl(*c))
			continue;
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "%s has a control character, expected a password on one line",
			    path);
		return NULL;
	}
	return g_strdup(text);
}

/* a file that is not there is no error */
static gchar *
uc_credentials_read(const gchar *path, gboolean is_private, GError **error)
{
	gint fd = g_open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0);
	struct stat status;
	gchar *text = NULL;

	if (fd < 0 && errno == ENOENT)
		return NULL;
	if (fd < 0 || fstat(fd, &status) != 0)
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_FAILED,
			    "cannot open %s: %s",
			    path,
			    g_strerror(errno));
	else if (!is_private || uc_credentials_check_file(path, &status, error))
		text = uc_credentials_read_fd(path, fd, error);
	if (fd >= 0)
		(void)close(fd);
	return text;
}

/**
 * uc_credentials_load:
 * @error: set to %UC_ERROR_REFUSED for a file that others can read, %UC_ERROR_INVALID or
 *   %UC_ERROR_FAILED
 *
 * Returns: (transfer full) (nullable): the password; %NULL without @error when there is none
 */
gchar *
uc_credentials_load(GError **error)
{
	const gchar *dir = g_getenv("CREDENTIALS_DIRECTORY");
	g_autofree gchar *file = uc_path_state(UC_CREDENTIALS_FILE);
	g_autofree gchar *credential = NULL;
	g_autoptr(GError) error_read = NULL;
	gchar *text = NULL;

	if (dir != NULL) {
		credential = g_build_filename(dir, UC_CREDENTIALS_NAME, NULL);
		/* systemd guards that directory itself, by mode or by ACL */
		text = uc_credentials_read(credential, FALSE, &error_read);
	}
	if (text != NULL)
		return text;
	if (error_read != NULL) {
		g_propagate_error(error, g_steal_pointer(&error_read));
		return NULL;
	}
	return uc_credentials_read(file, TRUE, error);
}

/**
 * uc_credentials_remove:
 * @error: set to %UC_ERROR_FAILED
 *
 * Removes the file. What systemd's credential store holds is an administrator's to remove.
 */
gboolean
uc_credentials_remove(GError **error)
{
	g_autofree gchar *file = uc_path_state(UC_CREDENTIALS_FILE);

	if (g_unlink(file) == 0 || errno == ENOENT)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_FAILED,
		    "cannot remove %s: %s",
		    file,
		    g_strerror(errno));
	return FALSE;
}
