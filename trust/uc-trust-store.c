/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The anchors on disk: `trust.d/PURPOSE/` for us, and the two directories where fwupd looks. A file
 * of ours has the certificate's hash in its name, so that writing it again changes nothing; each
 * is written aside, fsynced and renamed. In the directories of fwupd only files of that kind, and
 * what is revoked, are ever removed.
 */

#include <errno.h>
#include <string.h>

#include "config.h"
#include "uc-ca.h"
#include "uc-error.h"
#include "uc-file.h"
#include "uc-revoked.h"
#include "uc-trust-store.h"

#define UC_TRUST_STORE_PREFIX "ucupdates-"

/* the directories of a purpose: ours, and fwupd's where it has one */
static GStrv
uc_trust_store_list_dirs(const gchar *purpose)
{
	g_autofree gchar *name = g_build_filename("trust.d", purpose, NULL);
	const gchar *base = g_getenv("UCUPDATES_SYSCONFDIR");
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_autofree gchar *own = uc_path_sysconf(name);
	const gchar *fwupd_name = NULL;

	if (g_str_equal(purpose, uc_anchor_to_string(UC_ANCHOR_PAYLOAD)))
		fwupd_name = "fwupd";
	else if (g_str_equal(purpose, uc_anchor_to_string(UC_ANCHOR_METADATA)))
		fwupd_name = "fwupd-metadata";
	g_strv_builder_add(builder, own);
	if (fwupd_name != NULL) {
		g_autofree gchar *dir =
		    g_build_filename(base != NULL ? base : UC_SYSCONFDIR, "pki", fwupd_name, NULL);

		g_strv_builder_add(builder, dir);
	}
	return g_strv_builder_end(builder);
}

/**
 * uc_trust_store_write:
 * @path: absolute path; its directory is made
 * @error: set to %UC_ERROR_FAILED
 *
 * A durable file that everybody can read, whole or not at all.
 */
gboolean
uc_trust_store_write(const gchar *path, GBytes *bytes, GError **error)
{
	g_autofree gchar *dir = g_path_get_dirname(path);

	return uc_file_make_dir(dir, 0755, error) && uc_file_replace(path, bytes, 0644, error);
}

static gchar *
uc_trust_store_get_name(GBytes *pem, GError **error)
{
	g_autoptr(UcCa) ca = uc_ca_parse(pem, error);

	return ca != NULL ? g_strdup_printf(UC_TRUST_STORE_PREFIX "%s.pem", ca->sha256) : NULL;
}

/**
 * uc_trust_store_add:
 * @purpose: name of a directory below `trust.d/`
 * @anchors: (element-type GBytes): CAs in PEM
 * @error: set to %UC_ERROR_FAILED, or as uc_ca_parse()
 *
 * Adds them to what is there, for us and for fwupd.
 */
gboolean
uc_trust_store_add(const gchar *purpose, GPtrArray *anchors, GError **error)
{
	g_auto(GStrv) dirs = uc_trust_store_list_dirs(purpose);

	for (guint i = 0; i < anchors->len; i++) {
		GBytes *pem = g_ptr_array_index(anchors, i);
		g_autofree gchar *name = uc_trust_store_get_name(pem, error);

		if (name == NULL)
			return FALSE;
		for (guint j = 0; dirs[j] != NULL; j++) {
			g_autofree gchar *path = g_build_filename(dirs[j], name, NULL);

			if (!uc_trust_store_write(path, pem, error))
				return FALSE;
		}
	}
	return TRUE;
}

static gboolean
uc_trust_store_remove(const gchar *path, GError **error)
{
	g_message("removing %s", path);
	return uc_file_remove(path, error);
}

static GStrv
uc_trust_store_list_files(const gchar *dir)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_autoptr(GDir) handle = g_dir_open(dir, 0, NULL);
	const gchar *name = NULL;

	while (handle != NULL && (name = g_dir_read_name(handle)) != NULL) {
		g_autofree gchar *path = g_build_filename(dir, name, NULL);

		g_strv_builder_add(builder, path);
	}
	return g_strv_builder_end(builder);
}

static gboolean
uc_trust_store_clean_dir(const gchar *dir, gboolean is_ours, GHashTable *keep, GError **error)
{
	g_auto(GStrv) paths = uc_trust_store_list_files(dir);

	for (guint i = 0; paths[i] != NULL; i++) {
		g_autofree gchar *name = g_path_get_basename(paths[i]);

		if (g_hash_table_contains(keep, name) ||
		    (!is_ours && !g_str_has_prefix(name, UC_TRUST_STORE_PREFIX)))
			continue;
		if (!uc_trust_store_remove(paths[i], error))
			return FALSE;
	}
	return TRUE;
}

/**
 * uc_trust_store_keep_only:
 * @purpose: name of a directory below `trust.d/`
 * @anchors: (element-type GBytes): CAs in PEM
 * @error: set to %UC_ERROR_FAILED, or as uc_ca_parse()
 *
 * Removes every other anchor of that purpose; of fwupd's directories only those that came from us.
 */
gboolean
uc_trust_store_keep_only(const gchar *purpose, GPtrArray *anchors, GError **error)
{
	g_auto(GStrv) dirs = uc_trust_store_list_dirs(purpose);
	g_autoptr(GHashTable) keep = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < anchors->len; i++) {
		gchar *name = uc_trust_store_get_name(g_ptr_array_index(anchors, i), error);

		if (name == NULL)
			return FALSE;
		(void)g_hash_table_add(keep, name);
	}
	for (guint j = 0; dirs[j] != NULL; j++) {
		if (!uc_trust_store_clean_dir(dirs[j], j == 0, keep, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
uc_trust_store_is_revoked(const gchar *path, const gchar *const *revoked)
{
	g_autoptr(UcCa) ca = NULL;
	g_autoptr(GBytes) pem = NULL;
	gchar *text = NULL;
	gsize size_bytes = 0;

	if (!g_file_get_contents(path, &text, &size_bytes, NULL))
		return FALSE;
	pem = g_bytes_new_take(text, size_bytes);
	ca = uc_ca_parse(pem, NULL);
	return ca != NULL &&
	       (g_strv_contains(revoked, ca->sha256) || g_strv_contains(revoked, ca->key_sha256));
}

/**
 * uc_trust_store_remove_revoked:
 * @revoked: SHA-256 of certificates or of their public keys
 * @error: set to %UC_ERROR_FAILED
 *
 * Removes such anchors of every purpose, whoever installed them.
 */
gboolean
uc_trust_store_remove_revoked(const gchar *const *revoked, GError **error)
{
	for (guint i = 0; i < UC_ANCHOR_LAST; i++) {
		g_auto(GStrv) dirs = uc_trust_store_list_dirs(uc_anchor_to_string((UcAnchor)i));

		for (guint j = 0; dirs[j] != NULL; j++) {
			g_auto(GStrv) paths = uc_trust_store_list_files(dirs[j]);

			for (guint k = 0; paths[k] != NULL; k++) {
				if (uc_trust_store_is_revoked(paths[k], revoked) &&
				    !uc_trust_store_remove(paths[k], error))
					return FALSE;
			}
		}
	}
	return TRUE;
}

/**
 * uc_trust_store_write_revoked:
 * @revoked: SHA-256 of certificates or of their public keys
 * @error: set to %UC_ERROR_FAILED
 *
 * Writes the list that uc_revoked_load() reads.
 */
gboolean
uc_trust_store_write_revoked(const gchar *const *revoked, GError **error)
{
	g_autofree gchar *path = uc_path_sysconf("trust.d/" UC_REVOKED_NAME);
	g_autofree gchar *joined = g_strjoinv("\n", (gchar **)revoked);
	g_autofree gchar *text = g_strconcat(joined, joined[0] != '\0' ? "\n" : "", NULL);
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));

	return uc_trust_store_write(path, bytes, error);
}
