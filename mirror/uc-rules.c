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
#include "uc-rules-value.h"
#include "uc-rules.h"

#define UC_RULES_DAYS_MAX   400
#define UC_RULES_SCOPES_MAX 64

#define UC_RULES_HALT_PERCENT_DEFAULT 20
#define UC_RULES_HALT_MINIMUM_DEFAULT 5

static void
uc_rules_scope_free(UcRulesScope *self)
{
	g_free(self->name);
	g_clear_pointer(&self->policy, json_object_unref);
	g_free(self);
}

void
uc_rules_free(UcRules *self)
{
	g_clear_pointer(&self->policy, json_object_unref);
	g_clear_pointer(&self->models, g_ptr_array_unref);
	g_clear_pointer(&self->groups, g_ptr_array_unref);
	g_strfreev(self->domains);
	g_free(self->internal_url);
	g_free(self->external_url);
	g_free(self->phone_url);
	g_free(self);
}

static gboolean
uc_rules_apply_expire(UcRules *self, const UcRulesValue *value, GError **error)
{
	return uc_keyfile_parse_uint(value->text, 1, UC_RULES_DAYS_MAX, &self->expire_days) ||
	       uc_rules_value_fail(value, "a number of days from 1 to 400", error);
}

static gboolean
uc_rules_apply_retention(UcRules *self, const UcRulesValue *value, GError **error)
{
	return uc_keyfile_parse_uint(value->text, 1, 3650, &self->retention_days) ||
	       uc_rules_value_fail(value, "a number of days from 1 to 3650", error);
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
			return uc_rules_value_fail(
			    value,
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
		return uc_rules_value_fail(value, "https://HOST[:PORT]/", error);
	g_free(*url);
	*url = g_strdup(value->text);
	return TRUE;
}

/* old phones know neither today's TLS nor our CA */
static gboolean
uc_rules_apply_phone_url(UcRules *self, const UcRulesValue *value, GError **error)
{
	gboolean plain = g_str_has_prefix(value->text, "http://");
	g_autofree gchar *secure = plain ? g_strconcat("https", value->text + strlen("http"), NULL)
					 : NULL;
	const UcRulesValue as_https = {value->path, value->group, value->key, secure};

	if (!plain)
		return uc_rules_apply_url(&self->phone_url, value, error);
	if (!uc_rules_apply_url(&self->phone_url, &as_https, error))
		return FALSE;
	g_free(self->phone_url);
	self->phone_url = g_strdup(value->text);
	return TRUE;
}

/**
 * uc_rules_enrolment_to_string:
 *
 * Returns: (transfer none): the word that a rule has for it
 */
const gchar *
uc_rules_enrolment_to_string(UcRulesEnrolment enrolment)
{
	static const gchar *const names[] = {"none", "open", "token", "approval"};

	G_STATIC_ASSERT(G_N_ELEMENTS(names) == UC_RULES_ENROLMENT_LAST);
	g_return_val_if_fail(enrolment < UC_RULES_ENROLMENT_LAST, NULL);
	return names[enrolment];
}

/**
 * uc_rules_enrolment_from_string:
 * @enrolment_out: (out): the same as a number
 *
 * Returns: whether @text is such a word
 */
gboolean
uc_rules_enrolment_from_string(const gchar *text, UcRulesEnrolment *enrolment_out)
{
	for (guint i = 0; i < UC_RULES_ENROLMENT_LAST; i++) {
		if (!g_str_equal(uc_rules_enrolment_to_string((UcRulesEnrolment)i), text))
			continue;
		*enrolment_out = (UcRulesEnrolment)i;
		return TRUE;
	}
	return FALSE;
}

static gboolean
uc_rules_apply_enrolment(UcRules *self, const UcRulesValue *value, GError **error)
{
	if (g_str_equal(value->key, "Enrolment"))
		return uc_rules_enrolment_from_string(value->text, &self->enrolment) ||
		       uc_rules_value_fail(value, "none, open, token or approval", error);
	return uc_keyfile_parse_uint(value->text, 1, UC_RULES_DAYS_MAX, &self->enrolment_days) ||
	       uc_rules_value_fail(value, "a number of days from 1 to 400", error);
}

static gboolean
uc_rules_apply_publish(UcRules *self, const UcRulesValue *value, GError **error)
{
	if (g_str_equal(value->key, "ExpireDays"))
		return uc_rules_apply_expire(self, value, error);
	if (g_str_equal(value->key, "RetentionDays"))
		return uc_rules_apply_retention(self, value, error);
	if (g_str_equal(value->key, "Domains"))
		return uc_rules_apply_domains(self, value, error);
	if (g_str_equal(value->key, "InternalUrl"))
		return uc_rules_apply_url(&self->internal_url, value, error);
	if (g_str_equal(value->key, "ExternalUrl"))
		return uc_rules_apply_url(&self->external_url, value, error);
	if (g_str_equal(value->key, "Enrolment") || g_str_equal(value->key, "EnrolmentDays"))
		return uc_rules_apply_enrolment(self, value, error);
	if (g_str_equal(value->key, "PhoneUrl"))
		return uc_rules_apply_phone_url(self, value, error);
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
uc_rules_fail_group(const gchar *path, const gchar *group, GError **error)
{
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "%s: [%s] is no group that this version knows, expected [Policy], [Publish], "
		    "at most %d of [Model VENDOR/MODEL] and at most %d of [Group NAME]",
		    path,
		    group,
		    UC_RULES_SCOPES_MAX,
		    UC_RULES_SCOPES_MAX);
	return FALSE;
}

static UcRulesScope *
uc_rules_ensure_scope(GPtrArray *scopes, const gchar *name)
{
	UcRulesScope *scope = NULL;

	for (guint i = 0; i < scopes->len; i++) {
		scope = g_ptr_array_index(scopes, i);
		if (g_str_equal(scope->name, name))
			return scope;
	}
	if (scopes->len >= UC_RULES_SCOPES_MAX)
		return NULL;
	scope = g_new0(UcRulesScope, 1);
	scope->name = g_strdup(name);
	scope->policy = json_object_new();
	g_ptr_array_add(scopes, scope);
	return scope;
}

/* (transfer none): where the values of a group go, and of which kind it is */
static JsonObject *
uc_rules_find_target(UcRules *self, const gchar *group, UcRulesScopeKind *kind_out)
{
	UcRulesScope *scope = NULL;
	g_autofree gchar *model = NULL;
	const gchar *slash = NULL;

	*kind_out = UC_RULES_DEFAULTS;
	if (g_str_equal(group, "Policy"))
		return self->policy;
	if (g_str_has_prefix(group, "Model ")) {
		*kind_out = UC_RULES_MODEL;
		model = g_utf8_strdown(group + strlen("Model "), -1);
		slash = strchr(model, '/');
		if (slash != NULL && slash != model && slash[1] != '\0')
			scope = uc_rules_ensure_scope(self->models, model);
	} else if (g_str_has_prefix(group, "Group ") && group[strlen("Group ")] != '\0') {
		*kind_out = UC_RULES_GROUP;
		scope = uc_rules_ensure_scope(self->groups, group + strlen("Group "));
	}
	return scope != NULL ? scope->policy : NULL;
}

static gboolean
uc_rules_apply(UcRules *self, const UcRulesValue *value, GError **error)
{
	const UcRulesKey *key = NULL;
	JsonObject *target = NULL;
	UcRulesScopeKind kind = UC_RULES_DEFAULTS;

	if (g_str_equal(value->group, "Publish"))
		return uc_rules_apply_publish(self, value, error);
	target = uc_rules_find_target(self, value->group, &kind);
	if (target == NULL)
		return uc_rules_fail_group(value->path, value->group, error);
	key = uc_rules_key_find(value->key, kind);
	if (key != NULL)
		return key->take(target, key, value, error);
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "%s: [%s] %s is no rule that this version knows there, see ucupdates-mirror(1)",
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
		g_autofree gchar *text = uc_keyfile_get_string(file, group, keys[i], error);
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

/* GKeyFile looks at the encoding of values only, and names of groups become part of policy.json */
static gboolean
uc_rules_check_text(const gchar *text, gsize size_bytes, GError **error)
{
	const gchar *end = NULL;
	guint line = 1;

	if (size_bytes > UC_LIMIT_ENVELOPE_BYTES) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_LIMIT,
			    "it has %" G_GSIZE_FORMAT " bytes, expected at most %d",
			    size_bytes,
			    UC_LIMIT_ENVELOPE_BYTES);
		return FALSE;
	}
	if (g_utf8_validate(text, (gssize)size_bytes, &end))
		return TRUE;
	for (const gchar *p = text; p < end; p++)
		line += *p == '\n' ? 1 : 0;
	g_set_error(
	    error,
	    UC_ERROR,
	    UC_ERROR_INVALID,
	    "line %u is not in UTF-8, which endpoints expect; save the file in that encoding",
	    line);
	return FALSE;
}

static GKeyFile *
uc_rules_open_file(const gchar *path, GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autofree gchar *text = NULL;
	gsize size_bytes = 0;

	if (!g_file_get_contents(path, &text, &size_bytes, error) ||
	    !uc_rules_check_text(text, size_bytes, error) ||
	    !g_key_file_load_from_data(file, text, size_bytes, G_KEY_FILE_NONE, error))
		return NULL;
	return g_steal_pointer(&file);
}

static gboolean
uc_rules_load_file(UcRules *self, const gchar *path, GError **error)
{
	g_auto(GStrv) groups = NULL;
	g_autoptr(GError) error_load = NULL;
	g_autoptr(GKeyFile) file = uc_rules_open_file(path, &error_load);

	if (file == NULL) {
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

/* one that is gone, such as a checkout that failed, is no decision for the defaults */
static gboolean
uc_rules_check_dir(const gchar *dir, GError **error)
{
	if (g_file_test(dir, G_FILE_TEST_IS_DIR))
		return TRUE;
	g_set_error(
	    error,
	    UC_ERROR,
	    UC_ERROR_NOT_FOUND,
	    "%s is not there, and without it everything would be as by default; bring it back, "
	    "also if it is to be empty",
	    dir);
	return FALSE;
}

/**
 * uc_rules_load:
 * @dir: a directory of `*.conf` files, which may be empty
 * @error: set to %UC_ERROR_INVALID with file, group, key, value and range, or %UC_ERROR_NOT_FOUND
 *   without that directory
 *
 * Returns: (transfer full): the rules; what no file says has its default
 */
UcRules *
uc_rules_load(const gchar *dir, GError **error)
{
	g_autoptr(UcRules) self = g_new0(UcRules, 1);
	g_autoptr(GPtrArray) paths = uc_keyfile_list(dir, error);

	self->policy = json_object_new();
	self->models = g_ptr_array_new_with_free_func((GDestroyNotify)uc_rules_scope_free);
	self->groups = g_ptr_array_new_with_free_func((GDestroyNotify)uc_rules_scope_free);
	self->expire_days = 30;
	self->enrolment_days = 90;
	self->domains = g_new0(gchar *, 1);
	if (paths == NULL || !uc_rules_check_dir(dir, error))
		return NULL;
	for (guint i = 0; i < paths->len; i++) {
		if (!uc_rules_load_file(self, g_ptr_array_index(paths, i), error))
			return NULL;
	}
	return g_steal_pointer(&self);
}

static const UcRulesScope *
uc_rules_find_model(const UcRules *self, const gchar *vendor, const gchar *model)
{
	g_autofree gchar *name = g_strdup_printf("%s/%s", vendor, model);

	for (guint i = 0; i < self->models->len; i++) {
		const UcRulesScope *scope = g_ptr_array_index(self->models, i);

		if (g_str_equal(scope->name, name))
			return scope;
	}
	return NULL;
}

/**
 * uc_rules_get_number:
 * @vendor: in lower case
 * @model: in lower case
 * @member: one of the members that stay in the mirror
 * @fallback: if neither the model nor everybody has it
 */
gint64
uc_rules_get_number(const UcRules *self,
		    const gchar *vendor,
		    const gchar *model,
		    const gchar *member,
		    gint64 fallback)
{
	const UcRulesScope *scope = uc_rules_find_model(self, vendor, model);

	if (scope != NULL && json_object_has_member(scope->policy, member))
		return json_object_get_int_member(scope->policy, member);
	if (json_object_has_member(self->policy, member))
		return json_object_get_int_member(self->policy, member);
	return fallback;
}

/**
 * uc_rules_is_halting:
 * @failed: number of endpoints on which the release failed
 * @total: number of endpoints that reported a result
 *
 * Returns: whether that is too much for this model
 */
gboolean
uc_rules_is_halting(const UcRules *self,
		    const gchar *vendor,
		    const gchar *model,
		    gint64 failed,
		    gint64 total)
{
	gint64 percent = uc_rules_get_number(self,
					     vendor,
					     model,
					     UC_RULES_HALT_PERCENT,
					     UC_RULES_HALT_PERCENT_DEFAULT);
	gint64 minimum = uc_rules_get_number(self,
					     vendor,
					     model,
					     UC_RULES_HALT_MINIMUM,
					     UC_RULES_HALT_MINIMUM_DEFAULT);

	return total >= minimum && failed * 100 > percent * total;
}
