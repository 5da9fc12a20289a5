/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A trust bundle that came over the network, for first use (docs/service-protocol.md, section 2.3).
 * It is signed below the documents CA that it has inside, so that nobody can put together one half
 * of it and another half of somebody else's. Whose it really is, nothing in it can tell: that is
 * what first use takes on trust, and what root's gate in uc-first-use.h is for.
 */

#include <glib/gstdio.h>
#include <string.h>

#include "uc-anchor-list.h"
#include "uc-ca.h"
#include "uc-document.h"
#include "uc-error.h"
#include "uc-names.h"
#include "uc-sha256.h"
#include "uc-trust-bundle.h"

#define UC_TRUST_BUNDLE_RECOVERY "recovery"

/* two levels, and files whose names are numbers: as uc_trust_bundle_write() makes it */
static void
uc_trust_bundle_remove_dir(const gchar *path, guint levels)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const gchar *name = NULL;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree gchar *child = g_build_filename(path, name, NULL);

		if (levels > 0)
			uc_trust_bundle_remove_dir(child, levels - 1);
		else
			(void)g_unlink(child);
	}
	(void)g_rmdir(path);
}

void
uc_trust_bundle_free(UcTrustBundle *self)
{
	if (self->dir != NULL)
		uc_trust_bundle_remove_dir(self->dir, 1);
	for (guint i = 0; i < UC_TRUST_BUNDLE_PURPOSES; i++)
		g_clear_pointer(&self->anchors[i], g_ptr_array_unref);
	g_free(self->organisation);
	g_free(self->fingerprint);
	g_free(self->dir);
	g_free(self);
}

/**
 * uc_trust_bundle_get_purpose:
 * @index: below %UC_TRUST_BUNDLE_PURPOSES; the first ones are those of #UcAnchor
 *
 * Returns: (transfer none): the name of its directory below `trust.d/`
 */
const gchar *
uc_trust_bundle_get_purpose(guint index)
{
	return index < UC_ANCHOR_LAST ? uc_anchor_to_string((UcAnchor)index)
				      : UC_TRUST_BUNDLE_RECOVERY;
}

static gint
uc_trust_bundle_compare(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(*(const gchar *const *)a, *(const gchar *const *)b);
}

/**
 * uc_trust_bundle_compute_fingerprint:
 * @anchors: (array fixed-size=5) (element-type GPtrArray): as in #UcTrustBundle
 * @error: as uc_ca_parse()
 *
 * The SHA-256 of one line `PURPOSE SHA256-OF-THE-DER` for each CA, sorted by bytes, each with a
 * line feed at its end.
 *
 * Returns: (transfer full): 64 lower-case hexadecimal digits, or %NULL
 */
gchar *
uc_trust_bundle_compute_fingerprint(GPtrArray *const *anchors, GError **error)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(UcSha256) sum = uc_sha256_new();

	for (guint i = 0; i < UC_TRUST_BUNDLE_PURPOSES; i++) {
		for (guint j = 0; anchors[i] != NULL && j < anchors[i]->len; j++) {
			g_autoptr(UcCa) ca = uc_ca_parse(g_ptr_array_index(anchors[i], j), error);

			if (ca == NULL)
				return NULL;
			g_ptr_array_add(
			    lines,
			    g_strdup_printf("%s %s\n", uc_trust_bundle_get_purpose(i), ca->sha256));
		}
	}
	g_ptr_array_sort(lines, uc_trust_bundle_compare);
	for (guint i = 0; i < lines->len; i++) {
		const gchar *line = g_ptr_array_index(lines, i);

		uc_sha256_update(sum, line, strlen(line));
	}
	return uc_sha256_to_hex(sum);
}

static gboolean
uc_trust_bundle_read(UcTrustBundle *self, JsonObject *body, GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	JsonObject *object = NULL;

	if (!uc_json_get_object(body, "anchors", UC_JSON_REQUIRED, &object, error))
		return FALSE;
	for (guint i = 0; i < UC_TRUST_BUNDLE_PURPOSES; i++) {
		if (uc_anchor_list_read(object,
					uc_trust_bundle_get_purpose(i),
					i < UC_ANCHOR_LAST ? UC_JSON_REQUIRED : UC_JSON_OPTIONAL,
					seen,
					&self->anchors[i],
					error))
			continue;
		g_prefix_error(error, "member 'anchors': ");
		return FALSE;
	}
	return TRUE;
}

static gboolean
uc_trust_bundle_write_purpose(UcTrustBundle *self, guint index, GError **error)
{
	GPtrArray *list = self->anchors[index];
	g_autofree gchar *dir =
	    g_build_filename(self->dir, uc_trust_bundle_get_purpose(index), NULL);

	if (g_mkdir(dir, 0700) != 0) {
		g_set_error(error, UC_ERROR, UC_ERROR_FAILED, "cannot make %s", dir);
		return FALSE;
	}
	for (guint i = 0; list != NULL && i < list->len; i++) {
		g_autofree gchar *name = g_strdup_printf("%u.pem", i);
		g_autofree gchar *path = g_build_filename(dir, name, NULL);
		gsize size_bytes = 0;
		const gchar *data = g_bytes_get_data(g_ptr_array_index(list, i), &size_bytes);

		if (!g_file_set_contents(path, data, (gssize)size_bytes, error))
			return FALSE;
	}
	return TRUE;
}

/* what verifies with anchors takes them as files */
static gboolean
uc_trust_bundle_write(UcTrustBundle *self, GError **error)
{
	self->dir = g_dir_make_tmp("ucupdates-trust-XXXXXX", error);
	for (guint i = 0; self->dir != NULL && i < UC_TRUST_BUNDLE_PURPOSES; i++) {
		if (!uc_trust_bundle_write_purpose(self, i, error))
			return FALSE;
	}
	return self->dir != NULL;
}

static gboolean
uc_trust_bundle_verify_signature(UcTrustBundle *self,
				 GBytes *envelope,
				 gint64 now_secs,
				 gint64 floor_secs,
				 GError **error)
{
	g_autofree gchar *dir = uc_trust_bundle_get_anchors_dir(self, UC_ANCHOR_DOCUMENTS);
	UcDocumentExpect expect = {
	    .type = UC_DOCUMENT_TRUST,
	    .anchors_dir = dir,
	    .now_secs = now_secs,
	    .floor_secs = floor_secs,
	};
	g_autoptr(UcDocument) document = uc_document_verify(envelope, &expect, error);

	if (document == NULL)
		return FALSE;
	self->organisation = g_strdup(document->organisation);
	self->fingerprint = uc_trust_bundle_compute_fingerprint(self->anchors, error);
	return self->fingerprint != NULL;
}

/**
 * uc_trust_bundle_verify:
 * @envelope: what came over the wire
 * @now_secs: the present time, seconds since the Unix epoch
 * @floor_secs: the present time cannot lie before this
 * @error: as uc_document_verify() and uc_anchor_list_read(), or %UC_ERROR_FAILED
 *
 * Returns: (transfer full): a bundle that is one thing, and signed by itself alone; or %NULL
 */
UcTrustBundle *
uc_trust_bundle_verify(GBytes *envelope, gint64 now_secs, gint64 floor_secs, GError **error)
{
	g_autoptr(UcTrustBundle) self = g_new0(UcTrustBundle, 1);
	g_autoptr(JsonObject) body = uc_document_peek(envelope, UC_DOCUMENT_TRUST, error);

	if (body == NULL)
		return NULL;
	if (!uc_trust_bundle_read(self, body, error)) {
		g_prefix_error(error, "%s: ", UC_DOCUMENT_TRUST);
		return NULL;
	}
	if (!uc_trust_bundle_write(self, error) ||
	    !uc_trust_bundle_verify_signature(self, envelope, now_secs, floor_secs, error))
		return NULL;
	return g_steal_pointer(&self);
}

/**
 * uc_trust_bundle_get_anchors_dir:
 * @purpose: of which
 *
 * Returns: (transfer full): directory with these CAs, one PEM file each, for as long as the bundle
 * is
 */
gchar *
uc_trust_bundle_get_anchors_dir(const UcTrustBundle *self, UcAnchor purpose)
{
	return g_build_filename(self->dir, uc_anchor_to_string(purpose), NULL);
}
