/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What was published of the policy and counts for the choice of a release: which version a model is
 * to run, and which ones are blocked for whom. It is in the database, so that check-ins are
 * answered by what is public, and it has nothing else of the policy, so that to choose for an
 * endpoint stays cheap.
 */

#include <string.h>

#include "uc-json.h"
#include "uc-limits.h"
#include "uc-offer-policy.h"
#include "uc-policy-json.h"
#include "uc-policy-select.h"

#define UC_OFFER_POLICY_META "choice"

/* those that count, and those that say for whom */
static const gchar *const uc_offer_policy_members[] = {"use_version",
						       "or_newer",
						       "where_offered",
						       "blocked_versions",
						       NULL};
static const gchar *const uc_offer_policy_names[] = {"vendor", "model", "name", "endpoints", NULL};

static gboolean
uc_offer_policy_copy(JsonObject *from, const gchar *const *members, JsonObject *to)
{
	gboolean any = FALSE;

	for (guint i = 0; members[i] != NULL; i++) {
		if (!json_object_has_member(from, members[i]))
			continue;
		json_object_set_member(to, members[i], json_object_dup_member(from, members[i]));
		any = TRUE;
	}
	return any;
}

static void
uc_offer_policy_copy_array(JsonObject *sections, const gchar *member, JsonObject *body)
{
	JsonArray *from = json_object_has_member(sections, member)
			      ? json_object_get_array_member(sections, member)
			      : NULL;
	g_autoptr(JsonArray) to = json_array_new();

	for (guint i = 0; from != NULL && i < json_array_get_length(from); i++) {
		JsonObject *section = json_array_get_object_element(from, i);
		g_autoptr(JsonObject) copy = json_object_new();

		if (!uc_offer_policy_copy(section, uc_offer_policy_members, copy))
			continue;
		(void)uc_offer_policy_copy(section, uc_offer_policy_names, copy);
		json_array_add_object_element(to, g_steal_pointer(&copy));
	}
	if (json_array_get_length(to) > 0)
		json_object_set_array_member(body, member, g_steal_pointer(&to));
}

/**
 * uc_offer_policy_record:
 * @sections: of policy.json, as of uc_policy_compile()
 * @error: set to %UC_ERROR_FAILED
 *
 * Remembers, within the caller's transaction, that this is what is published.
 */
gboolean
uc_offer_policy_record(UcDatabase *database, JsonObject *sections, GError **error)
{
	g_autoptr(JsonObject) body = json_object_new();
	g_autoptr(JsonObject) defaults = json_object_new();
	g_autofree gchar *text = NULL;

	if (uc_offer_policy_copy(json_object_get_object_member(sections, "defaults"),
				 uc_offer_policy_members,
				 defaults))
		json_object_set_object_member(body, "defaults", g_steal_pointer(&defaults));
	uc_offer_policy_copy_array(sections, "models", body);
	uc_offer_policy_copy_array(sections, "groups", body);
	text = uc_json_to_text(body, FALSE);
	return uc_database_set_meta(database, UC_OFFER_POLICY_META, text, error);
}

/* what a mirror published that did not record more than versions of models yet */
static JsonObject *
uc_offer_policy_load_pins(UcDatabase *database, GError **error)
{
	g_autoptr(JsonObject) body = json_object_new();
	g_autoptr(UcStatement) row = NULL;
	JsonArray *models = json_array_new();
	gboolean more = FALSE;

	json_object_set_array_member(body, "models", models);
	row =
	    uc_database_query(database,
			      error,
			      "SELECT vendor, model, version, or_newer FROM published_pins LIMIT ?",
			      "i",
			      (gint64)UC_POLICY_SECTIONS_MAX);
	while (row != NULL) {
		JsonObject *section = NULL;

		if (!uc_statement_next(row, &more, error))
			return NULL;
		if (!more)
			return g_steal_pointer(&body);
		section = json_object_new();
		json_object_set_string_member(section, "vendor", uc_statement_get_text(row, 0));
		json_object_set_string_member(section, "model", uc_statement_get_text(row, 1));
		json_object_set_string_member(section,
					      "use_version",
					      uc_statement_get_text(row, 2));
		json_object_set_boolean_member(section,
					       "or_newer",
					       uc_statement_get_int64(row, 3) != 0);
		json_array_add_object_element(models, section);
	}
	return NULL;
}

static JsonObject *
uc_offer_policy_read(UcDatabase *database, GError **error)
{
	g_autofree gchar *text = NULL;
	g_autoptr(GBytes) bytes = NULL;

	if (!uc_database_get_meta(database, UC_OFFER_POLICY_META, &text, error))
		return NULL;
	if (text[0] == '\0')
		return uc_offer_policy_load_pins(database, error);
	bytes = g_bytes_new_static(text, strlen(text));
	return uc_json_parse_object(bytes, UC_LIMIT_ENVELOPE_BYTES, "the published policy", error);
}

/**
 * uc_offer_policy_load:
 * @error: set to %UC_ERROR_FAILED, or %UC_ERROR_INVALID if somebody changed the database
 *
 * Returns: (transfer full): the policy that was published last, as far as it is recorded
 */
UcPolicy *
uc_offer_policy_load(UcDatabase *database, GError **error)
{
	g_autoptr(JsonObject) body = uc_offer_policy_read(database, error);

	return body != NULL ? uc_policy_from_json(body, error) : NULL;
}

static UcSubject
uc_offer_policy_get_subject(const UcCheckinEndpoint *endpoint)
{
	const UcSubject subject = {.endpoint = endpoint->id,
				   .vendor = endpoint->vendor,
				   .model = endpoint->model,
				   .serial = endpoint->serial,
				   .mac_address = endpoint->mac_address,
				   .identity = endpoint->identity};

	return subject;
}

/**
 * uc_offer_policy_select:
 * @self: a policy, of which all may be there
 * @endpoint: from a check-in
 *
 * Returns: (transfer full): what counts for this one; which group its own configuration names, the
 *   mirror does not know
 */
UcPolicy *
uc_offer_policy_select(const UcPolicy *self, const UcCheckinEndpoint *endpoint)
{
	const UcSubject subject = uc_offer_policy_get_subject(endpoint);

	return uc_policy_select(self, &subject);
}

/**
 * uc_offer_policy_find_groups:
 * @self: as of uc_offer_policy_load()
 * @endpoint: from a check-in
 *
 * Returns: as of uc_policy_find_groups(), of those by which something is chosen otherwise than for
 *   its model
 */
guint64
uc_offer_policy_find_groups(const UcPolicy *self, const UcCheckinEndpoint *endpoint)
{
	const UcSubject subject = uc_offer_policy_get_subject(endpoint);

	return uc_policy_find_groups(self, &subject);
}
