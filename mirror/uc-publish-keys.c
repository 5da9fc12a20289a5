/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * keys.json in the published tree; and nothing is published with what it does not stand for, or
 * with what endpoints would refuse anyway: a certificate that expired, one of another CA than those
 * in the trust bundle, a key that is another one's, as after a backup that was restored by halves.
 */

#include "uc-error.h"
#include "uc-file.h"
#include "uc-key-check.h"
#include "uc-key-file.h"
#include "uc-names.h"
#include "uc-publish-keys.h"

/* what is looked at before anything is signed with it */
typedef struct {
	const UcMirror *mirror;	       /* not owned */
	const UcKeyDocument *document; /* not owned */
	UcAnchor purpose;
	const gchar *name; /* of @purpose */
	GBytes *leaf;	   /* its certificate */
	GBytes *key;	   /* (nullable): its private key, but not of TLS */
} UcPublishKey;

static void
uc_publish_key_clear(UcPublishKey *self)
{
	g_clear_pointer(&self->leaf, g_bytes_unref);
	g_clear_pointer(&self->key, g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UcPublishKey, uc_publish_key_clear)

static gboolean
uc_publish_keys_fail(const UcPublishKey *self,
		     const gchar *why,
		     const gchar *command,
		     GError **error)
{
	g_autofree gchar *path =
	    uc_key_file_get_path(self->mirror->root, self->purpose, UC_KEY_FILE_LEAF, "pem");

	g_set_error(
	    error,
	    UC_ERROR,
	    UC_ERROR_REFUSED,
	    "%s is %s, and endpoints would refuse what it signs; run %s, which makes another one",
	    path,
	    why,
	    command);
	return FALSE;
}

/* after a kill, keys.json may be ahead of the certificates */
static gboolean
uc_publish_keys_check_told(const UcPublishKey *self, GError **error)
{
	GPtrArray *cas = self->document->told[self->purpose];
	g_autofree gchar *revoke = g_strdup_printf("'key revoke %s' again", self->name);
	g_autofree gchar *finish = g_strdup_printf("'key rotate %s --finish' again", self->name);
	gboolean revoked = FALSE;
	gboolean issued = FALSE;

	if (!uc_key_document_is_revoked(self->document, self->leaf, &revoked, error) ||
	    (cas != NULL && !uc_key_check_issued(self->leaf, cas, &issued, error)))
		return FALSE;
	if (revoked)
		return uc_publish_keys_fail(self, "revoked", revoke, error);
	if (cas != NULL && !issued)
		return uc_publish_keys_fail(self, "of no CA that keys.json names", finish, error);
	return TRUE;
}
static gboolean
uc_publish_keys_check_issued(const UcPublishKey *self, GError **error)
{
	g_autofree gchar *why = g_strdup_printf("of no CA in trust/%s", self->name);
	g_autofree gchar *finish = g_strdup_printf("'key rotate %s --finish' again", self->name);
	gboolean issued = FALSE;

	if (!uc_key_check_issued(self->leaf,
				 self->document->anchors[self->purpose],
				 &issued,
				 error))
		return FALSE;
	return issued || uc_publish_keys_fail(self, why, finish, error);
}

static gboolean
uc_publish_keys_check_expiry(const UcPublishKey *self,
			     gint64 now_secs,
			     UcPublishExpiry *expiry,
			     GError **error)
{
	g_autofree gchar *rotate = g_strdup_printf("'key rotate %s'", self->name);
	gint64 expires_secs = 0;

	if (!uc_key_check_get_expiry(self->leaf, &expires_secs, error))
		return FALSE;
	if (expiry->certificate_secs == 0 || expires_secs < expiry->certificate_secs) {
		expiry->certificate_secs = expires_secs;
		expiry->purpose = self->purpose;
	}
	/* nothing is signed with that of TLS, and endpoints say by themselves that it expired */
	if (self->purpose == UC_ANCHOR_TLS || expires_secs > now_secs)
		return TRUE;
	return uc_publish_keys_fail(self, "expired", rotate, error);
}

static gboolean
uc_publish_keys_check_pair(const UcPublishKey *self, GError **error)
{
	g_autofree gchar *path =
	    uc_key_file_get_path(self->mirror->root, self->purpose, UC_KEY_FILE_LEAF, "key");

	return uc_key_check_pair(self->leaf, self->key, path, error);
}

/* the key of TLS is the service's, and there may be no certificate yet below the organisation's CA
 */
static gboolean
uc_publish_keys_load_tls(UcPublishKey *self, GError **error)
{
	g_autofree gchar *path =
	    uc_key_file_find_certificate(self->mirror->root, self->purpose, UC_KEY_FILE_LEAF);
	g_autoptr(GError) error_load = NULL;
	gchar *text = NULL;
	gsize size_bytes = 0;

	if (g_file_get_contents(path, &text, &size_bytes, &error_load))
		self->leaf = g_bytes_new_take(text, size_bytes);
	else if (!g_error_matches(error_load, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
		g_propagate_error(error, g_steal_pointer(&error_load));
		return FALSE;
	}
	return TRUE;
}

static gboolean
uc_publish_keys_load(UcPublishKey *self, GError **error)
{
	g_autoptr(UcX509) pair = NULL;

	if (self->purpose == UC_ANCHOR_TLS)
		return uc_publish_keys_load_tls(self, error);
	pair = uc_mirror_load_key(self->mirror, self->purpose, error);
	if (pair == NULL)
		return FALSE;
	self->leaf = g_bytes_ref(pair->certificate);
	self->key = g_bytes_ref(pair->key);
	return TRUE;
}

static gboolean
uc_publish_keys_check(UcPublishKey *self, gint64 now_secs, UcPublishExpiry *expiry, GError **error)
{
	if (!uc_publish_keys_load(self, error))
		return FALSE;
	if (self->leaf == NULL)
		return TRUE;
	return (self->document->serial == 0 || uc_publish_keys_check_told(self, error)) &&
	       (self->key == NULL || uc_publish_keys_check_issued(self, error)) &&
	       uc_publish_keys_check_expiry(self, now_secs, expiry, error) &&
	       (self->key == NULL || uc_publish_keys_check_pair(self, error));
}

/**
 * uc_publish_keys:
 * @mirror: a mirror
 * @tree: directory of the new tree, with `.well-known` in it
 * @now_secs: the present time, seconds since the Unix epoch
 * @expiry_out: (out): until when keys.json counts, and which certificate expires first
 * @error: set to %UC_ERROR_REFUSED when a key in use is revoked, expired or of no CA that endpoints
 *   know, %UC_ERROR_INVALID when key and certificate are not of each other, or as
 *   uc_key_document_load()
 */
gboolean
uc_publish_keys(const UcMirror *mirror,
		const gchar *tree,
		gint64 now_secs,
		UcPublishExpiry *expiry_out,
		GError **error)
{
	g_autofree gchar *path = g_build_filename(tree, UC_WELL_KNOWN_KEYS_PATH, NULL);
	g_autoptr(UcKeyDocument) document = uc_key_document_load(mirror, error);
	g_autoptr(GBytes) envelope = NULL;
	UcPublishExpiry expiry = {0};

	if (document == NULL)
		return FALSE;
	for (guint i = 0; i < UC_ANCHOR_LAST; i++) {
		const gchar *name = uc_anchor_to_string((UcAnchor)i);
		g_auto(UcPublishKey) key = {mirror, document, (UcAnchor)i, name};

		if (!uc_publish_keys_check(&key, now_secs, &expiry, error)) {
			g_prefix_error(error, "%s: ", name);
			return FALSE;
		}
	}
	expiry.keys_secs = document->expires_secs;
	*expiry_out = expiry;
	return uc_key_document_read(mirror, &envelope, error) &&
	       (envelope == NULL || uc_file_write(path, envelope, error));
}
