/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Whose policy? `defaults` first, then every element of `models` that matches, then every one of
 * `groups`, each in the order of the document; what comes later replaces what came before. Last
 * come the pin and the test mark of the one device.
 */

#include "uc-error.h"
#include "uc-json.h"
#include "uc-limits.h"
#include "uc-policy-groups.h"
#include "uc-policy-json.h"
#include "uc-policy-select.h"

static gboolean
uc_policy_get_list(const UcPolicy *self,
		   const gchar *member,
		   guint max_elements,
		   JsonArray **array_out,
		   GError **error)
{
	*array_out = NULL;
	return self->sections == NULL || uc_json_get_array(self->sections,
							   member,
							   UC_JSON_OPTIONAL,
							   max_elements,
							   array_out,
							   error);
}

static gboolean
uc_policy_get_text(JsonObject *object,
		   const gchar *member,
		   UcJsonNeed need,
		   const gchar **text_out,
		   GError **error)
{
	return uc_json_get_string(object, member, need, UC_LIMIT_STRING_BYTES, text_out, error);
}

/* as the mirror does, which writes these names in lower case */
static gboolean
uc_policy_is_same_name(const gchar *one, const gchar *other)
{
	g_autofree gchar *folded_one = NULL;
	g_autofree gchar *folded_other = NULL;

	if (one == NULL || other == NULL)
		return FALSE;
	if (g_ascii_strcasecmp(one, other) == 0)
		return TRUE;
	if (!g_utf8_validate(one, -1, NULL) || !g_utf8_validate(other, -1, NULL))
		return FALSE;
	folded_one = g_utf8_casefold(one, -1);
	folded_other = g_utf8_casefold(other, -1);
	return g_str_equal(folded_one, folded_other);
}

/*
 * @subject: who is looked at
 * @named: a bit for each group that names it
 */
typedef struct {
	const UcSubject *subject;
	guint64 named;
} UcPolicyWho;

static gboolean
uc_policy_match_model(JsonObject *object,
		      guint index,
		      const UcPolicyWho *who,
		      gboolean *matches_out,
		      GError **error)
{
	const UcSubject *subject = who->subject;
	const gchar *vendor = NULL;
	const gchar *model = NULL;

	if (!uc_policy_get_text(object, "model", UC_JSON_REQUIRED, &model, error) ||
	    !uc_policy_get_text(object, "vendor", UC_JSON_OPTIONAL, &vendor, error))
		return FALSE;
	/* as in the instance ids (DESIGN.md, decision 5): case does not matter */
	*matches_out = uc_policy_is_same_name(model, subject->model) &&
		       (vendor == NULL || uc_policy_is_same_name(vendor, subject->vendor));
	return TRUE;
}

/* only the MAC address has letters whose case means nothing */
static gboolean
uc_policy_is_named(const UcSubject *subject, const gchar *name)
{
	return g_strcmp0(name, subject->endpoint) == 0 || g_strcmp0(name, subject->serial) == 0 ||
	       g_strcmp0(name, subject->identity) == 0 ||
	       (subject->mac_address != NULL &&
		g_ascii_strcasecmp(name, subject->mac_address) == 0);
}

static gboolean
uc_policy_is_among(const UcSubject *subject, GStrv names)
{
	for (guint i = 0; names != NULL && names[i] != NULL; i++) {
		if (uc_policy_is_named(subject, names[i]))
			return TRUE;
	}
	return FALSE;
}

/* for it every section is tried, to find what is wrong */
static const UcSubject uc_policy_nobody = {NULL};

static gboolean
uc_policy_check_names(JsonObject *object, GError **error)
{
	g_auto(GStrv) endpoints = NULL;

	return uc_json_get_strv(object,
				"endpoints",
				UC_JSON_OPTIONAL,
				UC_POLICY_NAMES_MAX,
				UC_LIMIT_STRING_BYTES,
				&endpoints,
				error);
}

static gboolean
uc_policy_match_group(JsonObject *object,
		      guint index,
		      const UcPolicyWho *who,
		      gboolean *matches_out,
		      GError **error)
{
	const gchar *name = NULL;

	if (!uc_policy_get_text(object, "name", UC_JSON_REQUIRED, &name, error) ||
	    (who->subject == &uc_policy_nobody && !uc_policy_check_names(object, error)))
		return FALSE;
	*matches_out =
	    g_strcmp0(name, who->subject->group) == 0 || ((who->named >> index) & 1) != 0;
	return TRUE;
}

typedef gboolean (*UcPolicyMatchFunc)(JsonObject *object,
				      guint index,
				      const UcPolicyWho *who,
				      gboolean *matches_out,
				      GError **error);

static gboolean
uc_policy_apply_list(UcPolicy *self,
		     const gchar *member,
		     UcPolicyMatchFunc match,
		     const UcPolicyWho *who,
		     GError **error)
{
	JsonArray *array = NULL;

	if (!uc_policy_get_list(self, member, UC_POLICY_SECTIONS_MAX, &array, error))
		return FALSE;
	for (guint i = 0; array != NULL && i < json_array_get_length(array); i++) {
		JsonObject *object = uc_json_array_get_object(array, i, member, error);
		gboolean matches = FALSE;

		if (object == NULL)
			return FALSE;
		if (!match(object, i, who, &matches, error) ||
		    ((matches || who->subject == &uc_policy_nobody) &&
		     !uc_policy_apply_json(self, object, error))) {
			g_prefix_error(error, "%s[%u]: ", member, i);
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean
uc_policy_apply_pins(UcPolicy *self, const UcSubject *subject, GError **error)
{
	JsonArray *array = NULL;

	if (!uc_policy_get_list(self, "pins", UC_POLICY_NAMES_MAX, &array, error))
		return FALSE;
	for (guint i = 0; array != NULL && i < json_array_get_length(array); i++) {
		JsonObject *object = uc_json_array_get_object(array, i, "pins", error);
		const gchar *name = NULL;
		const gchar *version = NULL;

		if (object == NULL ||
		    !uc_policy_get_text(object, "endpoint", UC_JSON_REQUIRED, &name, error) ||
		    !uc_json_get_string(object, "version", UC_JSON_REQUIRED, 64, &version, error)) {
			g_prefix_error(error, "pins[%u]: ", i);
			return FALSE;
		}
		if (!uc_policy_is_named(subject, name))
			continue;
		g_free(self->device_version);
		self->device_version = g_strdup(version);
	}
	return TRUE;
}

static gboolean
uc_policy_apply_tests(UcPolicy *self, const UcSubject *subject, GError **error)
{
	g_auto(GStrv) names = NULL;

	if (self->sections == NULL)
		return TRUE;
	if (!uc_json_get_strv(self->sections,
			      "test_devices",
			      UC_JSON_OPTIONAL,
			      UC_POLICY_NAMES_MAX,
			      UC_LIMIT_STRING_BYTES,
			      &names,
			      error))
		return FALSE;
	self->test_device = uc_policy_is_among(subject, names);
	return TRUE;
}

/**
 * uc_policy_find_groups:
 * @self: as uc_policy_from_json() returned it
 * @subject: who is asked about
 *
 * Returns: a bit for each of its groups that names it, the lowest one for the first; what the
 *   sections say for endpoints of one model differs by these alone
 */
guint64
uc_policy_find_groups(const UcPolicy *self, const UcSubject *subject)
{
	return self->groups != NULL ? uc_policy_groups_find(self->groups, subject) : 0;
}

static gboolean
uc_policy_apply_all(UcPolicy *self, const UcSubject *subject, GError **error)
{
	const UcPolicyWho who = {subject, uc_policy_find_groups(self, subject)};

	return uc_policy_apply_list(self, "models", uc_policy_match_model, &who, error) &&
	       uc_policy_apply_list(self, "groups", uc_policy_match_group, &who, error) &&
	       uc_policy_apply_pins(self, subject, error) &&
	       uc_policy_apply_tests(self, subject, error);
}

/**
 * uc_policy_is_test_device:
 * @self: as uc_policy_from_json() returned it
 * @subject: who is asked about
 *
 * Returns: whether that endpoint gets what is pending
 */
gboolean
uc_policy_is_test_device(const UcPolicy *self, const UcSubject *subject)
{
	g_autoptr(UcPolicy) copy = uc_policy_copy(self);

	return uc_policy_apply_tests(copy, subject, NULL) && copy->test_device;
}

/**
 * uc_policy_check_sections:
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT with the section, the member and the value
 *
 * Returns: whether every section can be read, so that uc_policy_select() cannot fail later
 */
gboolean
uc_policy_check_sections(const UcPolicy *self, GError **error)
{
	g_autoptr(UcPolicy) copy = uc_policy_copy(self);

	return uc_policy_apply_all(copy, &uc_policy_nobody, error);
}

/**
 * uc_policy_select:
 * @self: as uc_policy_from_json() returned it
 * @subject: whose policy
 *
 * Returns: (transfer full): what counts for this one endpoint
 */
UcPolicy *
uc_policy_select(const UcPolicy *self, const UcSubject *subject)
{
	g_autoptr(UcPolicy) copy = uc_policy_copy(self);
	g_autoptr(GError) error = NULL;

	if (uc_policy_apply_all(copy, subject, &error))
		return g_steal_pointer(&copy);
	/* the sections are good each, and not together: a hard deadline before a deadline */
	g_warning("policy: %s; the defaults are used", error->message);
	return uc_policy_copy(self);
}

/**
 * uc_policy_narrow:
 * @limits: what the endpoint's own configuration says
 *
 * The local configuration allows less than the organisation, never more.
 */
void
uc_policy_narrow(UcPolicy *self, const UcPolicyLimits *limits)
{
	self->idle_secs = MAX(self->idle_secs, limits->idle_secs);
	if (limits->windows != NULL) {
		g_clear_pointer(&self->windows_local, g_array_unref);
		self->windows_local = g_array_copy((GArray *)limits->windows);
	}
	if (limits->first_update_normal)
		self->first_update = UC_FIRST_UPDATE_NORMAL;
}
