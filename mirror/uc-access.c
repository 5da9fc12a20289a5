/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Who may ask from outside the organisation's networks: `ROOT/access`, one `user:hash` to a line,
 * hashed by crypt(3), which is the format of a web server's password file too. The file is for its
 * owner only, and its owner is that of the database: the service reads it.
 */

#include <crypt.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "uc-access.h"
#include "uc-audit.h"
#include "uc-error.h"
#include "uc-file.h"
#include "uc-limits.h"

/* SHA-512 in 5000 rounds, some milliseconds: a web server's crypt(3) knows it as well */
#define UC_ACCESS_METHOD     "$6$"
#define UC_ACCESS_FILE_BYTES ((gsize)UC_ACCESS_USERS_MAX * 512)

struct _UcAccess {
	GHashTable *hashes; /* (element-type utf8 utf8): user to hash */
};

void
uc_access_free(UcAccess *self)
{
	g_clear_pointer(&self->hashes, g_hash_table_unref);
	g_free(self);
}

/**
 * uc_access_get_path:
 *
 * Returns: (transfer full): where the users are; it need not exist
 */
gchar *
uc_access_get_path(const UcMirror *mirror)
{
	return uc_mirror_path(mirror, "access", NULL);
}

static gboolean
uc_access_is_user(const gchar *user)
{
	gsize length = strlen(user);

	if (length < 1 || length > UC_ACCESS_USER_MAX || strchr(user, ':') != NULL ||
	    !g_utf8_validate(user, -1, NULL))
		return FALSE;
	for (gsize i = 0; i < length; i++) {
		if (g_ascii_iscntrl(user[i]))
			return FALSE;
	}
	return TRUE;
}

static gboolean
uc_access_parse(UcAccess *self, const gchar *path, const gchar *text, GError **error)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (guint i = 0; lines[i] != NULL; i++) {
		g_auto(GStrv) parts = g_strsplit(lines[i], ":", 2);

		if (lines[i][0] == '\0' || lines[i][0] == '#')
			continue;
		if (g_strv_length(parts) != 2 || !uc_access_is_user(parts[0]) ||
		    parts[1][0] != '$' || g_hash_table_size(self->hashes) >= UC_ACCESS_USERS_MAX) {
			g_set_error(error,
				    UC_ERROR,
				    UC_ERROR_INVALID,
				    "%s line %u: expected USER:HASH with a hash of crypt(3), at "
				    "most %d of them",
				    path,
				    i + 1,
				    UC_ACCESS_USERS_MAX);
			return FALSE;
		}
		g_hash_table_replace(self->hashes, g_strdup(parts[0]), g_strdup(parts[1]));
	}
	return TRUE;
}

/**
 * uc_access_load:
 * @path: a file of users; where there is none there are none
 * @error: set to %UC_ERROR_INVALID with the line, %UC_ERROR_LIMIT or `G_FILE_ERROR`
 *
 * Returns: (transfer full): the users, or %NULL
 */
UcAccess *
uc_access_load(const gchar *path, GError **error)
{
	g_autoptr(UcAccess) self = g_new0(UcAccess, 1);
	g_autoptr(GError) error_read = NULL;
	g_autofree gchar *text = NULL;
	gsize size_bytes = 0;

	self->hashes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	if (!g_file_get_contents(path, &text, &size_bytes, &error_read)) {
		if (g_error_matches(error_read, G_FILE_ERROR, G_FILE_ERROR_NOENT))
			return g_steal_pointer(&self);
		g_propagate_error(error, g_steal_pointer(&error_read));
		return NULL;
	}
	if (size_bytes > UC_ACCESS_FILE_BYTES) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_LIMIT,
			    "%s has %" G_GSIZE_FORMAT " bytes, expected at most %" G_GSIZE_FORMAT,
			    path,
			    size_bytes,
			    UC_ACCESS_FILE_BYTES);
		return NULL;
	}
	return uc_access_parse(self, path, text, error) ? g_steal_pointer(&self) : NULL;
}

static gint
uc_access_compare(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(*(const gchar *const *)a, *(const gchar *const *)b);
}

/**
 * uc_access_list:
 *
 * Returns: (transfer container) (element-type utf8): the users by name, not owned
 */
GPtrArray *
uc_access_list(UcAccess *self)
{
	GPtrArray *users = g_ptr_array_new();
	GHashTableIter iter;
	gpointer user = NULL;

	g_hash_table_iter_init(&iter, self->hashes);
	while (g_hash_table_iter_next(&iter, &user, NULL))
		g_ptr_array_add(users, user);
	g_ptr_array_sort(users, uc_access_compare);
	return users;
}

/* as long for one who does not exist, so that the time does not tell who does */
static gchar *
uc_access_hash(const gchar *secret, const gchar *setting)
{
	g_autofree struct crypt_data *data = g_new0(struct crypt_data, 1);

	return g_strdup(crypt_r(secret, setting, data));
}

static gboolean
uc_access_is_equal(const gchar *a, const gchar *b)
{
	gsize length = strlen(a);
	guint8 different = 0;

	if (length != strlen(b))
		return FALSE;
	for (gsize i = 0; i < length; i++)
		different |= (guint8)a[i] ^ (guint8)b[i];
	return different == 0;
}

/**
 * uc_access_verify:
 * @user: a name
 * @secret: what they say is their password
 *
 * Takes some milliseconds.
 *
 * Returns: whether it is
 */
gboolean
uc_access_verify(UcAccess *self, const gchar *user, const gchar *secret)
{
	const gchar *hash = g_hash_table_lookup(self->hashes, user);
	g_autofree gchar *got = uc_access_hash(secret, hash != NULL ? hash : "$6$nobody$");

	/* an invalid setting gives "*0", which is no hash of anything */
	return hash != NULL && got != NULL && got[0] == '$' && uc_access_is_equal(got, hash);
}

static gchar *
uc_access_make_hash(const gchar *secret, GError **error)
{
	gchar setting[CRYPT_GENSALT_OUTPUT_SIZE] = {0};
	g_autofree gchar *hash = NULL;

	if (crypt_gensalt_rn(UC_ACCESS_METHOD, 0, NULL, 0, setting, sizeof(setting)) != NULL)
		hash = uc_access_hash(secret, setting);
	if (hash != NULL && hash[0] == '$')
		return g_steal_pointer(&hash);
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_FAILED,
		    "cannot hash a password: %s",
		    g_strerror(errno));
	return NULL;
}

static gboolean
uc_access_chown(const UcMirror *mirror, const gchar *path, GError **error)
{
	g_autofree gchar *database = uc_mirror_path(mirror, "mirror.db", NULL);
	GStatBuf owner = {0};

	if (g_stat(database, &owner) == 0 && chown(path, owner.st_uid, owner.st_gid) == 0)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_FAILED,
		    "cannot give %s to the owner of %s: %s",
		    path,
		    database,
		    g_strerror(errno));
	return FALSE;
}

static gboolean
uc_access_save(UcAccess *self, const UcMirror *mirror, GError **error)
{
	g_autofree gchar *path = uc_access_get_path(mirror);
	g_autofree gchar *aside = g_strconcat(path, ".new", NULL);
	g_autoptr(GPtrArray) users = uc_access_list(self);
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GBytes) bytes = NULL;

	for (guint i = 0; i < users->len; i++) {
		const gchar *user = g_ptr_array_index(users, i);
		const gchar *hash = g_hash_table_lookup(self->hashes, user);

		g_string_append_printf(text, "%s:%s\n", user, hash);
	}
	bytes = g_string_free_to_bytes(g_steal_pointer(&text));
	return uc_file_replace(aside, bytes, 0600, error) &&
	       uc_access_chown(mirror, aside, error) && uc_file_rename(aside, path, error);
}

/**
 * uc_access_add:
 * @user: a name of 1 to %UC_ACCESS_USER_MAX bytes without ':' and control characters
 * @secret: their password, 8 to %UC_LIMIT_SECRET_BYTES bytes
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_INVALID, %UC_ERROR_LIMIT, %UC_ERROR_TEMPORARY (another command is at
 *   work) or an error of this machine
 *
 * Adds a user, or gives one another password.
 */
gboolean
uc_access_add(UcMirror *mirror,
	      const gchar *user,
	      const gchar *secret,
	      gint64 now_secs,
	      GError **error)
{
	g_autofree gchar *path = uc_access_get_path(mirror);
	g_autoptr(UcMirrorLock) lock = NULL;
	g_autoptr(UcAccess) self = NULL;
	g_autofree gchar *hash = NULL;

	if (!uc_access_is_user(user) || strlen(secret) < 8 ||
	    strlen(secret) > UC_LIMIT_SECRET_BYTES) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "expected a name of 1 to %d bytes without ':' and a password of 8 to "
			    "%d bytes",
			    UC_ACCESS_USER_MAX,
			    UC_LIMIT_SECRET_BYTES);
		return FALSE;
	}
	lock = uc_mirror_lock(mirror, error);
	self = lock != NULL ? uc_access_load(path, error) : NULL;
	hash = self != NULL ? uc_access_make_hash(secret, error) : NULL;
	if (hash == NULL)
		return FALSE;
	g_hash_table_replace(self->hashes, g_strdup(user), g_steal_pointer(&hash));
	return uc_access_save(self, mirror, error) &&
	       uc_audit_add(mirror->database, "access add", user, now_secs, error);
}

/**
 * uc_access_remove:
 * @user: a name
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_NOT_FOUND, %UC_ERROR_TEMPORARY or an error of this machine
 *
 * Takes it away; the service sees that at the next request.
 */
gboolean
uc_access_remove(UcMirror *mirror, const gchar *user, gint64 now_secs, GError **error)
{
	g_autofree gchar *path = uc_access_get_path(mirror);
	g_autoptr(UcMirrorLock) lock = uc_mirror_lock(mirror, error);
	g_autoptr(UcAccess) self = lock != NULL ? uc_access_load(path, error) : NULL;

	if (self == NULL)
		return FALSE;
	if (!g_hash_table_remove(self->hashes, user)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_NOT_FOUND,
			    "there is no user '%s'; see 'access list'",
			    user);
		return FALSE;
	}
	return uc_access_save(self, mirror, error) &&
	       uc_audit_add(mirror->database, "access remove", user, now_secs, error);
}
