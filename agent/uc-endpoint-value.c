/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Values of an endpoint file, in the file itself or where it says (docs/endpoint-file.md). The
 * plugin has the same as root, and reads more than the agent may. */

#include <gio/gio.h>
#include <string.h>

#include "uc-config.h"
#include "uc-endpoint-value.h"
#include "uc-error.h"
#include "uc-paths.h"

#define UC_ENDPOINT_VALUE_GROUP	     "Endpoint"
#define UC_ENDPOINT_VALUE_BYTES	     255
#define UC_ENDPOINT_VALUE_FILE_BYTES 4096
#define UC_ENDPOINT_VALUE_OS_BYTES   65536

typedef gchar *(*UcEndpointValueFunc)(const gchar *place, GError **error);

static gchar *
uc_endpoint_value_read_bytes(const gchar *path, gsize size_max_bytes, GError **error)
{
	g_autoptr(GFile) file = g_file_new_for_path(path);
	g_autoptr(GFileInputStream) stream = g_file_read(file, NULL, error);
	g_autofree gchar *text = g_malloc0(size_max_bytes + 1);
	gsize size_bytes = 0;

	if (stream == NULL || !g_input_stream_read_all(G_INPUT_STREAM(stream),
						       text,
						       size_max_bytes,
						       &size_bytes,
						       NULL,
						       error))
		return NULL;
	return g_steal_pointer(&text);
}

static gchar *
uc_endpoint_value_read_line(const gchar *path, GError **error)
{
	gchar *text = uc_endpoint_value_read_bytes(path, UC_ENDPOINT_VALUE_FILE_BYTES, error);

	if (text != NULL)
		text[strcspn(text, "\r\n")] = '\0';
	return text;
}

static gchar *
uc_endpoint_value_from_file(const gchar *place, GError **error)
{
	if (g_path_is_absolute(place))
		return uc_endpoint_value_read_line(place, error);
	g_set_error(error, UC_ERROR, UC_ERROR_INVALID, "'%s' is no absolute path", place);
	return NULL;
}

/* the name of an attribute must not lead out of the directory */
static gchar *
uc_endpoint_value_from_directory(const gchar *directory, const gchar *place, GError **error)
{
	g_auto(GStrv) parts = g_strsplit(place, "/", -1);
	g_autofree gchar *path = NULL;

	if (place[0] == '\0' || g_path_is_absolute(place) ||
	    g_strv_contains((const gchar *const *)parts, "..")) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "'%s' is no name of an attribute in %s",
			    place,
			    directory);
		return NULL;
	}
	path = g_build_filename(directory, place, NULL);
	return uc_endpoint_value_read_line(path, error);
}

static gchar *
uc_endpoint_value_from_dmi(const gchar *place, GError **error)
{
	g_autofree gchar *directory = uc_path_sysfs("class/dmi/id");

	return uc_endpoint_value_from_directory(directory, place, error);
}

static gchar *
uc_endpoint_value_from_device_tree(const gchar *place, GError **error)
{
	g_autofree gchar *directory = uc_path_procfs("device-tree");

	return uc_endpoint_value_from_directory(directory, place, error);
}

static gchar *
uc_endpoint_value_from_os_release(const gchar *place, GError **error)
{
	g_autofree gchar *own = uc_path_sysconf(NULL);
	g_autofree gchar *directory = g_path_get_dirname(own);
	g_autofree gchar *path = g_build_filename(directory, "os-release", NULL);
	g_autofree gchar *prefix = g_strconcat(place, "=", NULL);
	g_autofree gchar *text =
	    uc_endpoint_value_read_bytes(path, UC_ENDPOINT_VALUE_OS_BYTES, error);
	g_auto(GStrv) lines = text != NULL ? g_strsplit(text, "\n", -1) : NULL;

	if (lines == NULL)
		return NULL;
	for (guint i = 0; lines[i] != NULL; i++) {
		if (g_str_has_prefix(lines[i], prefix))
			return g_shell_unquote(lines[i] + strlen(prefix), error);
	}
	g_set_error(error, UC_ERROR, UC_ERROR_NOT_FOUND, "%s has no %s", path, place);
	return NULL;
}

static const struct {
	const gchar *suffix;
	UcEndpointValueFunc func;
} uc_endpoint_value_places[] = {
    {"File", uc_endpoint_value_from_file},
    {"Dmi", uc_endpoint_value_from_dmi},
    {"DeviceTree", uc_endpoint_value_from_device_tree},
    {"OsRelease", uc_endpoint_value_from_os_release},
};

static gchar *
uc_endpoint_value_get_place(GKeyFile *file, const gchar *key, const gchar *suffix)
{
	g_autofree gchar *full = g_strconcat(key, suffix, NULL);

	return g_key_file_get_string(file, UC_ENDPOINT_VALUE_GROUP, full, NULL);
}

/**
 * uc_endpoint_value_is_set:
 * @key: the name of a value, e.g. `Serial`
 *
 * Returns: whether the file has the value or says where it is, readable or not
 */
gboolean
uc_endpoint_value_is_set(GKeyFile *file, const gchar *key)
{
	if (g_key_file_has_key(file, UC_ENDPOINT_VALUE_GROUP, key, NULL))
		return TRUE;
	for (guint i = 0; i < G_N_ELEMENTS(uc_endpoint_value_places); i++) {
		g_autofree gchar *place =
		    uc_endpoint_value_get_place(file, key, uc_endpoint_value_places[i].suffix);

		if (place != NULL)
			return TRUE;
	}
	return FALSE;
}

static gchar *
uc_endpoint_value_find(GKeyFile *file, const gchar *key, GError **error)
{
	for (guint i = 0; i < G_N_ELEMENTS(uc_endpoint_value_places); i++) {
		g_autofree gchar *place =
		    uc_endpoint_value_get_place(file, key, uc_endpoint_value_places[i].suffix);

		if (place != NULL)
			return uc_endpoint_value_places[i].func(place, error);
	}
	return uc_keyfile_get_string(file, UC_ENDPOINT_VALUE_GROUP, key, error);
}

/**
 * uc_endpoint_value_read:
 * @file: an endpoint file
 * @key: the name of a value, e.g. `Serial`
 * @error: set to the reason, which is in particular %G_IO_ERROR_PERMISSION_DENIED for what only
 * root may read, or %UC_ERROR_INVALID for what is empty or not UTF-8 of at most 255 bytes
 *
 * Reads a value from the file itself, or from where the file says. Blocks for as long as reading
 * the beginning of a file takes.
 *
 * Returns: (transfer full): the value, which is not empty, or %NULL
 */
gchar *
uc_endpoint_value_read(GKeyFile *file, const gchar *key, GError **error)
{
	g_autofree gchar *text = uc_endpoint_value_find(file, key, error);

	if (text == NULL)
		return NULL;
	if (*g_strstrip(text) == '\0' || strlen(text) > UC_ENDPOINT_VALUE_BYTES ||
	    !g_utf8_validate(text, -1, NULL)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "%s: the value is not UTF-8 of 1 to %d bytes",
			    key,
			    UC_ENDPOINT_VALUE_BYTES);
		return NULL;
	}
	return g_steal_pointer(&text);
}
