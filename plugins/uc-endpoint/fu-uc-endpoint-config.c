/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-endpoint-config-keys.h"
#include "fu-uc-endpoint-config.h"
#include "fu-uc-endpoint-value.h"
#include "fu-uc-hardware-levels.h"

/* One endpoint file, a keyfile in <sysconfdir>/ucupdates/endpoints.d. Only root can write there, so
 * that it says what an endpoint is and where its firmware goes; README.md lists the keys. */

#define FU_UC_ENDPOINT_CONFIG_SIZE_MAX	   (64 * 1024) /* bytes */
#define FU_UC_ENDPOINT_CONFIG_OVERRIDE_MAX 64

struct _FuUcEndpointConfig {
	GObject parent_instance;
	gchar *filename;
	GKeyFile *keyfile;
	GHashTable *values; /* (element-type utf8 utf8): group Endpoint, resolved */
	guint hardware_level;
	GArray *override_levels; /* (element-type FuUcHardwareRange) */
};

G_DEFINE_TYPE(FuUcEndpointConfig, fu_uc_endpoint_config, G_TYPE_OBJECT)

const gchar *
fu_uc_endpoint_config_get_filename(FuUcEndpointConfig *self)
{
	g_return_val_if_fail(FU_IS_UC_ENDPOINT_CONFIG(self), NULL);
	return self->filename;
}

const gchar *
fu_uc_endpoint_config_get_id(FuUcEndpointConfig *self)
{
	return fu_uc_endpoint_config_get_value(self, "Id");
}

/**
 * fu_uc_endpoint_config_get_value:
 * @self: a #FuUcEndpointConfig
 * @key: a key of the group `Endpoint` without the suffix that says where it is read
 *
 * Returns: (nullable): the value as it was when the file was read
 **/
const gchar *
fu_uc_endpoint_config_get_value(FuUcEndpointConfig *self, const gchar *key)
{
	g_return_val_if_fail(FU_IS_UC_ENDPOINT_CONFIG(self), NULL);
	return g_hash_table_lookup(self->values, key);
}

/**
 * fu_uc_endpoint_config_get_hardware_level:
 * @self: a #FuUcEndpointConfig
 *
 * Returns: 0 to 65535, or %FU_UC_ENDPOINT_HARDWARE_LEVEL_UNKNOWN
 **/
guint
fu_uc_endpoint_config_get_hardware_level(FuUcEndpointConfig *self)
{
	g_return_val_if_fail(FU_IS_UC_ENDPOINT_CONFIG(self), 0);
	return self->hardware_level;
}

/**
 * fu_uc_endpoint_config_get_override_levels:
 * @self: a #FuUcEndpointConfig
 *
 * Returns: (transfer none) (element-type FuUcHardwareRange): levels whose firmware root allows too
 **/
GArray *
fu_uc_endpoint_config_get_override_levels(FuUcEndpointConfig *self)
{
	g_return_val_if_fail(FU_IS_UC_ENDPOINT_CONFIG(self), NULL);
	return self->override_levels;
}

/**
 * fu_uc_endpoint_config_read_version:
 * @self: a #FuUcEndpointConfig
 * @error: (nullable): optional return location for an error
 *
 * Reads anew which version runs.
 *
 * Returns: (transfer full): the version in the vendor's spelling, or %NULL if it cannot be read
 **/
gchar *
fu_uc_endpoint_config_read_version(FuUcEndpointConfig *self, GError **error)
{
	g_return_val_if_fail(FU_IS_UC_ENDPOINT_CONFIG(self), NULL);
	return fu_uc_endpoint_value_read(self->keyfile, "Endpoint", "Version", error);
}

/**
 * fu_uc_endpoint_config_get_install:
 * @self: a #FuUcEndpointConfig
 * @key: a key of the group `Install`
 * @fallback: (nullable): what it is if the file does not say
 *
 * Returns: (transfer full) (nullable): the value
 **/
gchar *
fu_uc_endpoint_config_get_install(FuUcEndpointConfig *self, const gchar *key, const gchar *fallback)
{
	gchar *value = NULL;
	g_return_val_if_fail(FU_IS_UC_ENDPOINT_CONFIG(self), NULL);
	value = g_key_file_get_string(self->keyfile, "Install", key, NULL);
	return value != NULL ? value : g_strdup(fallback);
}

const gchar *
fu_uc_endpoint_config_get_install_type(FuUcEndpointConfig *self)
{
	return g_hash_table_lookup(self->values, "Install/Type");
}

/* the line of a key in the file, or of the key that says where its value is, for people; 0 if it is
 * not there */
static guint
fu_uc_endpoint_config_find_line(const gchar *text, const gchar *key)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (guint i = 0; lines[i] != NULL; i++) {
		gchar *line = g_strchug(lines[i]);
		gchar *end = strpbrk(line, "= \t");
		if (end == NULL)
			continue;
		*end = '\0';
		if (fu_uc_endpoint_value_is_key(line, key))
			return i + 1;
	}
	return 0;
}

/* for people; what is not a file has no lines */
static gchar *
fu_uc_endpoint_config_format_place(FuUcEndpointConfig *self, guint line)
{
	if (line == 0 || !g_path_is_absolute(self->filename))
		return g_strdup(self->filename);
	return g_strdup_printf("%s:%u", self->filename, line);
}

/* GKeyFile does not say in which line a mistake is */
static gboolean
fu_uc_endpoint_config_check_lines(FuUcEndpointConfig *self, const gchar *text, GError **error)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	gboolean grouped = FALSE;

	for (guint i = 0; lines[i] != NULL; i++) {
		const gchar *line = g_strstrip(lines[i]);
		const gchar *expected = NULL;

		if (line[0] == '\0' || line[0] == '#')
			continue;
		if (line[0] == '[') {
			grouped = TRUE;
			if (!g_str_has_suffix(line, "]"))
				expected = "[Group]";
		} else if (!grouped) {
			expected = "a [Group] before the first key";
		} else if (strchr(line, '=') == NULL || line[0] == '=') {
			expected = "Key=Value, [Group] or # and a comment";
		}
		if (expected != NULL) {
			g_set_error(error,
				    FWUPD_ERROR,
				    FWUPD_ERROR_INVALID_FILE,
				    "%s:%u: found '%s', expected %s",
				    self->filename,
				    i + 1,
				    line,
				    expected);
			return FALSE;
		}
	}
	return TRUE;
}

static void
fu_uc_endpoint_config_warn_unknown(FuUcEndpointConfig *self, const gchar *text)
{
	g_auto(GStrv) groups = g_key_file_get_groups(self->keyfile, NULL);

	for (guint i = 0; groups[i] != NULL; i++) {
		g_auto(GStrv) keys = g_key_file_get_keys(self->keyfile, groups[i], NULL, NULL);
		for (guint j = 0; keys != NULL && keys[j] != NULL; j++) {
			g_autofree gchar *place = NULL;
			if (fu_uc_endpoint_config_keys_contain(groups[i], keys[j]))
				continue;
			place = fu_uc_endpoint_config_format_place(
			    self,
			    fu_uc_endpoint_config_find_line(text, keys[j]));
			g_warning("%s: [%s] %s is not known and has no effect",
				  place,
				  groups[i],
				  keys[j]);
		}
	}
}

static gboolean
fu_uc_endpoint_config_read_values(FuUcEndpointConfig *self, GError **error)
{
	const gchar *const *keys = fu_uc_endpoint_config_keys_get_values();

	for (guint i = 0; keys[i] != NULL; i++) {
		const gchar *key = keys[i];
		g_autofree gchar *value = NULL;
		g_autoptr(GError) error_local = NULL;

		value = fu_uc_endpoint_value_read(self->keyfile, "Endpoint", key, &error_local);
		if (value == NULL) {
			if (g_error_matches(error_local, FWUPD_ERROR, FWUPD_ERROR_NOT_FOUND))
				continue;
			g_propagate_prefixed_error(error,
						   g_steal_pointer(&error_local),
						   "[Endpoint] ");
			return FALSE;
		}
		if (value[0] != '\0')
			g_hash_table_insert(self->values, g_strdup(key), g_steal_pointer(&value));
	}
	return TRUE;
}

static gboolean
fu_uc_endpoint_config_check_id(const gchar *id, GError **error)
{
	gsize len = strlen(id);

	if (len <= 64 && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == len)
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_INVALID_DATA,
		    "[Endpoint] Id: found '%s', expected 1 to 64 of a-z, 0-9 and -",
		    id);
	return FALSE;
}

static gboolean
fu_uc_endpoint_config_check_required(FuUcEndpointConfig *self, GError **error)
{
	const gchar *required[] = {"Id", "Vendor", "Version", NULL};

	for (guint i = 0; required[i] != NULL; i++) {
		if (fu_uc_endpoint_config_get_value(self, required[i]) == NULL) {
			g_set_error(error,
				    FWUPD_ERROR,
				    FWUPD_ERROR_INVALID_DATA,
				    "[Endpoint] %s: is missing",
				    required[i]);
			return FALSE;
		}
	}
	if (fu_uc_endpoint_config_get_value(self, "Model") == NULL &&
	    fu_uc_endpoint_config_get_value(self, "PartNumber") == NULL) {
		g_set_error_literal(error,
				    FWUPD_ERROR,
				    FWUPD_ERROR_INVALID_DATA,
				    "[Endpoint] Model: is missing, expected it or PartNumber");
		return FALSE;
	}
	return fu_uc_endpoint_config_check_id(fu_uc_endpoint_config_get_id(self), error);
}

static gboolean
fu_uc_endpoint_config_parse_level(FuUcEndpointConfig *self,
				  const gchar *key,
				  const gchar *text,
				  GError **error)
{
	guint64 level = 0;

	if (!fu_strtoull(text, &level, 0, G_MAXUINT16, FU_INTEGER_BASE_10, NULL)) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_DATA,
			    "[Endpoint] %s: found '%s', expected a number from 0 to 65535",
			    key,
			    text);
		return FALSE;
	}
	self->hardware_level = (guint)level;
	return TRUE;
}

/* `3111-44500-001:2;3111-44500-002:3`; a part number that is not there leaves the level unknown */
static gboolean
fu_uc_endpoint_config_read_level_by_part_number(FuUcEndpointConfig *self, GError **error)
{
	const gchar *key = "HardwareLevelByPartNumber";
	const gchar *text = fu_uc_endpoint_config_get_value(self, key);
	const gchar *part_number = fu_uc_endpoint_config_get_value(self, "PartNumber");
	g_auto(GStrv) words = NULL;

	if (text == NULL)
		return TRUE;
	words = g_strsplit(text, ";", -1);
	for (guint i = 0; words[i] != NULL; i++) {
		gchar *colon = strrchr(g_strstrip(words[i]), ':');
		if (words[i][0] == '\0')
			continue;
		if (colon == NULL || colon == words[i]) {
			g_set_error(error,
				    FWUPD_ERROR,
				    FWUPD_ERROR_INVALID_DATA,
				    "[Endpoint] %s: found '%s', expected PARTNUMBER:LEVEL",
				    key,
				    words[i]);
			return FALSE;
		}
		*colon = '\0';
		if (part_number != NULL && g_ascii_strcasecmp(words[i], part_number) == 0)
			return fu_uc_endpoint_config_parse_level(self, key, colon + 1, error);
	}
	return TRUE;
}

static gboolean
fu_uc_endpoint_config_read_override(FuUcEndpointConfig *self, GError **error)
{
	const gchar *text = fu_uc_endpoint_config_get_value(self, "OverrideHardwareLevel");
	g_autoptr(GArray) levels = NULL;

	if (text == NULL)
		return TRUE;
	levels = fu_uc_hardware_levels_from_string(text, NULL);
	if (levels == NULL ||
	    fu_uc_hardware_levels_count(levels) > FU_UC_ENDPOINT_CONFIG_OVERRIDE_MAX) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_DATA,
			    "[Endpoint] OverrideHardwareLevel: found '%s', expected at most %d "
			    "levels from 0 to 65535, e.g. 2,4-6",
			    text,
			    FU_UC_ENDPOINT_CONFIG_OVERRIDE_MAX);
		return FALSE;
	}
	g_array_unref(self->override_levels);
	self->override_levels = g_steal_pointer(&levels);
	return TRUE;
}

static gboolean
fu_uc_endpoint_config_read_hardware_level(FuUcEndpointConfig *self, GError **error)
{
	const gchar *text = fu_uc_endpoint_config_get_value(self, "HardwareLevel");

	if (!fu_uc_endpoint_config_read_override(self, error))
		return FALSE;
	if (text == NULL)
		return fu_uc_endpoint_config_read_level_by_part_number(self, error);
	return fu_uc_endpoint_config_parse_level(self, "HardwareLevel", text, error);
}

static gboolean
fu_uc_endpoint_config_check_install(FuUcEndpointConfig *self, GError **error)
{
	const gchar *const types[] = {"slots", "rauc", "file", "command", NULL};
	g_autofree gchar *type = fu_uc_endpoint_config_get_install(self, "Type", NULL);

	if (type == NULL || !g_strv_contains(types, type)) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_DATA,
			    "[Install] Type: found '%s', expected slots, rauc, file or command",
			    type != NULL ? type : "");
		return FALSE;
	}
	g_hash_table_insert(self->values, g_strdup("Install/Type"), g_steal_pointer(&type));
	return TRUE;
}

/* "FILE:LINE: message" from "[Group] Key: message" */
static void
fu_uc_endpoint_config_prefix_error(FuUcEndpointConfig *self, const gchar *text, GError **error)
{
	const gchar *key = NULL;
	guint line = 0;
	g_autofree gchar *place = NULL;

	if (error == NULL || *error == NULL) /* nocheck:error */
		return;
	key = strchr((*error)->message, ' '); /* nocheck:error */
	if ((*error)->message[0] == '[' && key != NULL) {
		g_autofree gchar *name = g_strndup(key + 1, strcspn(key + 1, ":"));
		line = fu_uc_endpoint_config_find_line(text, name);
	}
	place = fu_uc_endpoint_config_format_place(self, line);
	g_prefix_error(error, "%s: ", place);
}

static gboolean
fu_uc_endpoint_config_load(FuUcEndpointConfig *self, const gchar *text, GError **error)
{
	if (!fu_uc_endpoint_config_check_lines(self, text, error))
		return FALSE;
	if (!g_key_file_load_from_data(self->keyfile, text, -1, G_KEY_FILE_NONE, error) ||
	    !fu_uc_endpoint_config_read_values(self, error) ||
	    !fu_uc_endpoint_config_check_required(self, error) ||
	    !fu_uc_endpoint_config_read_hardware_level(self, error) ||
	    !fu_uc_endpoint_config_check_install(self, error)) {
		fu_uc_endpoint_config_prefix_error(self, text, error);
		return FALSE;
	}
	fu_uc_endpoint_config_warn_unknown(self, text);
	return TRUE;
}

/**
 * fu_uc_endpoint_config_new_from_data:
 * @filename: what the sentences say
 * @data: (array length=datasz): what is in an endpoint file
 * @datasz: bytes
 * @error: (nullable): optional return location for an error
 *
 * Reads what @data refers to, too. Blocks. A key that is not known is warned about.
 *
 * Returns: (transfer full): the endpoint, or %NULL with a sentence that names the file, the line
 * where there is one, the key and what was expected
 **/
FuUcEndpointConfig *
fu_uc_endpoint_config_new_from_data(const gchar *filename,
				    const gchar *data,
				    gsize datasz,
				    GError **error)
{
	g_autoptr(FuUcEndpointConfig) self = g_object_new(FU_TYPE_UC_ENDPOINT_CONFIG, NULL);
	g_autofree gchar *text = NULL;

	self->filename = g_strdup(filename);
	if (datasz > FU_UC_ENDPOINT_CONFIG_SIZE_MAX || !g_utf8_validate_len(data, datasz, NULL)) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_FILE,
			    "%s: is not UTF-8 of at most 64 KiB",
			    filename);
		return NULL;
	}
	text = g_strndup(data, datasz);
	if (!fu_uc_endpoint_config_load(self, text, error))
		return NULL;
	return g_steal_pointer(&self);
}

/**
 * fu_uc_endpoint_config_new_from_file:
 * @filename: an endpoint file
 * @error: (nullable): optional return location for an error
 *
 * As fu_uc_endpoint_config_new_from_data().
 *
 * Returns: (transfer full): the endpoint, or %NULL
 **/
FuUcEndpointConfig *
fu_uc_endpoint_config_new_from_file(const gchar *filename, GError **error)
{
	g_autoptr(GError) error_local = NULL;
	g_autofree gchar *text = NULL;
	gsize textsz = 0;

	if (!g_file_get_contents(filename, &text, &textsz, &error_local)) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_READ,
			    "%s: cannot be read: %s",
			    filename,
			    error_local->message);
		return NULL;
	}
	return fu_uc_endpoint_config_new_from_data(filename, text, textsz, error);
}

static void
fu_uc_endpoint_config_finalize(GObject *object)
{
	FuUcEndpointConfig *self = FU_UC_ENDPOINT_CONFIG(object);
	g_free(self->filename);
	g_key_file_unref(self->keyfile);
	g_hash_table_unref(self->values);
	g_array_unref(self->override_levels);
	G_OBJECT_CLASS(fu_uc_endpoint_config_parent_class)->finalize(object);
}

static void
fu_uc_endpoint_config_class_init(FuUcEndpointConfigClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = fu_uc_endpoint_config_finalize;
}

static void
fu_uc_endpoint_config_init(FuUcEndpointConfig *self)
{
	self->keyfile = g_key_file_new();
	self->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	self->hardware_level = FU_UC_ENDPOINT_HARDWARE_LEVEL_UNKNOWN;
	self->override_levels = fu_uc_hardware_levels_new();
}
