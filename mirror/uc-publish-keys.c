/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* keys.json in the published tree; and nothing is published with what it has revoked. */

#include "uc-error.h"
#include "uc-file.h"
#include "uc-key-file.h"
#include "uc-names.h"
#include "uc-publish-keys.h"

static gboolean
uc_publish_keys_check(const UcMirror *mirror,
		      const UcKeyDocument *document,
		      UcAnchor purpose,
		      GError **error)
{
	g_autofree gchar *path =
	    uc_key_file_get_path(mirror->root, purpose, UC_KEY_FILE_LEAF, "pem");
	g_autoptr(GBytes) certificate = NULL;
	gchar *text = NULL;
	gsize size_bytes = 0;
	gboolean revoked = FALSE;

	if (!g_file_get_contents(path, &text, &size_bytes, error))
		return FALSE;
	certificate = g_bytes_new_take(text, size_bytes);
	if (!uc_key_document_is_revoked(document, certificate, &revoked, error)) {
		g_prefix_error(error, "%s: ", path);
		return FALSE;
	}
	if (!revoked)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_REFUSED,
		    "%s is revoked, and endpoints would refuse what it signs; run 'key revoke %s' "
		    "again, which makes another one",
		    path,
		    uc_anchor_to_string(purpose));
	return FALSE;
}

/**
 * uc_publish_keys:
 * @mirror: a mirror
 * @tree: directory of the new tree, with `.well-known` in it
 * @expires_secs_out: (out): until when keys.json counts, 0 where there is none
 * @error: set to %UC_ERROR_REFUSED when a key in use is revoked, or as uc_key_document_load()
 */
gboolean
uc_publish_keys(const UcMirror *mirror, const gchar *tree, gint64 *expires_secs_out, GError **error)
{
	g_autofree gchar *path = g_build_filename(tree, UC_WELL_KNOWN_KEYS_PATH, NULL);
	g_autoptr(UcKeyDocument) document = uc_key_document_load(mirror, error);
	g_autoptr(GBytes) envelope = NULL;

	if (document == NULL)
		return FALSE;
	for (guint i = 0; document->serial > 0 && i < UC_ANCHOR_LAST; i++) {
		if (!uc_publish_keys_check(mirror, document, (UcAnchor)i, error))
			return FALSE;
	}
	*expires_secs_out = document->expires_secs;
	return uc_key_document_read(mirror, &envelope, error) &&
	       (envelope == NULL || uc_file_write(path, envelope, error));
}
