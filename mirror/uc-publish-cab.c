/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The signed cab of a package. It is made once and kept beside the imported one, because a
 * signature differs each time: so its SHA-256, and with it its URL, stays the same.
 */

#include "uc-cab-writer.h"
#include "uc-file.h"
#include "uc-publish-cab.h"
#include "uc-sha256.h"

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
