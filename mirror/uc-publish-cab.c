/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The signed cab of a package. It is made once and kept beside the imported one, because a
 * signature differs each time: so its SHA-256, and with it its URL, stays the same. One that was
 * passed on as it is, because endpoints trust who signed it, counts for as long as they do.
 */

#include "uc-cab-writer.h"
#include "uc-file.h"
#include "uc-key-file.h"
#include "uc-publish-cab.h"
#include "uc-sha256.h"

#define UC_PUBLISH_CAB_META "payload_anchors"

static gint
uc_publish_cab_compare(gconstpointer a, gconstpointer b)
{
	return g_bytes_compare(*(const gconstpointer *)a, *(const gconstpointer *)b);
}

/* (transfer full): of all CAs that endpoints trust for payloads */
static gchar *
uc_publish_cab_sum_anchors(const UcMirror *mirror, GError **error)
{
	const gchar *purpose = uc_anchor_to_string(UC_ANCHOR_PAYLOAD);
	g_autoptr(GPtrArray) anchors = uc_key_file_list_anchors(mirror->root, purpose, error);
	g_autoptr(GByteArray) all = g_byte_array_new();
	g_autoptr(GBytes) bytes = NULL;

	if (anchors == NULL)
		return NULL;
	g_ptr_array_sort(anchors, uc_publish_cab_compare);
	for (guint i = 0; i < anchors->len; i++) {
		GBytes *anchor = g_ptr_array_index(anchors, i);

		g_byte_array_append(all,
				    g_bytes_get_data(anchor, NULL),
				    (guint)g_bytes_get_size(anchor));
	}
	bytes = g_byte_array_free_to_bytes(g_steal_pointer(&all));
	return uc_sha256_for_bytes(bytes);
}

/**
 * uc_publish_cab_look_again:
 * @mirror: a mirror, locked
 * @error: set to an error of this machine
 *
 * Where other CAs are trusted for payloads than before, each cab that was passed on as it is has to
 * be looked at again by uc_publish_cab(), and signed if nobody who signed it is trusted any more.
 * To be called before the packages are listed.
 */
gboolean
uc_publish_cab_look_again(UcMirror *mirror, GError **error)
{
	UcDatabase *database = mirror->database;
	g_autofree gchar *now = uc_publish_cab_sum_anchors(mirror, error);
	g_autofree gchar *before = NULL;
	g_autoptr(UcTransaction) transaction = NULL;

	if (now == NULL || !uc_database_get_meta(database, UC_PUBLISH_CAB_META, &before, error))
		return FALSE;
	if (g_str_equal(now, before))
		return TRUE;
	transaction = uc_transaction_begin(database, error);
	return transaction != NULL &&
	       uc_database_run(database,
			       error,
			       "UPDATE packages SET signed_sha256 = '' WHERE signed_sha256 ="
			       " cab_sha256",
			       "") &&
	       uc_database_set_meta(database, UC_PUBLISH_CAB_META, now, error) &&
	       uc_transaction_commit(transaction, error);
}

/* what is to be signed: the payloads of all components of the cab */
static GStrv
uc_publish_cab_list_payloads(UcMirror *mirror, const UcPackage *package, GError **error)
{
	g_autoptr(GPtrArray) packages =
	    uc_package_list_cab(mirror->database, package->cab_sha256, error);
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();

	if (packages == NULL)
		return NULL;
	for (guint i = 0; i < packages->len; i++) {
		const UcPackage *other = g_ptr_array_index(packages, i);

		g_strv_builder_add(names, other->payload_name);
	}
	return g_strv_builder_end(names);
}

static gboolean
uc_publish_cab_make(UcMirror *mirror, UcPackage *package, const gchar *to, GError **error)
{
	g_autofree gchar *staging = uc_mirror_path(mirror, "tmp-sign", NULL);
	g_autofree gchar *from =
	    uc_mirror_path(mirror, "packages", package->cab_sha256, "original.cab", NULL);
	g_autofree gchar *anchors =
	    uc_mirror_path(mirror, "trust", uc_anchor_to_string(UC_ANCHOR_PAYLOAD), NULL);
	g_autoptr(UcX509) key = uc_mirror_load_key(mirror, UC_ANCHOR_PAYLOAD, error);
	g_auto(GStrv) names = NULL;
	gboolean done = FALSE;

	if (key == NULL || !uc_mirror_remove_tree(staging, error))
		return FALSE;
	names = uc_publish_cab_list_payloads(mirror, package, error);
	if (names == NULL)
		return FALSE;
	if (!uc_file_make_dir(staging, 0700, error))
		return FALSE;
	done =
	    uc_cab_writer_sign(from, to, staging, (const gchar *const *)names, anchors, key, error);
	if (!uc_mirror_remove_tree(staging, done ? error : NULL))
		return FALSE;
	return done;
}

/* another component of the same cab may have been first */
static gboolean
uc_publish_cab_reload(UcMirror *mirror, UcPackage *package, GError **error)
{
	g_autoptr(UcPackage) now = uc_package_find(mirror->database, package->sha256, error);

	if (now == NULL)
		return FALSE;
	g_free(package->signed_sha256);
	package->signed_sha256 = g_steal_pointer(&now->signed_sha256);
	package->signed_bytes = now->signed_bytes;
	return TRUE;
}

/* signed with a key that is gone: what was is no more, whenever this ends */
static gboolean
uc_publish_cab_unset(UcMirror *mirror, UcPackage *package, GError **error)
{
	if (package->signed_sha256[0] == '\0')
		return TRUE;
	g_free(package->signed_sha256);
	package->signed_sha256 = g_strdup("");
	return uc_package_set_signed(mirror->database, package, error);
}

static gboolean
uc_publish_cab_ensure(UcMirror *mirror, UcPackage *package, const gchar *path, GError **error)
{
	gboolean several = !g_str_equal(package->sha256, package->cab_sha256);

	if ((several || package->signed_sha256[0] == '\0') &&
	    !uc_publish_cab_reload(mirror, package, error))
		return FALSE;
	if (package->signed_sha256[0] != '\0' && g_file_test(path, G_FILE_TEST_IS_REGULAR))
		return TRUE;
	if (!uc_publish_cab_unset(mirror, package, error) ||
	    !uc_publish_cab_make(mirror, package, path, error))
		return FALSE;
	g_free(package->signed_sha256);
	package->signed_sha256 = uc_sha256_for_file(path, &package->signed_bytes, error);
	if (package->signed_sha256 == NULL) {
		package->signed_sha256 = g_strdup("");
		return FALSE;
	}
	return uc_package_set_signed(mirror->database, package, error);
}

/**
 * uc_publish_cab:
 * @package: a package; its signed cab is made if it is not there yet
 * @tree: directory of the tree
 * @error: set to an error of this machine
 *
 * Puts the signed cab into a tree, under the name of its SHA-256.
 */
gboolean
uc_publish_cab(UcMirror *mirror, UcPackage *package, const gchar *tree, GError **error)
{
	g_autofree gchar *path =
	    uc_mirror_path(mirror, "packages", package->cab_sha256, "signed.cab", NULL);
	g_autofree gchar *name = NULL;
	g_autofree gchar *to = NULL;

	if (!uc_publish_cab_ensure(mirror, package, path, error))
		return FALSE;
	name = g_strdup_printf("%s.cab", package->signed_sha256);
	to = g_build_filename(tree, "cabs", name, NULL);
	return g_file_test(to, G_FILE_TEST_EXISTS) || uc_file_link(path, to, error);
}
