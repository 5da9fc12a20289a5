/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* keys.json in the published tree; and nothing is published with what it does not stand for. */

#include "uc-error.h"
#include "uc-file.h"
#include "uc-key-check.h"
#include "uc-key-file.h"
#include "uc-names.h"
#include "uc-publish-keys.h"

static gboolean
uc_publish_keys_fail(const UcMirror *mirror,
		     UcAnchor purpose,
		     const gchar *why,
		     const gchar *command,
		     GError **error)
{
	g_autofree gchar *path =
	    uc_key_file_get_path(mirror->root, purpose, UC_KEY_FILE_LEAF, "pem");

	g_set_error(
	    error,
	    UC_ERROR,
	    UC_ERROR_REFUSED,
	    "%s is %s, and endpoints would refuse what it signs; run '%s' again, which makes "
	    "another one",
	    path,
	    why,
	    command);
	return FALSE;
}

/* after a kill, keys.json may be ahead of the certificates */
static gboolean
uc_publish_keys_check(const UcMirror *mirror,
		      const UcKeyDocument *document,
		      UcAnchor purpose,
		      GError **error)
{
	g_autoptr(UcX509) leaf = uc_mirror_load_key(mirror, purpose, error);
	GPtrArray *cas = document->told[purpose];
	const gchar *name = uc_anchor_to_string(purpose);
	g_autofree gchar *revoke = g_strdup_printf("key revoke %s", name);
	g_autofree gchar *finish = g_strdup_printf("key rotate %s --finish", name);
	gboolean revoked = FALSE;
	gboolean issued = FALSE;

	if (leaf == NULL)
		return FALSE;
	if (!uc_key_document_is_revoked(document, leaf->certificate, &revoked, error) ||
	    (cas != NULL && !uc_key_check_issued(leaf->certificate, cas, &issued, error))) {
		g_prefix_error(error, "%s certificate: ", name);
		return FALSE;
	}
	if (revoked)
		return uc_publish_keys_fail(mirror, purpose, "revoked", revoke, error);
	if (cas != NULL && !issued)
		return uc_publish_keys_fail(mirror,
					    purpose,
					    "of no CA that keys.json names",
					    finish,
					    error);
	return TRUE;
}

/**
 * uc_publish_keys:
 * @mirror: a mirror
 * @tree: directory of the new tree, with `.well-known` in it
 * @expires_secs_out: (out): until when keys.json counts, 0 where there is none
 * @error: set to %UC_ERROR_REFUSED when a key in use is revoked or of no CA that endpoints are
 *   told of, or as uc_key_document_load()
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
