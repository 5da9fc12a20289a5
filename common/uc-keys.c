/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * `keys.json`, signed by the offline recovery key: which CAs an organisation has for each purpose,
 * which certificates do not count any more, and from which serial on documents count. It is the way
 * out after any signing key was stolen. Whoever has the recovery key has the endpoints, so nothing
 * else is signed with it, and this document cannot change the recovery anchor.
 */

#include "uc-anchor-list.h"
#include "uc-ca.h"
#include "uc-error.h"
#include "uc-keys.h"
#include "uc-limits.h"
#include "uc-names.h"
#include "uc-sha256.h"

void
uc_keys_free(UcKeys *self)
{
	for (guint i = 0; i < UC_ANCHOR_LAST; i++)
		g_clear_pointer(&self->anchors[i], g_ptr_array_unref);
	g_strfreev(self->revoked);
	g_free(self->organisation);
	g_free(self);
}

/**
 * uc_keys_get_recovery_dir:
 *
 * Returns: (transfer full): the directory with the anchors of the recovery key
 */
gchar *
uc_keys_get_recovery_dir(void)
{
	return uc_path_sysconf("trust.d/recovery");
}

/**
 * uc_keys_get_applied_path:
 *
 * Returns: (transfer full): where root keeps the `keys.json` whose anchors are installed
 */
gchar *
uc_keys_get_applied_path(void)
{
	return uc_path_sysconf("trust.d/keys.json");
}

static gboolean
uc_keys_check_revoked(UcKeys *self, const UcCa *ca, GError **error)
{
	const gchar *const *revoked = (const gchar *const *)self->revoked;

	if (!g_strv_contains(revoked, ca->sha256) && !g_strv_contains(revoked, ca->key_sha256))
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "the certificate %s is revoked in the same document",
		    ca->sha256);
	return FALSE;
}

static gboolean
uc_keys_read_role(UcKeys *self,
		  UcAnchor purpose,
		  JsonObject *object,
		  GHashTable *seen,
		  GError **error)
{
	const gchar *name = uc_anchor_to_string(purpose);
	GPtrArray *anchors = NULL;

	if (!uc_anchor_list_read(object, name, UC_JSON_OPTIONAL, seen, &anchors, error))
		return FALSE;
	self->anchors[purpose] = anchors;
	for (guint i = 0; anchors != NULL && i < anchors->len; i++) {
		g_autoptr(UcCa) ca = uc_ca_parse(g_ptr_array_index(anchors, i), error);

		if (ca != NULL && uc_keys_check_revoked(self, ca, error))
			continue;
		g_prefix_error(error, "element %u of '%s': ", i, name);
		return FALSE;
	}
	return TRUE;
}

static gboolean
uc_keys_read_anchors(UcKeys *self, JsonObject *body, GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	JsonObject *object = NULL;

	if (!uc_json_get_object(body, "anchors", UC_JSON_OPTIONAL, &object, error))
		return FALSE;
	for (guint i = 0; object != NULL && i < UC_ANCHOR_LAST; i++) {
		if (!uc_keys_read_role(self, (UcAnchor)i, object, seen, error)) {
			g_prefix_error(error, "member 'anchors': ");
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean
uc_keys_read_revoked(UcKeys *self, JsonObject *body, GError **error)
{
	if (!uc_json_get_strv(body,
			      "revoked",
			      UC_JSON_OPTIONAL,
			      UC_LIMIT_REVOKED,
			      UC_SHA256_HEX_CHARS,
			      &self->revoked,
			      error))
		return FALSE;
	if (self->revoked == NULL)
		self->revoked = g_new0(gchar *, 1);
	for (guint i = 0; self->revoked[i] != NULL; i++) {
		if (uc_sha256_is_hex(self->revoked[i]))
			continue;
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "element %u of 'revoked' is '%s', expected 64 lower-case hexadecimal "
			    "digits",
			    i,
			    self->revoked[i]);
		return FALSE;
	}
	return TRUE;
}

/**
 * uc_keys_parse:
 * @document: a verified document of type %UC_DOCUMENT_KEYS
 * @error: set to %UC_ERROR_INVALID, %UC_ERROR_LIMIT or %UC_ERROR_REFUSED for what cannot be an
 *   anchor, with the member and what was expected
 *
 * Returns: (transfer full): what it says, or %NULL
 */
UcKeys *
uc_keys_parse(const UcDocument *document, GError **error)
{
	g_autoptr(UcKeys) self = g_new0(UcKeys, 1);

	self->organisation = g_strdup(document->organisation);
	self->serial = document->serial;
	self->issued_secs = document->issued_secs;
	if (!uc_json_get_int64(document->body,
			       "serial_epoch",
			       UC_JSON_REQUIRED,
			       1,
			       G_MAXINT64,
			       &self->serial_epoch,
			       error) ||
	    !uc_keys_read_revoked(self, document->body, error) ||
	    !uc_keys_read_anchors(self, document->body, error)) {
		g_prefix_error(error, "%s: ", UC_DOCUMENT_KEYS);
		return NULL;
	}
	return g_steal_pointer(&self);
}

/**
 * uc_keys_verify:
 * @envelope: what came
 * @expect: what it must be; its `type` is taken as %UC_DOCUMENT_KEYS and its directory of anchors
 *   as that of the recovery key
 * @error: as uc_document_verify() and uc_keys_parse()
 *
 * Returns: (transfer full): what it says, or %NULL
 */
UcKeys *
uc_keys_verify(GBytes *envelope, const UcDocumentExpect *expect, GError **error)
{
	g_autofree gchar *dir = uc_keys_get_recovery_dir();
	UcDocumentExpect own = *expect;
	g_autoptr(UcDocument) document = NULL;

	own.type = UC_DOCUMENT_KEYS;
	own.anchors_dir = dir;
	document = uc_document_verify(envelope, &own, error);
	return document != NULL ? uc_keys_parse(document, error) : NULL;
}

/**
 * uc_keys_load_applied:
 * @error: set to %UC_ERROR_NOT_FOUND when no `keys.json` was installed yet, else as
 *   uc_keys_verify()
 *
 * What is installed stays so, however old it is.
 *
 * Returns: (transfer full): the `keys.json` whose anchors are installed, or %NULL
 */
UcKeys *
uc_keys_load_applied(GError **error)
{
	g_autofree gchar *path = uc_keys_get_applied_path();
	UcDocumentExpect expect = {.any_time = TRUE};
	g_autoptr(GBytes) envelope = NULL;
	g_autoptr(GError) error_read = NULL;
	gchar *text = NULL;
	gsize size_bytes = 0;

	if (!g_file_get_contents(path, &text, &size_bytes, &error_read)) {
		g_set_error_literal(error, UC_ERROR, UC_ERROR_NOT_FOUND, error_read->message);
		return NULL;
	}
	envelope = g_bytes_new_take(text, size_bytes);
	return uc_keys_verify(envelope, &expect, error);
}
