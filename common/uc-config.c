/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-config.h"
#include "uc-error.h"
#include "uc-paths.h"

typedef enum { UC_CONFIG_UINT, UC_CONFIG_BOOLEAN, UC_CONFIG_STRING, UC_CONFIG_STRV } UcConfigKind;

typedef struct {
	const gchar *group;
	const gchar *key;
	UcConfigKind kind;
	guint64 min;
	guint64 max;
	const gchar *fallback;
} UcConfigKey;

/* every key of ucupdates.conf(5), with its range and its default */
static const UcConfigKey uc_config_keys[] = {
    {"Agent", "ActivitySources", UC_CONFIG_STRV, 0, 0, ""},
    {"Agent", "CallSources", UC_CONFIG_STRV, 0, 0, ""},
    {"Agent", "Devices", UC_CONFIG_STRV, 0, 0, ""},
    {"Agent", "EnrolmentToken", UC_CONFIG_STRING, 0, 0, ""},
    {"Agent", "FirstUpdate", UC_CONFIG_STRING, 0, 0, "mandatory"},
    {"Agent", "Group", UC_CONFIG_STRING, 0, 0, ""},
    {"Agent", "IdleSec", UC_CONFIG_UINT, 0, 86400, "0"},
    {"Agent", "Restart", UC_CONFIG_STRING, 0, 0, "logind"},
    {"Agent", "RetryMaxSec", UC_CONFIG_UINT, 1, 86400, "3600"},
    {"Agent", "WaitForClock", UC_CONFIG_BOOLEAN, 0, 0, "true"},
    {"Agent", "Windows", UC_CONFIG_STRV, 0, 0, ""},
    {"Discovery", "AllowedDomains", UC_CONFIG_STRV, 0, 0, ""},
    {"Discovery", "Domains", UC_CONFIG_STRV, 0, 0, ""},
    {"Discovery", "NameServers", UC_CONFIG_STRV, 0, 0, ""},
    {"Discovery", "OldName", UC_CONFIG_BOOLEAN, 0, 0, "false"},
    {"Discovery", "TimeoutMs", UC_CONFIG_UINT, 100, 120000, "10000"},
    {"Discovery", "UseVpn", UC_CONFIG_BOOLEAN, 0, 0, "false"},
    {"Service", "ClientCertificate", UC_CONFIG_STRING, 0, 0, ""},
    {"Service", "ClientKey", UC_CONFIG_STRING, 0, 0, ""},
    {"Service", "ClientPin", UC_CONFIG_STRING, 0, 0, ""},
    {"Service", "ExternalUrl", UC_CONFIG_STRING, 0, 0, ""},
    {"Service", "FirstUse", UC_CONFIG_BOOLEAN, 0, 0, "false"},
    {"Service", "Pin", UC_CONFIG_STRING, 0, 0, ""},
    {"Service", "TellUser", UC_CONFIG_BOOLEAN, 0, 0, "false"},
    {"Service", "Url", UC_CONFIG_STRING, 0, 0, ""},
    {"Service", "User", UC_CONFIG_STRING, 0, 0, "ucupdates"},
};

struct _UcConfig {
	GKeyFile *values; /* checked: every value parses as its key says */
	GKeyFile *paths;  /* the same groups and keys -> the file that set it */
};

void
uc_config_free(UcConfig *self)
{
	g_clear_pointer(&self->values, g_key_file_unref);
	g_clear_pointer(&self->paths, g_key_file_unref);
	g_free(self);
}

static const UcConfigKey *
uc_config_find_key(const gchar *group, const gchar *key)
{
	for (guint i = 0; i < G_N_ELEMENTS(uc_config_keys); i++) {
		if (g_str_equal(uc_config_keys[i].group, group) &&
		    g_str_equal(uc_config_keys[i].key, key))
			return &uc_config_keys[i];
	}
	return NULL;
}

/**
 * uc_keyfile_parse_uint:
 * @text: all of a value
 * @min: lowest value that is accepted
 * @max: highest value that is accepted
 * @value_out: (out): the number
 *
 * Returns: whether it is a decimal number in that range and nothing else
 */
gboolean
uc_keyfile_parse_uint(const gchar *text, guint64 min, guint64 max, guint64 *value_out)
{
	return g_ascii_string_to_unsigned(text, 10, min, max, value_out, NULL);
}

static gboolean
uc_config_check_value(const UcConfigKey *known,
		      const gchar *path,
		      const gchar *text,
		      GError **error)
{
	guint64 number = 0;

	if (known->kind == UC_CONFIG_UINT &&
	    !uc_keyfile_parse_uint(text, known->min, known->max, &number)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "%s: [%s] %s is '%s', expected a number from %" G_GUINT64_FORMAT
			    " to %" G_GUINT64_FORMAT,
			    path,
			    known->group,
			    known->key,
			    text,
			    known->min,
			    known->max);
		return FALSE;
	}
	if (known->kind == UC_CONFIG_BOOLEAN && !g_str_equal(text, "true") &&
	    !g_str_equal(text, "false")) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "%s: [%s] %s is '%s', expected true or false",
			    path,
			    known->group,
			    known->key,
			    text);
		return FALSE;
	}
	return TRUE;
}

/**
 * uc_keyfile_get_string:
 * @file: a keyfile
 * @group: a group of it
 * @key: a key of it
 * @error: set to %UC_ERROR_INVALID (not UTF-8, or an escape that is none), or to that of
 *   g_key_file_get_string() where there is no such key
 *
 * g_key_file_get_string() itself returns the value *and* an error for an escape that is none, such
 * as `\2`.
 *
 * Returns: (transfer full): the value, %NULL with @error set
 */
gchar *
uc_keyfile_get_string(GKeyFile *file, const gchar *group, const gchar *key, GError **error)
{
	g_autoptr(GError) error_value = NULL;
	g_autofree gchar *text = g_key_file_get_string(file, group, key, &error_value);

	if (error_value == NULL)
		return g_steal_pointer(&text);
	if (!g_error_matches(error_value, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE) &&
	    !g_error_matches(error_value, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_UNKNOWN_ENCODING)) {
		g_propagate_error(error, g_steal_pointer(&error_value));
		return NULL;
	}
	g_set_error(
	    error,
	    UC_ERROR,
	    UC_ERROR_INVALID,
	    "[%s] %s is not UTF-8 or has a backslash that escapes nothing, expected \\\\ for "
	    "one backslash",
	    group,
	    key);
	return NULL;
}

static gboolean
uc_config_merge_key(UcConfig *self,
		    GKeyFile *file,
		    const gchar *path,
		    const gchar *group,
		    const gchar *key,
		    GError **error)
{
	const UcConfigKey *known = uc_config_find_key(group, key);
	g_autofree gchar *text = NULL;

	if (known == NULL) {
		g_warning("%s: [%s] %s is not a key of ucupdates.conf(5), ignored",
			  path,
			  group,
			  key);
		return TRUE;
	}
	text = uc_keyfile_get_string(file, group, key, error);
	if (text == NULL) {
		g_prefix_error(error, "%s: ", path);
		return FALSE;
	}
	g_strstrip(text);
	if (!uc_config_check_value(known, path, text, error))
		return FALSE;
	g_key_file_set_string(self->values, group, key, text);
	g_key_file_set_string(self->paths, group, key, path);
	return TRUE;
}

static gboolean
uc_config_merge_file(UcConfig *self, const gchar *path, GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_auto(GStrv) groups = NULL;
	g_autoptr(GError) error_load = NULL;

	if (!g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &error_load)) {
		if (g_error_matches(error_load, G_FILE_ERROR, G_FILE_ERROR_NOENT))
			return TRUE;
		g_set_error(error, UC_ERROR, UC_ERROR_INVALID, "%s: %s", path, error_load->message);
		return FALSE;
	}
	groups = g_key_file_get_groups(file, NULL);
	for (guint i = 0; groups[i] != NULL; i++) {
		g_auto(GStrv) keys = g_key_file_get_keys(file, groups[i], NULL, error);

		for (guint j = 0; keys != NULL && keys[j] != NULL; j++) {
			if (!uc_config_merge_key(self, file, path, groups[i], keys[j], error))
				return FALSE;
		}
	}
	return TRUE;
}

static gint
uc_keyfile_compare(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(*(const gchar *const *)a, *(const gchar *const *)b);
}

/**
 * uc_keyfile_list:
 * @dir: a directory of drop-in files, which need not exist
 * @error: set to `G_FILE_ERROR` when it is there and cannot be read
 *
 * Returns: (transfer full) (element-type filename): its `*.conf` files, sorted by name
 */
GPtrArray *
uc_keyfile_list(const gchar *dir, GError **error)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) error_open = NULL;
	g_autoptr(GDir) handle = g_dir_open(dir, 0, &error_open);
	const gchar *name = NULL;

	if (handle == NULL) {
		if (g_error_matches(error_open, G_FILE_ERROR, G_FILE_ERROR_NOENT))
			return g_steal_pointer(&paths);
		g_propagate_error(error, g_steal_pointer(&error_open));
		return NULL;
	}
	while ((name = g_dir_read_name(handle)) != NULL) {
		if (g_str_has_suffix(name, ".conf"))
			g_ptr_array_add(paths, g_build_filename(dir, name, NULL));
	}
	g_ptr_array_sort(paths, uc_keyfile_compare);
	return g_steal_pointer(&paths);
}

static gboolean
uc_config_merge_base(UcConfig *self, const gchar *main_path, const gchar *dir, GError **error)
{
	g_autoptr(GPtrArray) paths = NULL;

	if (!uc_config_merge_file(self, main_path, error))
		return FALSE;
	paths = uc_keyfile_list(dir, error);
	if (paths == NULL)
		return FALSE;
	for (guint i = 0; i < paths->len; i++) {
		if (!uc_config_merge_file(self, g_ptr_array_index(paths, i), error))
			return FALSE;
	}
	return TRUE;
}

/**
 * uc_config_load:
 * @error: set to %UC_ERROR_INVALID with file, group, key, value and range
 *
 * Reads `ucupdates.conf` and `ucupdates.conf.d/` of the vendor, then of the administrator; the last
 * one that sets a key counts. An unknown key is only warned about.
 *
 * Returns: (transfer full): the configuration, or %NULL
 */
UcConfig *
uc_config_load(GError **error)
{
	g_autoptr(UcConfig) self = g_new0(UcConfig, 1);
	g_autofree gchar *vendor = uc_path_vendor("ucupdates.conf");
	g_autofree gchar *vendor_dir = uc_path_vendor("ucupdates.conf.d");
	g_autofree gchar *local = uc_path_sysconf("ucupdates.conf");
	g_autofree gchar *local_dir = uc_path_sysconf("ucupdates.conf.d");

	self->values = g_key_file_new();
	self->paths = g_key_file_new();
	if (!uc_config_merge_base(self, vendor, vendor_dir, error) ||
	    !uc_config_merge_base(self, local, local_dir, error))
		return NULL;
	return g_steal_pointer(&self);
}

/**
 * uc_config_get_string:
 *
 * Returns: (transfer full): the value, or its compiled-in default
 */
gchar *
uc_config_get_string(UcConfig *self, const gchar *group, const gchar *key)
{
	const UcConfigKey *known = uc_config_find_key(group, key);
	gchar *text = NULL;

	g_return_val_if_fail(known != NULL, NULL);
	text = g_key_file_get_string(self->values, group, key, NULL);
	return text != NULL ? text : g_strdup(known->fallback);
}

/**
 * uc_config_get_path:
 *
 * Returns: (transfer full): the file that sets the key, to be named in an error; `ucupdates.conf`
 * for none
 */
gchar *
uc_config_get_path(UcConfig *self, const gchar *group, const gchar *key)
{
	gchar *path = g_key_file_get_string(self->paths, group, key, NULL);

	return path != NULL ? path : g_strdup("ucupdates.conf");
}

/**
 * uc_config_prefix_error:
 * @error: (inout) (optional): about the value of that key
 *
 * Puts the file that sets the key before it, and the key.
 */
void
uc_config_prefix_error(UcConfig *self, const gchar *group, const gchar *key, GError **error)
{
	g_autofree gchar *path = uc_config_get_path(self, group, key);

	g_prefix_error(error, "%s: [%s] %s", path, group, key);
}

guint64
uc_config_get_uint(UcConfig *self, const gchar *group, const gchar *key)
{
	g_autofree gchar *text = uc_config_get_string(self, group, key);
	guint64 value = 0;

	g_return_val_if_fail(text != NULL, 0);
	(void)uc_keyfile_parse_uint(text, 0, G_MAXUINT64, &value);
	return value;
}

gboolean
uc_config_get_boolean(UcConfig *self, const gchar *group, const gchar *key)
{
	g_autofree gchar *text = uc_config_get_string(self, group, key);

	return g_strcmp0(text, "true") == 0;
}

/**
 * uc_config_get_strv:
 *
 * Returns: (transfer full): the elements, which semicolons separate; empty ones are left out
 */
GStrv
uc_config_get_strv(UcConfig *self, const gchar *group, const gchar *key)
{
	g_autofree gchar *text = uc_config_get_string(self, group, key);
	g_auto(GStrv) parts = g_strsplit(text != NULL ? text : "", ";", -1);
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	for (guint i = 0; parts[i] != NULL; i++) {
		if (*g_strstrip(parts[i]) != '\0')
			g_strv_builder_add(builder, parts[i]);
	}
	return g_strv_builder_end(builder);
}
