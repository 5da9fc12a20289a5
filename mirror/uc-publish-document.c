/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The documents of docs/service-protocol.md, sections 3 and 4, before they are signed. */

#include "uc-names.h"
#include "uc-publish-document.h"
#include "uc-sha256.h"

void
uc_publish_remotes_clear(UcPublishRemotes *self)
{
	for (guint i = 0; i < UC_PUBLISH_REMOTES; i++) {
		g_clear_pointer(&self->items[i].metadata_path, g_free);
		g_clear_pointer(&self->items[i].metadata, g_bytes_unref);
		g_clear_pointer(&self->items[i].signature_path, g_free);
		g_clear_pointer(&self->items[i].signature, g_bytes_unref);
	}
}

/**
 * uc_publish_document_next_serial:
 * @last: the serial before, 0 at first
 * @now_secs: the present time, seconds since the Unix epoch
 *
 * Returns: the next serial, which also grows after the database was restored from a backup
 */
gint64
uc_publish_document_next_serial(gint64 last, gint64 now_secs)
{
	return MAX(last + 1, now_secs);
}

/**
 * uc_publish_document_internal_url:
 *
 * Returns: (transfer full): the base URL inside the organisation's network, with a slash at the end
 */
gchar *
uc_publish_document_internal_url(const gchar *organisation, const UcRules *rules)
{
	if (rules->internal_url != NULL)
		return g_strdup(rules->internal_url);
	return g_strdup_printf("https://%s.%s/", UC_DNS_LABEL, organisation);
}

/**
 * uc_publish_document_new:
 * @type: one of `UC_DOCUMENT_…`
 *
 * Returns: (transfer full): a body with the members that every document has
 */
JsonObject *
uc_publish_document_new(const gchar *type, const gchar *organisation, const UcPublished *published)
{
	JsonObject *body = json_object_new();

	json_object_set_string_member(body, "type", type);
	json_object_set_string_member(body, "organisation", organisation);
	json_object_set_int_member(body, "serial", published->serial);
	uc_json_set_time(body, "issued", published->issued_secs);
	uc_json_set_time(body, "expires", published->expires_secs);
	return body;
}

/**
 * uc_publish_document_policy:
 * @sections: as uc_policy_compile() makes them
 *
 * Returns: (transfer full): the body of policy.json
 */
JsonObject *
uc_publish_document_policy(const gchar *organisation,
			   const UcPublished *published,
			   JsonObject *sections)
{
	JsonObject *body = uc_publish_document_new(UC_DOCUMENT_POLICY, organisation, published);
	g_autoptr(GList) members = json_object_get_members(sections);

	for (GList *l = members; l != NULL; l = l->next)
		json_object_set_member(body, l->data, json_object_dup_member(sections, l->data));
	return body;
}

static void
uc_publish_document_set_file(JsonObject *object,
			     const gchar *member,
			     const gchar *path,
			     GBytes *bytes)
{
	JsonObject *file = json_object_new();
	g_autofree gchar *sha256 = uc_sha256_for_bytes(bytes);

	json_object_set_string_member(file, "path", path);
	json_object_set_int_member(file, "size_bytes", (gint64)g_bytes_get_size(bytes));
	json_object_set_string_member(file, "sha256", sha256);
	json_object_set_object_member(object, member, file);
}

static void
uc_publish_document_add_remote(JsonArray *array, const UcPublishRemote *remote)
{
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "id", remote->id);
	uc_publish_document_set_file(object, "metadata", remote->metadata_path, remote->metadata);
	uc_publish_document_set_file(object,
				     "signature",
				     remote->signature_path,
				     remote->signature);
	json_object_set_string_member(object, "firmware_base_path", UC_PUBLISH_CABS_PATH);
	json_array_add_object_element(array, object);
}

/**
 * uc_publish_document_description:
 * @policy: the envelope of policy.json
 * @remotes: (array fixed-size=2): what fwupd gets
 *
 * Returns: (transfer full): the body of the service description
 */
JsonObject *
uc_publish_document_description(const gchar *organisation,
				const UcPublished *published,
				const UcRules *rules,
				GBytes *policy,
				const UcPublishRemote *remotes)
{
	JsonObject *body = uc_publish_document_new(UC_DOCUMENT_SERVICE, organisation, published);
	JsonArray *domains = json_array_new();
	JsonArray *array = json_array_new();
	g_autofree gchar *internal_url = uc_publish_document_internal_url(organisation, rules);

	json_array_add_string_element(domains, organisation);
	for (guint i = 0; rules->domains[i] != NULL; i++)
		json_array_add_string_element(domains, rules->domains[i]);
	for (guint i = 0; i < UC_PUBLISH_REMOTES; i++)
		uc_publish_document_add_remote(array, &remotes[i]);
	json_object_set_array_member(body, "domains", domains);
	json_object_set_string_member(body, "internal_url", internal_url);
	if (rules->external_url != NULL)
		json_object_set_string_member(body, "external_url", rules->external_url);
	uc_publish_document_set_file(body, "policy", "policy.json", policy);
	json_object_set_array_member(body, "remotes", array);
	json_object_set_string_member(body, "checkin_path", UC_PUBLISH_CHECKIN_PATH);
	json_object_set_string_member(body, "reports_path", UC_PUBLISH_REPORTS_PATH);
	if (rules->enrolment != UC_RULES_ENROLMENT_NONE)
		json_object_set_string_member(body, "enrolment_path", UC_PUBLISH_ENROL_PATH);
	return body;
}
