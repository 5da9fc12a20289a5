/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * `ROOT/keys.json`: what the recovery key signed last (docs/service-protocol.md, section 2.2). The
 * signed document itself is the mirror's memory of what is revoked, of its serial and of the epoch,
 * so that no other record can disagree with what the endpoints are told.
 */

#include "uc-document.h"
#include "uc-error.h"
#include "uc-file.h"
#include "uc-key-document.h"
#include "uc-key-file.h"
#include "uc-keys.h"
#include "uc-limits.h"
#include "uc-names.h"
#include "uc-recovery-key.h"
#include "uc-revoked.h"

/* an expired one is not installed any more; a day less than the most that is allowed */
#define UC_KEY_DOCUMENT_LIFETIME_SECS (UC_LIMIT_LIFETIME_SECS - 86400)

void
uc_key_document_free(UcKeyDocument *self)
{
	for (guint i = 0; i < UC_ANCHOR_LAST; i++) {
		g_clear_pointer(&self->anchors[i], g_ptr_array_unref);
		g_clear_pointer(&self->told[i], g_ptr_array_unref);
	}
	g_clear_pointer(&self->revoked, g_ptr_array_unref);
	g_free(self);
}

/**
 * uc_key_document_read:
 * @envelope_out: (out) (transfer full) (nullable): the signed document; %NULL before the first
 * @error: set to `G_FILE_ERROR`
 */
gboolean
uc_key_document_read(const UcMirror *mirror, GBytes **envelope_out, GError **error)
{
	g_autofree gchar *path = uc_mirror_path(mirror, "keys.json", NULL);
	g_autoptr(GError) error_read = NULL;
	gchar *text = NULL;
	gsize size_bytes = 0;

	*envelope_out = NULL;
	if (g_file_get_contents(path, &text, &size_bytes, &error_read)) {
		*envelope_out = g_bytes_new_take(text, size_bytes);
		return TRUE;
	}
	if (g_error_matches(error_read, G_FILE_ERROR, G_FILE_ERROR_NOENT))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&error_read));
	return FALSE;
}

static gboolean
uc_key_document_load_signed(UcKeyDocument *self, const UcMirror *mirror, GError **error)
{
	g_autofree gchar *anchors = uc_mirror_path(mirror, "trust", UC_RECOVERY_KEY_PURPOSE, NULL);
	UcDocumentExpect expect = {.type = UC_DOCUMENT_KEYS,
				   .organisation = mirror->organisation,
				   .anchors_dir = anchors,
				   .any_time = TRUE};
	g_autoptr(GBytes) envelope = NULL;
	g_autoptr(UcDocument) document = NULL;
	g_autoptr(UcKeys) keys = NULL;

	if (!uc_key_document_read(mirror, &envelope, error))
		return FALSE;
	if (envelope == NULL)
		return TRUE;
	document = uc_document_verify(envelope, &expect, error);
	keys = document != NULL ? uc_keys_parse(document, error) : NULL;
	if (keys == NULL) {
		g_prefix_error(error, "%s/keys.json: ", mirror->root);
		return FALSE;
	}
	self->serial = keys->serial;
	self->serial_epoch = keys->serial_epoch;
	self->expires_secs = document->expires_secs;
	for (guint i = 0; i < UC_ANCHOR_LAST; i++)
		self->told[i] = g_steal_pointer(&keys->anchors[i]);
	for (guint i = 0; keys->revoked[i] != NULL; i++)
		g_ptr_array_add(self->revoked, g_strdup(keys->revoked[i]));
	return TRUE;
}

/**
 * uc_key_document_load:
 * @mirror: a mirror
 * @error: set to an error of uc_document_verify() for a file that our recovery key has not signed,
 *   or `G_FILE_ERROR`
 *
 * Returns: (transfer full): what was signed last, with the anchors as they are in `trust/` now
 */
UcKeyDocument *
uc_key_document_load(const UcMirror *mirror, GError **error)
{
	g_autoptr(UcKeyDocument) self = g_new0(UcKeyDocument, 1);

	self->serial_epoch = 1;
	self->revoked = g_ptr_array_new_with_free_func(g_free);
	if (!uc_key_document_load_signed(self, mirror, error))
		return NULL;
	for (guint i = 0; i < UC_ANCHOR_LAST; i++) {
		self->anchors[i] =
		    uc_key_file_list_anchors(mirror->root, uc_anchor_to_string((UcAnchor)i), error);
		if (self->anchors[i] == NULL)
			return NULL;
	}
	return g_steal_pointer(&self);
}

static gboolean
uc_key_document_has_revoked(const UcKeyDocument *self, const gchar *hash)
{
	return g_ptr_array_find_with_equal_func(self->revoked, hash, g_str_equal, NULL);
}

/**
 * uc_key_document_is_revoked:
 * @certificate: in PEM
 * @revoked_out: (out): whether it, or its public key, does not count any more
 * @error: set to %UC_ERROR_SIGNATURE when it is no certificate
 */
gboolean
uc_key_document_is_revoked(const UcKeyDocument *self,
			   GBytes *certificate,
			   gboolean *revoked_out,
			   GError **error)
{
	g_auto(GStrv) hashes = uc_revoked_list_hashes(certificate, error);

	*revoked_out = FALSE;
	for (guint i = 0; hashes != NULL && hashes[i] != NULL; i++)
		*revoked_out = *revoked_out || uc_key_document_has_revoked(self, hashes[i]);
	return hashes != NULL;
}

/**
 * uc_key_document_revoke:
 * @certificate: in PEM
 * @error: set to %UC_ERROR_SIGNATURE when it is no certificate
 *
 * Names the certificate and its public key; one that is named already is not named again.
 */
gboolean
uc_key_document_revoke(UcKeyDocument *self, GBytes *certificate, GError **error)
{
	g_auto(GStrv) hashes = uc_revoked_list_hashes(certificate, error);

	for (guint i = 0; hashes != NULL && hashes[i] != NULL; i++) {
		if (!uc_key_document_has_revoked(self, hashes[i]))
			g_ptr_array_add(self->revoked, g_strdup(hashes[i]));
	}
	return hashes != NULL;
}

/**
 * uc_key_document_remove_anchor:
 * @purpose: of which
 * @certificate: a CA in PEM; it need not be among them
 * @error: set to %UC_ERROR_SIGNATURE when one of them is no certificate
 */
gboolean
uc_key_document_remove_anchor(UcKeyDocument *self,
			      UcAnchor purpose,
			      GBytes *certificate,
			      GError **error)
{
	g_auto(GStrv) gone = uc_revoked_list_hashes(certificate, error);
	GPtrArray *anchors = self->anchors[purpose];

	if (gone == NULL)
		return FALSE;
	for (guint i = anchors->len; i > 0; i--) {
		g_auto(GStrv) hashes =
		    uc_revoked_list_hashes(g_ptr_array_index(anchors, i - 1), error);

		if (hashes == NULL)
			return FALSE;
		if (g_str_equal(hashes[1], gone[1]))
			g_ptr_array_remove_index(anchors, i - 1);
	}
	return TRUE;
}

static JsonObject *
uc_key_document_get_anchors(const UcKeyDocument *self)
{
	JsonObject *object = json_object_new();

	for (guint i = 0; i < UC_ANCHOR_LAST; i++) {
		JsonArray *array = json_array_new();

		for (guint j = 0; j < self->anchors[i]->len; j++) {
			GBytes *pem = g_ptr_array_index(self->anchors[i], j);
			g_autofree gchar *text =
			    g_strndup(g_bytes_get_data(pem, NULL), g_bytes_get_size(pem));

			json_array_add_string_element(array, text);
		}
		json_object_set_array_member(object, uc_anchor_to_string((UcAnchor)i), array);
	}
	return object;
}

static JsonObject *
uc_key_document_to_json(const UcKeyDocument *self, const UcMirror *mirror, gint64 now_secs)
{
	JsonObject *body = json_object_new();
	JsonArray *revoked = json_array_new();

	for (guint i = 0; i < self->revoked->len; i++)
		json_array_add_string_element(revoked, g_ptr_array_index(self->revoked, i));
	json_object_set_string_member(body, "type", UC_DOCUMENT_KEYS);
	json_object_set_string_member(body, "organisation", mirror->organisation);
	json_object_set_int_member(body, "serial", self->serial);
	uc_json_set_time(body, "issued", now_secs);
	uc_json_set_time(body, "expires", self->expires_secs);
	json_object_set_int_member(body, "serial_epoch", self->serial_epoch);
	json_object_set_object_member(body, "anchors", uc_key_document_get_anchors(self));
	json_object_set_array_member(body, "revoked", revoked);
	return body;
}

/* what endpoints would refuse is refused here */
static gboolean
uc_key_document_check(const UcMirror *mirror, GBytes *envelope, gint64 now_secs, GError **error)
{
	g_autofree gchar *anchors = uc_mirror_path(mirror, "trust", UC_RECOVERY_KEY_PURPOSE, NULL);
	UcDocumentExpect expect = {.type = UC_DOCUMENT_KEYS,
				   .organisation = mirror->organisation,
				   .anchors_dir = anchors,
				   .now_secs = now_secs};
	g_autoptr(UcDocument) document = uc_document_verify(envelope, &expect, error);
	g_autoptr(UcKeys) keys = document != NULL ? uc_keys_parse(document, error) : NULL;

	if (keys == NULL)
		g_prefix_error(error, "endpoints would refuse it, nothing was changed: ");
	return keys != NULL;
}

/**
 * uc_key_document_save:
 * @mirror: a mirror
 * @recovery: the recovery key
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to what endpoints would refuse it for (a recovery key that is not ours, a certificate
 *   that is no CA, too many of them), or %UC_ERROR_FAILED
 *
 * Signs it with a new serial, for 399 days; the next publication takes it to the endpoints.
 */
gboolean
uc_key_document_save(UcKeyDocument *self,
		     const UcMirror *mirror,
		     UcX509 *recovery,
		     gint64 now_secs,
		     GError **error)
{
	g_autofree gchar *path = uc_mirror_path(mirror, "keys.json", NULL);
	g_autoptr(JsonObject) body = NULL;
	g_autoptr(GBytes) envelope = NULL;

	self->serial = MAX(self->serial + 1, now_secs);
	self->expires_secs = now_secs + UC_KEY_DOCUMENT_LIFETIME_SECS;
	body = uc_key_document_to_json(self, mirror, now_secs);
	envelope = uc_document_sign(body, recovery->certificate, recovery->key, error);
	return envelope != NULL && uc_key_document_check(mirror, envelope, now_secs, error) &&
	       uc_file_write(path, envelope, error);
}
