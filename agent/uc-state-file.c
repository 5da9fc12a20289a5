/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What must survive anything: written aside, fsynced, renamed (DESIGN.md, decision 10). A file that
 * cannot be read as what it should be is set aside, said so, and the agent starts without it.
 */

#include <errno.h>
#include <glib/gstdio.h>

#include "uc-error.h"
#include "uc-file.h"
#include "uc-limits.h"
#include "uc-paths.h"
#include "uc-state-file.h"

/* the history with the longest sentence of each entry, in JSON */
#define UC_STATE_FILE_BYTES_MAX (32 * 1024 * 1024)

static JsonObject *
uc_state_file_read(const gchar *path, const gchar *format, GError **error)
{
	g_autoptr(JsonObject) object = NULL;
	g_autoptr(GBytes) bytes = NULL;
	const gchar *found = NULL;
	gchar *text = NULL;
	gsize size_bytes = 0;

	if (!g_file_get_contents(path, &text, &size_bytes, error))
		return NULL;
	bytes = g_bytes_new_take(text, size_bytes);
	object = uc_json_parse_object(bytes, UC_STATE_FILE_BYTES_MAX, path, error);
	if (object == NULL ||
	    !uc_json_get_string(object, "format", UC_JSON_REQUIRED, 64, &found, error))
		return NULL;
	if (g_strcmp0(found, format) != 0) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "format is '%s', expected '%s'",
			    found,
			    format);
		return NULL;
	}
	return g_steal_pointer(&object);
}

/**
 * uc_state_file_set_aside:
 * @path: absolute path of a file that cannot be used
 * @reason: why not
 *
 * Renames it to `<path>.unusable-<time>`, and says so.
 *
 * Returns: (transfer full): where it is now, if that worked
 */
gchar *
uc_state_file_set_aside(const gchar *path, const gchar *reason)
{
	gchar *aside = g_strdup_printf("%s.unusable-%" G_GINT64_FORMAT, path, g_get_real_time());

	if (g_rename(path, aside) != 0)
		g_warning("%s cannot be used (%s) and not be set aside: %s",
			  path,
			  reason,
			  g_strerror(errno));
	else
		g_warning("%s cannot be used (%s), set aside as %s", path, reason, aside);
	return aside;
}

/**
 * uc_state_file_load:
 * @name: a path below the state directory
 * @format: what its member `format` must be
 * @set_aside_out: (out) (nullable) (transfer full): where an unusable file was moved to
 *
 * Returns: (transfer full) (nullable): what it holds, or %NULL when there is none that is usable
 */
JsonObject *
uc_state_file_load(const gchar *name, const gchar *format, gchar **set_aside_out)
{
	g_autofree gchar *path = uc_path_state(name);
	g_autoptr(GError) error = NULL;
	JsonObject *object = uc_state_file_read(path, format, &error);

	*set_aside_out = NULL;
	if (object != NULL || g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
		return object;
	*set_aside_out = uc_state_file_set_aside(path, error->message);
	return NULL;
}

/**
 * uc_state_file_write:
 * @path: absolute path; its directory is made
 * @error: set to %UC_ERROR_FAILED
 *
 * Puts a durable file in the place of another, whole or not at all.
 */
gboolean
uc_state_file_write(const gchar *path, GBytes *bytes, GError **error)
{
	g_autofree gchar *dir = g_path_get_dirname(path);

	return uc_file_make_dir(dir, 0755, error) && uc_file_replace(path, bytes, 0640, error);
}

gboolean
uc_state_file_save(const gchar *name, JsonObject *object, GError **error)
{
	g_autofree gchar *path = uc_path_state(name);
	g_autoptr(GBytes) bytes = uc_json_to_bytes(object, TRUE);

	return uc_state_file_write(path, bytes, error);
}

/**
 * uc_state_file_sweep:
 *
 * Removes what an agent that was killed while it wrote has left. To be called before anything is
 * written.
 */
void
uc_state_file_sweep(void)
{
	static const gchar *const dirs[] = {NULL, "updates", "reports"};
	static const gchar *const endings[] =
	    {".json", ".key", ".pem", "password", "enrolment-token", "machine-id", NULL};

	for (guint i = 0; i < G_N_ELEMENTS(dirs); i++) {
		g_autofree gchar *path = uc_path_state(dirs[i]);

		uc_file_sweep(path, endings, 0);
	}
}

/**
 * uc_state_file_get_time:
 *
 * Returns: seconds since the Unix epoch; 0 for a member that is not there or not a time
 */
gint64
uc_state_file_get_time(JsonObject *object, const gchar *member)
{
	gint64 secs = 0;

	return uc_json_get_time(object, member, UC_JSON_OPTIONAL, &secs, NULL) ? secs : 0;
}

/**
 * uc_state_file_get_text:
 *
 * Returns: (transfer full) (nullable): %NULL for a member that is not there or not a string
 */
gchar *
uc_state_file_get_text(JsonObject *object, const gchar *member)
{
	const gchar *text = NULL;

	if (!uc_json_get_string(object,
				member,
				UC_JSON_OPTIONAL,
				UC_LIMIT_STRING_BYTES,
				&text,
				NULL))
		return NULL;
	return g_strdup(text);
}
