/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * `rules.d/` of the mirror: keyfiles that become policy.json and the service description. Unlike in
 * the configuration of an endpoint an unknown key is an error here: a rule that does nothing must
 * not look as if it did.
 */

#include <gio/gio.h>
#include <string.h>

#include "uc-config.h"
#include "uc-error.h"
#include "uc-limits.h"
#include "uc-rules.h"

#define UC_RULES_WINDOWS_MAX 16
#define UC_RULES_DAYS_MAX    400

/* where a value stands, for the sentences */
typedef struct {
	const gchar *path;
	const gchar *group;
	const gchar *key;
	const gchar *text;
} UcRulesValue;

typedef gboolean (*UcRulesApply)(UcRules *self, const UcRulesValue *value, GError **error);

void
uc_rules_free(UcRules *self)
{
	g_clear_pointer(&self->policy, json_object_unref);
	g_strfreev(self->domains);
	g_free(self->internal_url);
	g_free(self->external_url);
	g_free(self);
}

static gboolean
uc_rules_fail(const UcRulesValue *value, const gchar *expected, GError **error)
{
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "%s: [%s] %s is '%s', expected %s",
		    value->path,
		    value->group,
		    value->key,
		    value->text,
		    expected);
	return FALSE;
}

/* HH:MM from 00:00 to 24:00 */
static gboolean
uc_rules_is_time(const gchar *text)
{
	guint hour = 0;
	guint minute = 0;

	if (strlen(text) != 5 || text[2] != ':' || !g_ascii_isdigit(text[0]) ||
	    !g_ascii_isdigit(text[1]) || !g_ascii_isdigit(text[3]) || !g_ascii_isdigit(text[4]))
		return FALSE;
	hour = (guint)(text[0] - '0') * 10 + (guint)(text[1] - '0');
	minute = (guint)(text[3] - '0') * 10 + (guint)(text[4] - '0');
	return (hour < 24 && minute < 60) || (hour == 24 && minute == 0);
}

static gboolean
uc_rules_add_window(JsonArray *windows, const gchar *text)
{
	g_auto(GStrv) ends = g_strsplit(text, "-", 2);
	JsonObject *window = NULL;

	if (ends[0] == NULL || ends[1] == NULL || !uc_rules_is_time(ends[0]) ||
	    !uc_rules_is_time(ends[1]) || g_str_equal(ends[0], "24:00"))
		return FALSE;
	window = json_object_new();
	json_object_set_string_member(window, "start", ends[0]);
	json_object_set_string_member(window, "end", ends[1]);
	json_array_add_object_element(windows, window);
	return TRUE;
}

static gboolean
uc_rules_apply_windows(UcRules *self, const UcRulesValue *value, GError **error)
{
	g_autoptr(JsonArray) windows = json_array_new();
	g_auto(GStrv) parts = g_strsplit(value->text, ";", -1);
	gboolean never = g_str_equal(value->text, "never");
	gboolean valid = TRUE;

	for (guint i = 0; !never && valid && parts[i] != NULL; i++) {
		g_strstrip(parts[i]);
		if (parts[i][0] != '\0')
			valid = uc_rules_add_window(windows, parts[i]);
	}
	if (!valid || (!never && json_array_get_length(windows) == 0) ||
	    json_array_get_length(windows) > UC_RULES_WINDOWS_MAX)
		return uc_rules_fail(value,
				     "'never' or 1 to 16 windows HH:MM-HH:MM from 00:00 to 24:00, "
				     "separated by ';'",
				     error);
	json_object_set_array_member(self->policy, "windows", g_steal_pointer(&windows));
	return TRUE;
}

static gboolean
uc_rules_apply_secs(UcRules *self,
		    const UcRulesValue *value,
		    const gchar *member,
		    guint64 min,
		    guint64 max,
		    GError **error)
{
	g_autofree gchar *expected = NULL;
	guint64 secs = 0;

	if (uc_keyfile_parse_uint(value->text, min, max, &secs)) {
		json_object_set_int_member(self->policy, member, (gint64)secs);
		return TRUE;
	}
	expected =
	    g_strdup_printf("a number of seconds from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
			    min,
			    max);
	return uc_rules_fail(value, expected, error);
}

static gboolean
uc_rules_apply_idle(UcRules *self, const UcRulesValue *value, GError **error)
{
	return uc_rules_apply_secs(self, value, "idle_secs", 0, 86400, error);
}

static gboolean
uc_rules_apply_poll(UcRules *self, const UcRulesValue *value, GError **error)
{
	return uc_rules_apply_secs(self, value, "poll_secs", 10, 604800, error);
}

static gboolean
uc_rules_apply_expire(UcRules *self, const UcRulesValue *value, GError **error)
{
	return uc_keyfile_parse_uint(value->text, 1, UC_RULES_DAYS_MAX, &self->expire_days) ||
	       uc_rules_fail(value, "a number of days from 1 to 400", error);
}

static gboolean
uc_rules_apply_domains(UcRules *self, const UcRulesValue *value, GError **error)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_auto(GStrv) parts = g_strsplit(value->text, ";", -1);
	guint count = 0;

	for (guint i = 0; parts[i] != NULL; i++) {
		g_strstrip(parts[i]);
		if (parts[i][0] == '\0')
			continue;
		if (strlen(parts[i]) > UC_LIMIT_DOMAIN_BYTES || ++count >= UC_LIMIT_DOMAINS ||
		    strspn(parts[i], "abcdefghijklmnopqrstuvwxyz0123456789-.") != strlen(parts[i]))
			return uc_rules_fail(value,
					     "at most 63 domain names in lower case, separated by "
					     "';'",
					     error);
		g_strv_builder_add(builder, parts[i]);
	}
	g_strfreev(self->domains);
	self->domains = g_strv_builder_end(builder);
	return TRUE;
}

static gboolean
uc_rules_apply_url(gchar **url, const UcRulesValue *value, GError **error)
{
	g_autoptr(GUri) uri = g_uri_parse(value->text, G_URI_FLAGS_NONE, NULL);

	if (uri == NULL || strlen(value->text) > UC_LIMIT_URL_BYTES ||
	    !g_str_equal(g_uri_get_scheme(uri), "https") || g_uri_get_host(uri) == NULL ||
	    g_uri_get_host(uri)[0] == '\0' || g_uri_get_userinfo(uri) != NULL ||
	    !g_str_equal(g_uri_get_path(uri), "/") || g_uri_get_query(uri) != NULL ||
	    g_uri_get_fragment(uri) != NULL)
		return uc_rules_fail(value, "https://HOST[:PORT]/", error);
	g_free(*url);
	*url = g_strdup(value->text);
	return TRUE;
}

static gboolean
uc_rules_apply_internal(UcRules *self, const UcRulesValue *value, GError **error)
{
	return uc_rules_apply_url(&self->internal_url, value, error);
}

static gboolean
uc_rules_apply_external(UcRules *self, const UcRulesValue *value, GError **error)
{
	return uc_rules_apply_url(&self->external_url, value, error);
}

static const struct {
	const gchar *group;
	const gchar *key;
	UcRulesApply apply;
} uc_rules_keys[] = {
    {"Policy", "Windows", uc_rules_apply_windows},
    {"Policy", "IdleSec", uc_rules_apply_idle},
    {"Policy", "PollSec", uc_rules_apply_poll},
    {"Publish", "ExpireDays", uc_rules_apply_expire},
    {"Publish", "Domains", uc_rules_apply_domains},
    {"Publish", "InternalUrl", uc_rules_apply_internal},
    {"Publish", "ExternalUrl", uc_rules_apply_external},
};

static gboolean
uc_rules_apply(UcRules *self, const UcRulesValue *value, GError **error)
{
	for (guint i = 0; i < G_N_ELEMENTS(uc_rules_keys); i++) {
		if (g_str_equal(uc_rules_keys[i].group, value->group) &&
		    g_str_equal(uc_rules_keys[i].key, value->key))
			return uc_rules_keys[i].apply(self, value, error);
	}
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "%s: [%s] %s is no rule that this version knows, see ucupdates-mirror(1)",
		    value->path,
		    value->group,
		    value->key);
	return FALSE;
}

static gboolean
uc_rules_load_group(UcRules *self,
		    GKeyFile *file,
		    const gchar *path,
		    const gchar *group,
		    GError **error)
{
	g_auto(GStrv) keys = g_key_file_get_keys(file, group, NULL, error);

	for (guint i = 0; keys != NULL && keys[i] != NULL; i++) {
		g_autofree gchar *text = g_key_file_get_string(file, group, keys[i], error);
		UcRulesValue value = {path, group, keys[i], text};

		if (text == NULL) {
			g_prefix_error(error, "%s: ", path);
			return FALSE;
		}
		g_strstrip(text);
		if (!uc_rules_apply(self, &value, error))
			return FALSE;
	}
	return keys != NULL;
}

static gboolean
uc_rules_load_file(UcRules *self, const gchar *path, GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_auto(GStrv) groups = NULL;
	g_autoptr(GError) error_load = NULL;

	if (!g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &error_load)) {
		g_set_error(error, UC_ERROR, UC_ERROR_INVALID, "%s: %s", path, error_load->message);
		return FALSE;
	}
	groups = g_key_file_get_groups(file, NULL);
	for (guint i = 0; groups[i] != NULL; i++) {
		if (!uc_rules_load_group(self, file, path, groups[i], error))
			return FALSE;
	}
	return TRUE;
}

/**
 * uc_rules_load:
 * @dir: a directory of `*.conf` files, which need not exist
 * @error: set to %UC_ERROR_INVALID with file, group, key, value and range
 *
 * Returns: (transfer full): the rules; what no file says has its default
 */
UcRules *
uc_rules_load(const gchar *dir, GError **error)
{
	g_autoptr(UcRules) self = g_new0(UcRules, 1);
	g_autoptr(GPtrArray) paths = uc_keyfile_list(dir, error);

	self->policy = json_object_new();
	self->expire_days = 30;
	self->domains = g_new0(gchar *, 1);
	if (paths == NULL)
		return NULL;
	for (guint i = 0; i < paths->len; i++) {
		if (!uc_rules_load_file(self, g_ptr_array_index(paths, i), error))
			return NULL;
	}
	return g_steal_pointer(&self);
}
