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
fu_uc_endpoint_value_from_file(const gchar *place, GError **error)
{
	gchar buf[FU_UC_ENDPOINT_VALUE_MAX + 1] = {'\0'};
	gsize bufsz = 0;
	g_autoptr(GFile) file = NULL;
	g_autoptr(GFileInputStream) stream = NULL;

	if (!g_path_is_absolute(place)) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_DATA,
			    "'%s' is no absolute path",
			    place);
		return NULL;
	}
	file = g_file_new_for_path(place);
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

static const struct {
	const gchar *suffix;
	FuUcEndpointValueFunc func;
} fu_uc_endpoint_value_places[] = {
    {"File", fu_uc_endpoint_value_from_file},
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
