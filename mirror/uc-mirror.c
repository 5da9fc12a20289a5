/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "uc-error.h"
#include "uc-file.h"
#include "uc-key-file.h"
#include "uc-mirror.h"

#define UC_MIRROR_LOCK_MS     10000
#define UC_MIRROR_LOCK_TRY_MS 50
#define UC_MIRROR_SWEEP_SECS  600 /* not what somebody without the lock may be writing */

struct _UcMirrorLock {
	gint fd;
};

void
uc_mirror_free(UcMirror *self)
{
	g_free(self->root);
	g_free(self->organisation);
	g_clear_pointer(&self->database, uc_database_free);
	g_free(self);
}

/**
 * uc_mirror_open:
 * @root: directory of a mirror
 * @error: set to %UC_ERROR_NOT_FOUND if there is none, or %UC_ERROR_FAILED
 *
 * Returns: (transfer full): the mirror
 */
UcMirror *
uc_mirror_open(const gchar *root, GError **error)
{
	g_autoptr(UcMirror) self = g_new0(UcMirror, 1);
	g_autofree gchar *path = NULL;

	self->root = g_canonicalize_filename(root, NULL);
	path = g_build_filename(self->root, "mirror.db", NULL);
	if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_NOT_FOUND,
			    "there is no mirror in %s; make one with 'ucupdates-mirror --root=%s "
			    "init --organisation=DOMAIN'",
			    self->root,
			    self->root);
		return NULL;
	}
	self->database = uc_database_open(path, error);
	if (self->database == NULL ||
	    !uc_database_get_meta(self->database, "organisation", &self->organisation, error))
		return NULL;
	return g_steal_pointer(&self);
}

/**
 * uc_mirror_path:
 * @name: the first element
 * @...: further ones, then %NULL
 *
 * Returns: (transfer full): the path below the mirror's directory
 */
gchar *
uc_mirror_path(const UcMirror *self, const gchar *name, ...)
{
	g_autofree gchar *rest = NULL;
	va_list args;

	va_start(args, name);
	rest = g_build_filename_valist(name, &args);
	va_end(args);
	return g_build_filename(self->root, rest, NULL);
}

/**
 * uc_mirror_load_key:
 * @purpose: what for
 * @error: set to `G_FILE_ERROR`
 *
 * Returns: (transfer full): the leaf certificate of that purpose with its key
 */
UcX509 *
uc_mirror_load_key(const UcMirror *self, UcAnchor purpose, GError **error)
{
	return uc_key_file_load(self->root, purpose, UC_KEY_FILE_LEAF, error);
}

static UcMirrorLock *
uc_mirror_lock_file(const UcMirror *self, const gchar *name, GError **error)
{
	g_autofree gchar *path = uc_mirror_path(self, name, NULL);
	gint fd = g_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	UcMirrorLock *lock = NULL;
	gint rc = -1;

	for (guint i = 0; fd >= 0 && rc != 0 && i < UC_MIRROR_LOCK_MS / UC_MIRROR_LOCK_TRY_MS;
	     i++) {
		if (i > 0)
			g_usleep(UC_MIRROR_LOCK_TRY_MS * 1000);
		rc = flock(fd, LOCK_EX | LOCK_NB);
	}
	if (rc != 0) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_TEMPORARY,
			    "%s cannot be locked: %s; another command is at work on this mirror, "
			    "try again when it is done",
			    path,
			    g_strerror(errno));
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	lock = g_new0(UcMirrorLock, 1);
	lock->fd = fd;
	return lock;
}

/* of @name and of each directory in it */
static void
uc_mirror_sweep_dirs(const UcMirror *self, const gchar *name)
{
	static const gchar *const endings[] = {".json", ".pem", ".key", ".new", NULL};
	g_autofree gchar *dir = uc_mirror_path(self, name, NULL);
	g_autoptr(GDir) handle = g_dir_open(dir, 0, NULL);
	const gchar *child = NULL;

	while (handle != NULL && (child = g_dir_read_name(handle)) != NULL) {
		g_autofree gchar *path = g_build_filename(dir, child, NULL);

		uc_file_sweep(path, endings, UC_MIRROR_SWEEP_SECS);
	}
	uc_file_sweep(dir, endings, UC_MIRROR_SWEEP_SECS);
}

/* what a command left that was killed while it wrote: a copy of a private key, for one */
static void
uc_mirror_sweep(const UcMirror *self)
{
	uc_mirror_sweep_dirs(self, "keys");
	uc_mirror_sweep_dirs(self, "trust");
}

/**
 * uc_mirror_lock:
 * @error: set to %UC_ERROR_TEMPORARY when another process held it for 10 s
 *
 * Whoever has it also removes what one that was killed has left of a key or an anchor.
 *
 * Returns: (transfer full): the lock
 */
UcMirrorLock *
uc_mirror_lock(const UcMirror *self, GError **error)
{
	UcMirrorLock *lock = uc_mirror_lock_file(self, "lock", error);

	if (lock != NULL)
		uc_mirror_sweep(self);
	return lock;
}

/**
 * uc_mirror_lock_sync:
 * @error: set to %UC_ERROR_TEMPORARY when another process held it for 10 s
 *
 * Returns: (transfer full): another lock, which is held while packages are fetched; may take hours
 */
UcMirrorLock *
uc_mirror_lock_sync(const UcMirror *self, GError **error)
{
	return uc_mirror_lock_file(self, "lock-sync", error);
}

void
uc_mirror_unlock(UcMirrorLock *lock)
{
	close(lock->fd);
	g_free(lock);
}

/**
 * uc_mirror_remove_tree:
 * @path: a file or directory, which need not exist; symbolic links are not followed
 * @error: set to `G_IO_ERROR`
 */
gboolean
uc_mirror_remove_tree(const gchar *path, GError **error)
{
	g_autoptr(GFile) file = g_file_new_for_path(path);
	g_autoptr(GError) error_delete = NULL;

	if (g_file_test(path, G_FILE_TEST_IS_DIR) && !g_file_test(path, G_FILE_TEST_IS_SYMLINK)) {
		g_autoptr(GDir) dir = g_dir_open(path, 0, error);
		const gchar *name = NULL;

		if (dir == NULL)
			return FALSE;
		while ((name = g_dir_read_name(dir)) != NULL) {
			g_autofree gchar *child = g_build_filename(path, name, NULL);

			if (!uc_mirror_remove_tree(child, error))
				return FALSE;
		}
	}
	if (g_file_delete(file, NULL, &error_delete) ||
	    g_error_matches(error_delete, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&error_delete));
	return FALSE;
}
