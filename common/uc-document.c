/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Signed documents, docs/service-protocol.md "Envelope". What comes in is hostile until the
 * signature by the anchor of that purpose is verified; nothing of the payload is parsed before.
 * Replay is stopped by the serial, a freeze by the expiry, a document of another kind by the type
 * and another organisation's by the organisation, all of them inside the signed bytes.
 */

#include <jcat.h>
#include <string.h>

#include "uc-document.h"
#include "uc-error.h"
#include "uc-limits.h"
#include "uc-pkcs7.h"
#include "uc-revoked.h"

#define UC_DOCUMENT_FORMAT "ucupdates-envelope-1"

void
uc_document_free(UcDocument *self)
{
	g_free(self->organisation);
	g_clear_pointer(&self->body, json_object_unref);
	g_free(self);
}

static GBytes *
uc_document_decode_payload(const gchar *text, GError **error)
{
	gsize size_bytes = 0;
	guint8 *data = g_base64_decode(text, &size_bytes);
	g_autofree gchar *again = g_base64_encode(data, size_bytes);
	g_autoptr(GBytes) payload = g_bytes_new_take(data, size_bytes);

	/* GLib skips what is no base64; such an envelope is not ours */
	if (g_strcmp0(text, again) != 0) {
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_INVALID,
				    "member 'payload' is not base64 as expected");
		return NULL;
	}
	return g_steal_pointer(&payload);
}

static gboolean
uc_document_open_envelope(GBytes *envelope,
			  const gchar *type,
			  GBytes **payload_out,
			  GBytes **signature_out,
			  GError **error)
{
	g_autoptr(JsonObject) object = NULL;
	const gchar *format = NULL;
	const gchar *payload = NULL;
	const gchar *signature = NULL;

	object = uc_json_parse_object(envelope, UC_LIMIT_ENVELOPE_BYTES, type, error);
	if (object == NULL)
		return FALSE;
	if (!uc_json_get_string(object, "format", UC_JSON_REQUIRED, 64, &format, error) ||
	    !uc_json_get_string(object,
				"payload",
				UC_JSON_REQUIRED,
				UC_LIMIT_ENVELOPE_BYTES,
				&payload,
				error) ||
	    !uc_json_get_string(object,
				"signature",
				UC_JSON_REQUIRED,
				UC_LIMIT_ENVELOPE_BYTES,
				&signature,
				error)) {
		g_prefix_error(error, "%s: ", type);
		return FALSE;
	}
	if (g_strcmp0(format, UC_DOCUMENT_FORMAT) != 0) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "%s: envelope format is '%s', expected '%s'",
			    type,
			    format,
			    UC_DOCUMENT_FORMAT);
		return FALSE;
	}
	*payload_out = uc_document_decode_payload(payload, error);
	if (*payload_out == NULL)
		return FALSE;
	*signature_out = g_bytes_new(signature, strlen(signature));
	return TRUE;
}

static JcatEngine *
uc_document_get_engine(JcatContext *context, GError **error)
{
	/* what one engine of libjcat needs; it must never write a key ring of its own */
	jcat_context_set_keyring_path(context, "/nonexistent");
	return jcat_context_get_engine(context, JCAT_BLOB_KIND_PKCS7, error);
}

static gboolean
uc_document_check_signature(GBytes *payload,
			    GBytes *signature,
			    const UcDocumentExpect *expect,
			    GError **error)
{
	g_autoptr(JcatContext) context = jcat_context_new();
	g_autoptr(JcatEngine) engine = NULL;
	g_autoptr(JcatResult) result = NULL;
	g_autoptr(GError) error_jcat = NULL;

	if (!g_file_test(expect->anchors_dir, G_FILE_TEST_IS_DIR)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_SIGNATURE,
			    "%s cannot be verified: no anchors in %s; install the organisation's "
			    "trust bundle",
			    expect->type,
			    expect->anchors_dir);
		return FALSE;
	}
	jcat_context_add_public_keys(context, expect->anchors_dir);
	engine = uc_document_get_engine(context, &error_jcat);
	if (engine != NULL)
		result = jcat_engine_pubkey_verify(engine,
						   payload,
						   signature,
						   JCAT_VERIFY_FLAG_NONE,
						   &error_jcat);
	if (result != NULL && uc_revoked_check_signature(expect->anchors_dir, signature, error))
		return TRUE;
	if (result != NULL) {
		g_prefix_error(error, "%s: ", expect->type);
		return FALSE;
	}
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_SIGNATURE,
		    "%s is not signed by an anchor in %s: %s",
		    expect->type,
		    expect->anchors_dir,
		    error_jcat->message);
	return FALSE;
}

static gboolean
uc_document_read_body(UcDocument *self, const gchar *type, GError **error)
{
	const gchar *found_type = NULL;
	const gchar *organisation = NULL;

	if (!uc_json_get_string(self->body, "type", UC_JSON_REQUIRED, 64, &found_type, error) ||
	    !uc_json_get_string(self->body,
				"organisation",
				UC_JSON_REQUIRED,
				UC_LIMIT_DOMAIN_BYTES,
				&organisation,
				error) ||
	    !uc_json_get_int64(self->body,
			       "serial",
			       UC_JSON_REQUIRED,
			       1,
			       G_MAXINT64,
			       &self->serial,
			       error) ||
	    !uc_json_get_time(self->body, "issued", UC_JSON_REQUIRED, &self->issued_secs, error) ||
	    !uc_json_get_time(self->body, "expires", UC_JSON_REQUIRED, &self->expires_secs, error))
		return FALSE;
	self->organisation = g_strdup(organisation);
	if (g_strcmp0(found_type, type) != 0) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_REFUSED,
			    "the document's type is '%s', expected '%s'",
			    found_type,
			    type);
		return FALSE;
	}
	return TRUE;
}

static gboolean
uc_document_check_times(const UcDocument *self, const UcDocumentExpect *expect, GError **error)
{
	g_autoptr(GDateTime) expires = NULL;
	g_autofree gchar *text = NULL;

	if (self->expires_secs <= self->issued_secs ||
	    self->expires_secs - self->issued_secs > UC_LIMIT_LIFETIME_SECS) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "expected an expiry after the issue and at most %d days later",
			    UC_LIMIT_LIFETIME_SECS / 86400);
		return FALSE;
	}
	if (self->issued_secs > expect->now_secs + UC_LIMIT_CLOCK_SKEW_SECS) {
		g_set_error_literal(
		    error,
		    UC_ERROR,
		    UC_ERROR_CLOCK,
		    "issued in the future by this machine's clock; is it synchronised?");
		return FALSE;
	}
	if (self->expires_secs > expect->now_secs)
		return TRUE;
	expires = g_date_time_new_from_unix_utc(self->expires_secs);
	text = g_date_time_format_iso8601(expires);
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_EXPIRED,
		    "expired at %s; the service has to publish again",
		    text);
	return FALSE;
}

static gboolean
uc_document_check_body(const UcDocument *self, const UcDocumentExpect *expect, GError **error)
{
	if (expect->organisation != NULL &&
	    g_strcmp0(self->organisation, expect->organisation) != 0) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_REFUSED,
			    "it is of the organisation '%s', expected '%s'",
			    self->organisation,
			    expect->organisation);
		return FALSE;
	}
	if (self->serial < expect->serial_min) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_ROLLBACK,
			    "serial %" G_GINT64_FORMAT " is older than %" G_GINT64_FORMAT
			    " seen before",
			    self->serial,
			    expect->serial_min);
		return FALSE;
	}
	return expect->any_time || uc_document_check_times(self, expect, error);
}

/**
 * uc_document_verify:
 * @envelope: what came over the wire
 * @expect: what it must be
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT (no envelope), %UC_ERROR_SIGNATURE,
 *   %UC_ERROR_REFUSED (another type or organisation), %UC_ERROR_ROLLBACK, %UC_ERROR_EXPIRED, or
 *   %UC_ERROR_CLOCK (the clock of this machine is wrong, and nothing can be said)
 *
 * Opens a signed envelope, docs/service-protocol.md. Does not block.
 *
 * Returns: (transfer full): the verified document, or %NULL
 */
UcDocument *
uc_document_verify(GBytes *envelope, const UcDocumentExpect *expect, GError **error)
{
	g_autoptr(UcDocument) self = g_new0(UcDocument, 1);
	g_autoptr(GBytes) payload = NULL;
	g_autoptr(GBytes) signature = NULL;

	if (expect->now_secs < expect->floor_secs) {
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_CLOCK,
				    "this machine's clock is in the past; waiting until it is "
				    "synchronised");
		return NULL;
	}
	if (!uc_document_open_envelope(envelope, expect->type, &payload, &signature, error) ||
	    !uc_document_check_signature(payload, signature, expect, error))
		return NULL;
	self->body = uc_json_parse_object(payload, UC_LIMIT_ENVELOPE_BYTES, expect->type, error);
	if (self->body == NULL)
		return NULL;
	if (!uc_document_read_body(self, expect->type, error) ||
	    !uc_document_check_body(self, expect, error)) {
		g_prefix_error(error, "%s: ", expect->type);
		return NULL;
	}
	return g_steal_pointer(&self);
}

/**
 * uc_document_peek:
 * @envelope: what came over the wire
 * @type: what kind of document it should be, for messages
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT
 *
 * Looks into a document that nothing vouches for. There are two uses: a trust bundle, which has its
 * own anchors inside (uc_trust_bundle_verify()), and what the mirror has published itself. Anything
 * else is to be verified first.
 *
 * Returns: (transfer full): its members, as whoever sent it wants them to be, or %NULL
 */
JsonObject *
uc_document_peek(GBytes *envelope, const gchar *type, GError **error)
{
	g_autoptr(GBytes) payload = NULL;
	g_autoptr(GBytes) signature = NULL;

	if (!uc_document_open_envelope(envelope, type, &payload, &signature, error))
		return NULL;
	return uc_json_parse_object(payload, UC_LIMIT_ENVELOPE_BYTES, type, error);
}

/**
 * uc_document_sign:
 * @body: the document with all its members, `type` to `expires` included
 * @certificate: PEM certificate that a CA of the documents' anchor issued
 * @key: private key of it, as uc_private_key_new_from_bytes() takes it
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_INVALID
 *
 * Returns: (transfer full): the envelope, ready to be published
 */
GBytes *
uc_document_sign(JsonObject *body, GBytes *certificate, GBytes *key, GError **error)
{
	g_autoptr(JsonObject) envelope = json_object_new();
	g_autoptr(GBytes) payload = uc_json_to_bytes(body, FALSE);
	g_autofree gchar *payload_text = NULL;
	g_autofree gchar *signature = uc_pkcs7_sign(payload, certificate, key, error);
	gsize size_bytes = 0;
	gconstpointer data = g_bytes_get_data(payload, &size_bytes);

	if (signature == NULL)
		return NULL;
	payload_text = g_base64_encode(data, size_bytes);
	json_object_set_string_member(envelope, "format", UC_DOCUMENT_FORMAT);
	json_object_set_string_member(envelope, "payload", payload_text);
	json_object_set_string_member(envelope, "signature", signature);
	return uc_json_to_bytes(envelope, TRUE);
}
