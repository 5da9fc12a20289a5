/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include "fu-uc-endpoint-value.h"

/* A value of an endpoint file is in the file itself (`Serial=`), or where the machine keeps it
 * (`SerialFile=`). Each kind of place is one line of the table and one function. */

#define FU_UC_ENDPOINT_VALUE_MAX 4096 /* bytes */

typedef gchar *(*FuUcEndpointValueFunc)(const gchar *place, GError **error);

static gchar *
fu_uc_endpoint_value_read_path(const gchar *path, GError **error)
{
	gchar buf[FU_UC_ENDPOINT_VALUE_MAX + 1] = {'\0'};
	gsize bufsz = 0;
	g_autoptr(GFile) file = NULL;
	g_autoptr(GFileInputStream) stream = NULL;

	file = g_file_new_for_path(path);
	stream = g_file_read(file, NULL, error);
	if (stream == NULL)
		return NULL;
	if (!g_input_stream_read_all(G_INPUT_STREAM(stream),
				     buf,
				     sizeof(buf) - 1,
				     &bufsz,
				     NULL,
				     error))
		return NULL;
	buf[strcspn(buf, "\r\n")] = '\0';
	return g_strdup(buf);
}

static gchar *
fu_uc_endpoint_value_from_file(const gchar *place, GError **error)
{
	if (!g_path_is_absolute(place)) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_DATA,
			    "'%s' is no absolute path",
			    place);
		return NULL;
	}
	return fu_uc_endpoint_value_read_path(place, error);
}

/* the name of an attribute must not lead out of the directory */
static gchar *
fu_uc_endpoint_value_from_directory(const gchar *directory, const gchar *place, GError **error)
{
	g_autofree gchar *path = NULL;
	g_auto(GStrv) parts = g_strsplit(place, "/", -1);

	if (place[0] == '\0' || g_path_is_absolute(place) ||
	    g_strv_contains((const gchar *const *)parts, "..")) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_DATA,
			    "'%s' is no name of an attribute in %s",
			    place,
			    directory);
		return NULL;
	}
	path = g_build_filename(directory, place, NULL);
	return fu_uc_endpoint_value_read_path(path, error);
}

static gchar *
fu_uc_endpoint_value_from_dmi(const gchar *place, GError **error)
{
	g_autofree gchar *directory = fu_path_from_kind(FU_PATH_KIND_SYSFSDIR_DMI);
	return fu_uc_endpoint_value_from_directory(directory, place, error);
}

static gchar *
fu_uc_endpoint_value_from_device_tree(const gchar *place, GError **error)
{
	g_autofree gchar *directory = fu_path_build(FU_PATH_KIND_PROCFS, "device-tree", NULL);
	return fu_uc_endpoint_value_from_directory(directory, place, error);
}

/**
 * fu_uc_endpoint_value_read_os_release:
 * @name: a variable of os-release(5)
 * @error: (nullable): optional return location for an error
 *
 * Reads it anew each time, unlike g_get_os_info(), as it has the version.
 *
 * Returns: (transfer full): its value, or %NULL with %FWUPD_ERROR_NOT_FOUND if it is not there
 **/
gchar *
fu_uc_endpoint_value_read_os_release(const gchar *name, GError **error)
{
	g_autofree gchar *path = fu_path_build(FU_PATH_KIND_SYSCONFDIR, "os-release", NULL);
	g_autofree gchar *prefix = g_strdup_printf("%s=", name);
	g_autofree gchar *text = NULL;
	g_auto(GStrv) lines = NULL;

	if (!g_file_get_contents(path, &text, NULL, error))
		return NULL;
	lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; lines[i] != NULL; i++) {
		if (g_str_has_prefix(lines[i], prefix))
			return g_shell_unquote(lines[i] + strlen(prefix), error);
	}
	g_set_error(error, FWUPD_ERROR, FWUPD_ERROR_NOT_FOUND, "%s has no %s", path, name);
	return NULL;
}

static const struct {
	const gchar *suffix;
	FuUcEndpointValueFunc func;
} fu_uc_endpoint_value_places[] = {
    {"File", fu_uc_endpoint_value_from_file},
    {"Dmi", fu_uc_endpoint_value_from_dmi},
    {"DeviceTree", fu_uc_endpoint_value_from_device_tree},
    {"OsRelease", fu_uc_endpoint_value_read_os_release},
};

static gchar *
fu_uc_endpoint_value_check(gchar *value, const gchar *key, GError **error)
{
	g_autofree gchar *stripped = g_strstrip(value);

	if (!g_utf8_validate(stripped, -1, NULL) || strlen(stripped) > 255) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_DATA,
			    "%s: the value is not UTF-8 of at most 255 bytes",
			    key);
		return NULL;
	}
	return g_steal_pointer(&stripped);
}

/**
 * fu_uc_endpoint_value_is_key:
 * @key: a key of an endpoint file
 * @base: the name of a value, e.g. `Serial`
 *
 * Returns: whether @key is @base or says where @base is to be read
 **/
gboolean
fu_uc_endpoint_value_is_key(const gchar *key, const gchar *base)
{
	gsize len = strlen(base);

	if (!g_str_has_prefix(key, base))
		return FALSE;
	if (key[len] == '\0')
		return TRUE;
	for (guint i = 0; i < G_N_ELEMENTS(fu_uc_endpoint_value_places); i++) {
		if (g_str_equal(key + len, fu_uc_endpoint_value_places[i].suffix))
			return TRUE;
	}
	return FALSE;
}

/**
 * fu_uc_endpoint_value_get_keys:
 * @base: the name of a value, e.g. `Serial`
 *
 * Returns: (transfer full): @base and all keys that say where @base is to be read
 **/
gchar **
fu_uc_endpoint_value_get_keys(const gchar *base)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	g_strv_builder_add(builder, base);
	for (guint i = 0; i < G_N_ELEMENTS(fu_uc_endpoint_value_places); i++) {
		g_autofree gchar *key =
		    g_strconcat(base, fu_uc_endpoint_value_places[i].suffix, NULL);
		g_strv_builder_add(builder, key);
	}
	return g_strv_builder_end(builder);
}

/**
 * fu_uc_endpoint_value_read:
 * @keyfile: an endpoint file
 * @group: a group in it
 * @key: the name of a value, e.g. `Serial`
 * @error: (nullable): optional return location for an error
 *
 * Reads a value from the file itself, or from where the file says. Blocks for as long as reading
 * the first 4 KiB of a file takes.
 *
 * Returns: (transfer full): the value, which may be empty; %NULL with %FWUPD_ERROR_NOT_FOUND if the
 * file does not have it, with another error if it cannot be read
 **/
gchar *
fu_uc_endpoint_value_read(GKeyFile *keyfile, const gchar *group, const gchar *key, GError **error)
{
	g_autofree gchar *value = g_key_file_get_string(keyfile, group, key, NULL);

	for (guint i = 0; i < G_N_ELEMENTS(fu_uc_endpoint_value_places); i++) {
		g_autofree gchar *full =
		    g_strconcat(key, fu_uc_endpoint_value_places[i].suffix, NULL);
		g_autofree gchar *place = g_key_file_get_string(keyfile, group, full, NULL);
		g_autoptr(GError) error_local = NULL;

		if (place == NULL)
			continue;
		if (value != NULL) {
			g_set_error(error,
				    FWUPD_ERROR,
				    FWUPD_ERROR_INVALID_DATA,
				    "%s: there is a value for %s already, expected only one",
				    full,
				    key);
			return NULL;
		}
		value = fu_uc_endpoint_value_places[i].func(place, &error_local);
		if (value == NULL) {
			g_set_error(error,
				    FWUPD_ERROR,
				    FWUPD_ERROR_READ,
				    "%s: cannot be read: %s",
				    full,
				    error_local->message);
			return NULL;
		}
	}
	if (value == NULL) {
		g_set_error(error, FWUPD_ERROR, FWUPD_ERROR_NOT_FOUND, "%s: is missing", key);
		return NULL;
	}
	return fu_uc_endpoint_value_check(g_steal_pointer(&value), key, error);
}
