/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An administrator's first trust bundle: a directory with one directory for each purpose, as
 * `ROOT/trust` of a mirror is one. All of it is looked at before anything is written.
 */

#include <string.h>

#include "uc-ca.h"
#include "uc-error.h"
#include "uc-limits.h"
#include "uc-trust-bundle.h"
#include "uc-trust-store.h"
#include "uc-trust.h"

static gboolean
uc_trust_install_read(const gchar *path,
		      const gchar *purpose,
		      GHashTable *seen,
		      GPtrArray *anchors,
		      GError **error)
{
	g_autoptr(GBytes) pem = NULL;
	g_autoptr(UcCa) ca = NULL;
	const gchar *other = NULL;
	gchar *text = NULL;
	gsize size_bytes = 0;

	if (!g_file_get_contents(path, &text, &size_bytes, error))
		return FALSE;
	pem = g_bytes_new_take(text, size_bytes);
	ca = uc_ca_parse(pem, error);
	if (ca == NULL) {
		g_prefix_error(error, "%s: ", path);
		return FALSE;
	}
	other = g_hash_table_lookup(seen, ca->key_sha256);
	if (other != NULL && !g_str_equal(other, purpose)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_REFUSED,
			    "%s: this CA is in %s too; each purpose needs its own, or a key stolen "
			    "from one of them can do what the other does",
			    path,
			    other);
		return FALSE;
	}
	g_hash_table_replace(seen, g_strdup(ca->key_sha256), (gpointer)purpose);
	g_ptr_array_add(anchors, g_steal_pointer(&pem));
	return TRUE;
}

static gint
uc_trust_install_compare(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(*(const gchar *const *)a, *(const gchar *const *)b);
}

static GPtrArray *
uc_trust_install_list(const gchar *bundle, const gchar *dir, GError **error)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) handle = g_dir_open(dir, 0, error);
	const gchar *name = NULL;

	if (handle == NULL) {
		g_prefix_error(error,
			       "%s is no trust bundle, expected a copy of the mirror's trust/: ",
			       bundle);
		return NULL;
	}
	while ((name = g_dir_read_name(handle)) != NULL)
		g_ptr_array_add(paths, g_build_filename(dir, name, NULL));
	g_ptr_array_sort(paths, uc_trust_install_compare);
	return g_steal_pointer(&paths);
}

/* an empty directory leaves a purpose as it is only for the recovery key, which may come later */
static GPtrArray *
uc_trust_install_read_dir(const gchar *bundle,
			  const gchar *purpose,
			  GHashTable *seen,
			  GError **error)
{
	g_autoptr(GPtrArray) anchors =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	g_autofree gchar *dir = g_build_filename(bundle, purpose, NULL);
	g_autoptr(GPtrArray) paths = NULL;

	if (g_str_equal(purpose, UC_TRUST_RECOVERY) && !g_file_test(dir, G_FILE_TEST_EXISTS))
		return g_steal_pointer(&anchors);
	paths = uc_trust_install_list(bundle, dir, error);
	if (paths == NULL)
		return NULL;
	for (guint i = 0; i < paths->len; i++) {
		if (!uc_trust_install_read(g_ptr_array_index(paths, i),
					   purpose,
					   seen,
					   anchors,
					   error))
			return NULL;
	}
	if (anchors->len >= 1 && anchors->len <= UC_LIMIT_ANCHORS)
		return g_steal_pointer(&anchors);
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "%s has %u certificates, expected 1 to %d",
		    dir,
		    anchors->len,
		    UC_LIMIT_ANCHORS);
	return NULL;
}

/* a bundle that carries anything else may carry a key that was packed by mistake */
static gboolean
uc_trust_install_check_names(const gchar *bundle, GError **error)
{
	g_autoptr(GPtrArray) paths = uc_trust_install_list(bundle, bundle, error);

	for (guint i = 0; paths != NULL && i < paths->len; i++) {
		g_autofree gchar *name = g_path_get_basename(g_ptr_array_index(paths, i));
		gboolean known = FALSE;

		for (guint j = 0; j < UC_TRUST_BUNDLE_PURPOSES; j++)
			known = known || g_str_equal(name, uc_trust_bundle_get_purpose(j));
		if (known)
			continue;
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_REFUSED,
			    "%s is no part of a trust bundle, expected only the directories tls, "
			    "documents, payload, metadata and recovery",
			    (const gchar *)g_ptr_array_index(paths, i));
		return FALSE;
	}
	return paths != NULL;
}

/* other anchors than these are there: another organisation's, or what keys.json brought */
static gboolean
uc_trust_install_check_first(GError **error)
{
	g_autofree gchar *applied = uc_path_sysconf("trust.d/keys.json");

	if (!g_file_test(applied, G_FILE_TEST_EXISTS))
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_REFUSED,
		    "%s is there: these anchors are kept by the organisation's recovery key; "
		    "remove that file first if this is really to start over",
		    applied);
	return FALSE;
}

/**
 * uc_trust_install_anchors:
 * @anchors: (array fixed-size=5) (element-type GPtrArray): by uc_trust_bundle_get_purpose(); %NULL
 *   as no CA at all
 * @error: set to %UC_ERROR_FAILED, or as uc_ca_parse()
 *
 * Puts them in the place of what is there, for us and for fwupd. Can end anywhere and be done
 * again.
 */
gboolean
uc_trust_install_anchors(GPtrArray *const *anchors, GError **error)
{
	g_autoptr(GPtrArray) none = g_ptr_array_new();

	for (guint i = 0; i < UC_TRUST_BUNDLE_PURPOSES; i++) {
		const gchar *purpose = uc_trust_bundle_get_purpose(i);
		GPtrArray *list = anchors[i] != NULL ? anchors[i] : none;

		if (!uc_trust_store_add(purpose, list, error) ||
		    !uc_trust_store_keep_only(purpose, list, error))
			return FALSE;
	}
	return TRUE;
}

/**
 * uc_trust_install:
 * @dir: the bundle
 * @error: set to %UC_ERROR_REFUSED for a private key, what is no CA, a CA for two purposes, or when
 *   a `keys.json` is installed already; %UC_ERROR_INVALID, %UC_ERROR_LIMIT or %UC_ERROR_FAILED
 *
 * Installs it in the place of what is there, and ends first use.
 */
gboolean
uc_trust_install(const gchar *dir, GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) roles =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);

	if (!uc_trust_install_check_first(error) || !uc_trust_install_check_names(dir, error))
		return FALSE;
	for (guint i = 0; i < UC_TRUST_BUNDLE_PURPOSES; i++) {
		GPtrArray *anchors =
		    uc_trust_install_read_dir(dir, uc_trust_bundle_get_purpose(i), seen, error);

		if (anchors == NULL)
			return FALSE;
		g_ptr_array_add(roles, anchors);
	}
	return uc_trust_close_first_use(error) &&
	       uc_trust_install_anchors((GPtrArray *const *)roles->pdata, error);
}
