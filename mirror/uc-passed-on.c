/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Remotes that are passed on as somebody else signed them: metadata and jcat unchanged, and beside
 * them the cabs under the names that the metadata has. A state is a directory that is whole before
 * the link `current` leads to it, and a publication takes it as it is, so that what is served is
 * never of two states:
 *
 *   passed-on/NAME/state-N/   metadata, jcat, cabs
 *   passed-on/NAME/current -> state-N
 */

#include <string.h>
#include <unistd.h>

#include "uc-file.h"
#include "uc-passed-on.h"

#define UC_PASSED_ON_TREE	  "remotes"
#define UC_PASSED_ON_STATE_PREFIX "state-"
#define UC_PASSED_ON_NAME_CHARS	  32
#define UC_PASSED_ON_FILE_CHARS	  200
#define UC_PASSED_ON_DIGITS	  "0123456789"
#define UC_PASSED_ON_LOWER	  "abcdefghijklmnopqrstuvwxyz" UC_PASSED_ON_DIGITS
#define UC_PASSED_ON_PLAIN	  UC_PASSED_ON_LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ._-"

/**
 * uc_passed_on_is_name:
 * @name: what somebody calls a remote
 *
 * Returns: whether it is 1 to 32 lower-case letters, digits and `-`, and begins with a letter
 */
gboolean
uc_passed_on_is_name(const gchar *name)
{
	return g_ascii_islower(name[0]) && strlen(name) <= UC_PASSED_ON_NAME_CHARS &&
	       strspn(name, UC_PASSED_ON_LOWER "-") == strlen(name);
}

/**
 * uc_passed_on_get_file_name:
 * @location: of a file, relative or absolute
 *
 * fwupd replaces all but the last element of a location by the remote's FirmwareBaseURI.
 *
 * Returns: (transfer full) (nullable): that element, %NULL if it is not 1 to 200 letters, digits
 *   and `._-`, or begins with a dot
 */
gchar *
uc_passed_on_get_file_name(const gchar *location)
{
	const gchar *slash = strrchr(location, '/');
	const gchar *name = slash != NULL ? slash + 1 : location;

	if (name[0] == '\0' || name[0] == '.' || strlen(name) > UC_PASSED_ON_FILE_CHARS ||
	    strspn(name, UC_PASSED_ON_PLAIN) != strlen(name))
		return NULL;
	return g_strdup(name);
}

static gboolean
uc_passed_on_fill(const UcPassedOn *state, const gchar *dir, GError **error)
{
	g_autofree gchar *metadata = g_build_filename(dir, state->metadata_name, NULL);
	g_autofree gchar *jcat = g_strconcat(metadata, ".jcat", NULL);
	GHashTableIter iter;
	gpointer name = NULL;
	gpointer from = NULL;

	if (!uc_file_make_dir(dir, 0755, error) ||
	    !uc_file_write(metadata, state->metadata, error) ||
	    !uc_file_write(jcat, state->jcat, error))
		return FALSE;
	g_hash_table_iter_init(&iter, state->cabs);
	while (g_hash_table_iter_next(&iter, &name, &from)) {
		g_autofree gchar *to = g_build_filename(dir, name, NULL);

		if (!uc_file_link(from, to, error))
			return FALSE;
	}
	return uc_file_sync_dir(dir, error);
}

/* (transfer full) (nullable): the state that counts, %NULL where there is none yet */
static gchar *
uc_passed_on_read_current(const gchar *dir)
{
	g_autofree gchar *link = g_build_filename(dir, "current", NULL);
	g_autofree gchar *state = g_file_read_link(link, NULL);

	if (state == NULL || !g_str_has_prefix(state, UC_PASSED_ON_STATE_PREFIX) ||
	    strchr(state, '/') != NULL)
		return NULL;
	return g_steal_pointer(&state);
}

/* (transfer full): a name that the state before does not have */
static gchar *
uc_passed_on_get_next(const gchar *dir)
{
	g_autofree gchar *state = uc_passed_on_read_current(dir);
	guint64 number = 0;

	if (state != NULL)
		number = g_ascii_strtoull(state + strlen(UC_PASSED_ON_STATE_PREFIX), NULL, 10);
	return g_strdup_printf(UC_PASSED_ON_STATE_PREFIX "%" G_GUINT64_FORMAT, number + 1);
}

static gboolean
uc_passed_on_switch(const gchar *dir, const gchar *state, GError **error)
{
	g_autofree gchar *current = g_build_filename(dir, "current", NULL);

	return uc_file_replace_link(state, current, error);
}

/* a failure only leaves them there */
static void
uc_passed_on_remove_old(const gchar *dir, const gchar *state)
{
	g_autoptr(GDir) handle = g_dir_open(dir, 0, NULL);
	const gchar *name = NULL;

	while (handle != NULL && (name = g_dir_read_name(handle)) != NULL) {
		g_autofree gchar *path = g_build_filename(dir, name, NULL);
		g_autoptr(GError) error = NULL;

		if (!g_str_has_prefix(name, UC_PASSED_ON_STATE_PREFIX) || g_str_equal(name, state))
			continue;
		if (!uc_mirror_remove_tree(path, &error))
			g_warning("cannot remove %s: %s", path, error->message);
	}
}

/**
 * uc_passed_on_store:
 * @mirror: a mirror; its lock is taken
 * @state: what the next publication is to pass on; the directory of its name exists
 * @error: set to %UC_ERROR_TEMPORARY (another command is at work) or an error of this machine; the
 *   state before counts still
 *
 * Puts a whole state in the place of the one before.
 */
gboolean
uc_passed_on_store(const UcMirror *mirror, const UcPassedOn *state, GError **error)
{
	g_autoptr(UcMirrorLock) lock = uc_mirror_lock(mirror, error);
	g_autofree gchar *dir = uc_mirror_path(mirror, UC_PASSED_ON_DIR, state->name, NULL);
	g_autofree gchar *next = uc_passed_on_get_next(dir);
	g_autofree gchar *aside = g_build_filename(dir, "new", NULL);
	g_autofree gchar *path = g_build_filename(dir, next, NULL);

	if (lock == NULL || !uc_mirror_remove_tree(aside, error) ||
	    !uc_mirror_remove_tree(path, error) || !uc_passed_on_fill(state, aside, error) ||
	    !uc_file_rename(aside, path, error) || !uc_passed_on_switch(dir, next, error))
		return FALSE;
	uc_passed_on_remove_old(dir, next);
	return TRUE;
}

static gboolean
uc_passed_on_link_all(const gchar *from_dir, const gchar *to_dir, GError **error)
{
	g_autoptr(GDir) dir = g_dir_open(from_dir, 0, error);
	const gchar *name = NULL;

	if (dir == NULL || !uc_file_make_dir(to_dir, 0755, error))
		return FALSE;
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree gchar *from = g_build_filename(from_dir, name, NULL);
		g_autofree gchar *to = g_build_filename(to_dir, name, NULL);

		if (!uc_file_link(from, to, error))
			return FALSE;
	}
	return uc_file_sync_dir(to_dir, error);
}

/**
 * uc_passed_on_publish:
 * @mirror: a mirror, locked
 * @tree: directory of the new tree
 * @error: set to an error of this machine
 *
 * Puts the states of all remotes that are passed on into a tree, as `remotes/NAME/`.
 */
gboolean
uc_passed_on_publish(const UcMirror *mirror, const gchar *tree, GError **error)
{
	g_autofree gchar *from = uc_mirror_path(mirror, UC_PASSED_ON_DIR, NULL);
	g_autofree gchar *to = g_build_filename(tree, UC_PASSED_ON_TREE, NULL);
	g_autoptr(GDir) dir = g_dir_open(from, 0, NULL);
	const gchar *name = NULL;

	if (dir == NULL)
		return TRUE;
	if (!uc_file_make_dir(to, 0755, error))
		return FALSE;
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree gchar *from_remote = g_build_filename(from, name, NULL);
		g_autofree gchar *to_remote = g_build_filename(to, name, NULL);
		g_autofree gchar *state = uc_passed_on_read_current(from_remote);
		g_autofree gchar *from_state = NULL;

		if (state == NULL || !uc_passed_on_is_name(name))
			continue;
		from_state = g_build_filename(from_remote, state, NULL);
		if (!uc_passed_on_link_all(from_state, to_remote, error))
			return FALSE;
	}
	return uc_file_sync_dir(to, error);
}
