/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The trust bundle, `ROOT/trust`, as a document for endpoints that may take it on first use
 * (docs/service-protocol.md, section 2.3). There is nothing in it that is secret.
 */

#include "uc-key-file.h"
#include "uc-publish-trust.h"
#include "uc-trust-bundle.h"

typedef struct {
	GPtrArray *lists[UC_TRUST_BUNDLE_PURPOSES];
} UcPublishTrust;

static void
uc_publish_trust_clear(UcPublishTrust *self)
{
	for (guint i = 0; i < UC_TRUST_BUNDLE_PURPOSES; i++)
		g_clear_pointer(&self->lists[i], g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UcPublishTrust, uc_publish_trust_clear)

/* a mirror from before there was a recovery key has none */
static gboolean
uc_publish_trust_load(UcPublishTrust *self, const gchar *root, GError **error)
{
	for (guint i = 0; i < UC_TRUST_BUNDLE_PURPOSES; i++) {
		g_autoptr(GError) error_list = NULL;

		self->lists[i] =
		    uc_key_file_list_anchors(root, uc_trust_bundle_get_purpose(i), &error_list);
		if (self->lists[i] != NULL)
			continue;
		if (i == UC_ANCHOR_LAST &&
		    g_error_matches(error_list, G_FILE_ERROR, G_FILE_ERROR_NOENT))
			return TRUE;
		g_propagate_error(error, g_steal_pointer(&error_list));
		return FALSE;
	}
	return TRUE;
}

/**
 * uc_publish_trust_get_fingerprint:
 * @root: directory of a mirror
 * @error: set to `G_FILE_ERROR`, or as uc_ca_parse()
 *
 * Returns: (transfer full): what endpoints show that took the bundle on first use, or %NULL
 */
gchar *
uc_publish_trust_get_fingerprint(const gchar *root, GError **error)
{
	g_auto(UcPublishTrust) trust = {0};

	if (!uc_publish_trust_load(&trust, root, error))
		return NULL;
	return uc_trust_bundle_compute_fingerprint(trust.lists, error);
}

static JsonArray *
uc_publish_trust_to_json(GPtrArray *list)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < list->len; i++) {
		GBytes *pem = g_ptr_array_index(list, i);
		g_autofree gchar *text =
		    g_strndup(g_bytes_get_data(pem, NULL), g_bytes_get_size(pem));

		json_array_add_string_element(array, text);
	}
	return array;
}

/**
 * uc_publish_trust_add:
 * @root: directory of a mirror
 * @body: of the document, which gets the member `anchors`
 * @error: set to `G_FILE_ERROR`
 */
gboolean
uc_publish_trust_add(const gchar *root, JsonObject *body, GError **error)
{
	g_auto(UcPublishTrust) trust = {0};
	JsonObject *object = NULL;

	if (!uc_publish_trust_load(&trust, root, error))
		return FALSE;
	object = json_object_new();
	for (guint i = 0; i < UC_TRUST_BUNDLE_PURPOSES; i++) {
		if (trust.lists[i] != NULL && trust.lists[i]->len > 0)
			json_object_set_array_member(object,
						     uc_trust_bundle_get_purpose(i),
						     uc_publish_trust_to_json(trust.lists[i]));
	}
	json_object_set_object_member(body, "anchors", object);
	return TRUE;
}
