/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The signature of a remote's metadata, by the anchor of that purpose. fwupd verifies it too, but
 * has one set of keys for metadata and payloads (2.0.20), so that metadata signed with the payload
 * key would pass there.
 */

#include <jcat.h>

#include "uc-error.h"
#include "uc-metadata.h"
#include "uc-revoked.h"

static gboolean
uc_metadata_fail(const gchar *why, GError **error)
{
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_SIGNATURE,
		    "the metadata is not signed by the organisation's metadata anchor: %s",
		    why);
	return FALSE;
}

static JcatItem *
uc_metadata_get_item(GBytes *signature, GError **error)
{
	g_autoptr(JcatFile) file = jcat_file_new();
	g_autoptr(GInputStream) stream = g_memory_input_stream_new_from_bytes(signature);
	g_autoptr(GPtrArray) items = NULL;
	g_autoptr(GError) error_jcat = NULL;

	if (!jcat_file_import_stream(file, stream, JCAT_IMPORT_FLAG_NONE, NULL, &error_jcat)) {
		(void)uc_metadata_fail(error_jcat->message, error);
		return NULL;
	}
	items = jcat_file_get_items(file);
	if (items->len != 1) {
		(void)uc_metadata_fail("expected one item in the jcat", error);
		return NULL;
	}
	return g_object_ref(g_ptr_array_index(items, 0));
}

/**
 * uc_metadata_verify:
 * @metadata: AppStream XML, compressed
 * @signature: the jcat of it
 * @anchors_dir: directory with the CAs of the purpose
 * @error: set to %UC_ERROR_SIGNATURE
 *
 * Returns: whether every PKCS#7 signature in the jcat, and there is one, is by that anchor
 */
gboolean
uc_metadata_verify(GBytes *metadata, GBytes *signature, const gchar *anchors_dir, GError **error)
{
	g_autoptr(JcatContext) context = jcat_context_new();
	g_autoptr(JcatItem) item = uc_metadata_get_item(signature, error);
	g_autoptr(JcatEngine) engine = NULL;
	g_autoptr(GPtrArray) blobs = NULL;
	g_autoptr(GError) error_jcat = NULL;

	if (item == NULL)
		return FALSE;
	/* one engine of libjcat would make a key ring of its own */
	jcat_context_set_keyring_path(context, "/nonexistent");
	jcat_context_add_public_keys(context, anchors_dir);
	engine = jcat_context_get_engine(context, JCAT_BLOB_KIND_PKCS7, &error_jcat);
	if (engine == NULL)
		return uc_metadata_fail(error_jcat->message, error);
	blobs = jcat_item_get_blobs_by_kind(item, JCAT_BLOB_KIND_PKCS7);
	if (blobs->len == 0)
		return uc_metadata_fail("there is no PKCS#7 signature in the jcat", error);
	for (guint i = 0; i < blobs->len; i++) {
		JcatBlob *blob = g_ptr_array_index(blobs, i);
		g_autoptr(JcatResult) result = NULL;

		result = jcat_engine_pubkey_verify(engine,
						   metadata,
						   jcat_blob_get_data(blob),
						   JCAT_VERIFY_FLAG_NONE,
						   &error_jcat);
		if (result == NULL)
			return uc_metadata_fail(error_jcat->message, error);
		if (!uc_revoked_check_signature(anchors_dir, jcat_blob_get_data(blob), &error_jcat))
			return uc_metadata_fail(error_jcat->message, error);
	}
	return TRUE;
}
