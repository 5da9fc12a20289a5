/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What fwupd verifies, put together by libjcat: PKCS#7 of the metadata's bytes, and PKCS#7 of the
 * *checksum* of a payload, so that neither side has to keep an image in memory.
 */

#include <jcat.h>
#include <string.h>

#include "uc-error.h"
#include "uc-pkcs7.h"
#include "uc-signature.h"

static JcatContext *
uc_signature_new_context(void)
{
	JcatContext *context = jcat_context_new();

	jcat_context_set_keyring_path(context, "/nonexistent");
	return context;
}

static JcatBlob *
uc_signature_sign(GBytes *data, UcX509 *key, GError **error)
{
	g_autofree gchar *text = uc_pkcs7_sign(data, key->certificate, key->key, error);

	return text != NULL ? jcat_blob_new_utf8(JCAT_BLOB_KIND_PKCS7, text) : NULL;
}

static JcatBlob *
uc_signature_checksum(GBytes *data, GError **error)
{
	g_autoptr(JcatContext) context = uc_signature_new_context();
	g_autoptr(JcatEngine) engine =
	    jcat_context_get_engine(context, JCAT_BLOB_KIND_SHA256, error);

	return engine != NULL ? jcat_engine_self_sign(engine, data, JCAT_SIGN_FLAG_NONE, error)
			      : NULL;
}

static GBytes *
uc_signature_export(JcatFile *file, GError **error)
{
	g_autoptr(GOutputStream) stream = g_memory_output_stream_new_resizable();

	if (!jcat_file_export_stream(file, stream, JCAT_EXPORT_FLAG_NONE, NULL, error) ||
	    !g_output_stream_close(stream, NULL, error))
		return NULL;
	return g_memory_output_stream_steal_as_bytes(G_MEMORY_OUTPUT_STREAM(stream));
}

static JcatFile *
uc_signature_import(GBytes *jcat, GError **error)
{
	g_autoptr(JcatFile) file = jcat_file_new();
	g_autoptr(GInputStream) stream = g_memory_input_stream_new_from_bytes(jcat);

	if (!jcat_file_import_stream(file, stream, JCAT_IMPORT_FLAG_NONE, NULL, error))
		return NULL;
	return g_steal_pointer(&file);
}

/**
 * uc_signature_for_metadata:
 * @name: file name of the metadata
 * @metadata: its bytes
 * @key: certificate and key of the `metadata` purpose
 * @error: set to an error of libjcat or of uc_pkcs7_sign()
 *
 * Returns: (transfer full): the `.jcat` beside it
 */
GBytes *
uc_signature_for_metadata(const gchar *name, GBytes *metadata, UcX509 *key, GError **error)
{
	g_autoptr(JcatFile) file = jcat_file_new();
	g_autoptr(JcatItem) item = jcat_item_new(name);
	g_autoptr(JcatBlob) checksum = uc_signature_checksum(metadata, error);
	g_autoptr(JcatBlob) signature = NULL;

	if (checksum == NULL)
		return NULL;
	signature = uc_signature_sign(metadata, key, error);
	if (signature == NULL)
		return NULL;
	jcat_item_add_blob(item, checksum);
	jcat_item_add_blob(item, signature);
	jcat_file_add_item(file, item);
	return uc_signature_export(file, error);
}

/* the vendor's item of the payload, or a new one */
static JcatItem *
uc_signature_ensure_item(JcatFile *file, const gchar *name)
{
	JcatItem *item = jcat_file_get_item_by_id(file, name, NULL);

	if (item == NULL) {
		item = jcat_item_new(name);
		jcat_file_add_item(file, item);
	}
	return item;
}

/**
 * uc_signature_for_payload:
 * @jcat: (nullable): what the cab has already; it is kept
 * @payload_name: member of the cab that is installed
 * @payload_sha256: SHA-256 of it, 64 lower-case hexadecimal digits
 * @key: certificate and key of the `payload` purpose
 * @error: set to an error of libjcat or of uc_pkcs7_sign()
 *
 * Returns: (transfer full): a `firmware.jcat` that also holds our signature of the checksum
 */
GBytes *
uc_signature_for_payload(GBytes *jcat,
			 const gchar *payload_name,
			 const gchar *payload_sha256,
			 UcX509 *key,
			 GError **error)
{
	g_autoptr(JcatFile) file = jcat != NULL ? uc_signature_import(jcat, error)
						: jcat_file_new();
	g_autoptr(JcatItem) item = NULL;
	g_autoptr(JcatBlob) checksum = NULL;
	g_autoptr(JcatBlob) signature = NULL;
	g_autoptr(GBytes) data = g_bytes_new(payload_sha256, strlen(payload_sha256));

	if (file == NULL)
		return NULL;
	checksum = jcat_blob_new_utf8(JCAT_BLOB_KIND_SHA256, payload_sha256);
	signature = uc_signature_sign(data, key, error);
	if (signature == NULL)
		return NULL;
	jcat_blob_set_target(signature, JCAT_BLOB_KIND_SHA256);
	item = uc_signature_ensure_item(file, payload_name);
	jcat_item_add_blob(item, checksum);
	jcat_item_add_blob(item, signature);
	return uc_signature_export(file, error);
}

/**
 * uc_signature_covers_payload:
 * @jcat: (nullable): what the cab has
 * @payload_name: member of the cab that is installed
 * @payload_sha256: SHA-256 of it
 * @anchors_dir: the CAs that endpoints trust for payloads
 *
 * Returns: whether the checksum of the payload is signed by one of them
 */
gboolean
uc_signature_covers_payload(GBytes *jcat,
			    const gchar *payload_name,
			    const gchar *payload_sha256,
			    const gchar *anchors_dir)
{
	g_autoptr(JcatContext) context = uc_signature_new_context();
	g_autoptr(JcatFile) file = jcat != NULL ? uc_signature_import(jcat, NULL) : NULL;
	g_autoptr(JcatItem) item = NULL;
	g_autoptr(JcatItem) target = jcat_item_new(payload_name);
	g_autoptr(JcatBlob) checksum = jcat_blob_new_utf8(JCAT_BLOB_KIND_SHA256, payload_sha256);
	g_autoptr(GPtrArray) results = NULL;

	if (file == NULL)
		return FALSE;
	item = jcat_file_get_item_by_id(file, payload_name, NULL);
	if (item == NULL || !jcat_item_has_target(item))
		return FALSE;
	jcat_item_add_blob(target, checksum);
	jcat_context_add_public_keys(context, anchors_dir);
	results = jcat_context_verify_target(context,
					     target,
					     item,
					     JCAT_VERIFY_FLAG_DISABLE_TIME_CHECKS |
						 JCAT_VERIFY_FLAG_REQUIRE_CHECKSUM |
						 JCAT_VERIFY_FLAG_REQUIRE_SIGNATURE,
					     NULL);
	return results != NULL;
}

/* the latest of what verified */
static gint64
uc_signature_get_time(GPtrArray *results)
{
	gint64 secs = 0;

	for (guint i = 0; i < results->len; i++)
		secs = MAX(secs, jcat_result_get_timestamp(g_ptr_array_index(results, i)));
	return secs;
}

/**
 * uc_signature_verify_metadata:
 * @metadata: what somebody else published
 * @jcat: the `.jcat` beside it, with one item
 * @anchors_dir: the CAs that count for it
 * @signed_secs_out: (out): when it was signed, seconds since the Unix epoch
 * @error: set to %UC_ERROR_SIGNATURE
 *
 * Returns: whether it is signed by one of them
 */
gboolean
uc_signature_verify_metadata(GBytes *metadata,
			     GBytes *jcat,
			     const gchar *anchors_dir,
			     gint64 *signed_secs_out,
			     GError **error)
{
	g_autoptr(JcatContext) context = uc_signature_new_context();
	g_autoptr(GError) error_jcat = NULL;
	g_autoptr(JcatFile) file = uc_signature_import(jcat, &error_jcat);
	g_autoptr(JcatItem) item = file != NULL ? jcat_file_get_item_default(file, &error_jcat)
						: NULL;
	g_autoptr(GPtrArray) results = NULL;

	if (item != NULL) {
		jcat_context_add_public_keys(context, anchors_dir);
		jcat_context_blob_kind_disallow(context, JCAT_BLOB_KIND_GPG);
		results = jcat_context_verify_item(context,
						   metadata,
						   item,
						   JCAT_VERIFY_FLAG_REQUIRE_CHECKSUM |
						       JCAT_VERIFY_FLAG_REQUIRE_SIGNATURE,
						   &error_jcat);
	}
	if (results == NULL) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_SIGNATURE,
			    "the metadata is not signed by a CA in %s: %s",
			    anchors_dir,
			    error_jcat->message);
		return FALSE;
	}
	*signed_secs_out = uc_signature_get_time(results);
	return TRUE;
}
