/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The keys of a mirror as files: `keys/<purpose>/<name>.{pem,key}` and, for the endpoints, the CAs
 * in `trust/<purpose>/`. A pair that is replaced keeps its owner, because the service that reads
 * the TLS key runs as a user of its own.
 */

#include <errno.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "uc-error.h"
#include "uc-file.h"
#include "uc-key-file.h"
#include "uc-names.h"

#define UC_KEY_FILE_ASIDE     ".new"
#define UC_KEY_FILE_CA_SECS   (G_GINT64_CONSTANT(20) * 366 * 86400)
#define UC_KEY_FILE_LEAF_SECS (G_GINT64_CONSTANT(5) * 366 * 86400)
/* the clock of an endpoint may be behind by a day */
#define UC_KEY_FILE_BACKDATE_SECS 86400

/**
 * uc_key_file_get_path:
 * @root: directory of a mirror
 * @purpose: what the key is for
 * @name: one of `UC_KEY_FILE_…`
 * @suffix: `pem` for the certificate, `key` for the private key
 *
 * Returns: (transfer full): where it is
 */
gchar *
uc_key_file_get_path(const gchar *root, UcAnchor purpose, const gchar *name, const gchar *suffix)
{
	g_autofree gchar *file = g_strdup_printf("%s.%s", name, suffix);

	return g_build_filename(root, "keys", uc_anchor_to_string(purpose), file, NULL);
}

/**
 * uc_key_file_new_ca:
 * @purpose: what for, a purpose of `UcAnchor` or `recovery`
 * @organisation: its domain name
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED
 *
 * Returns: (transfer full): a new CA of that purpose, valid for 20 years; nothing is written
 */
UcX509 *
uc_key_file_new_ca(const gchar *purpose, const gchar *organisation, gint64 now_secs, GError **error)
{
	return uc_key_file_new_ca_for(purpose, organisation, NULL, now_secs, error);
}

/**
 * uc_key_file_new_ca_for:
 * @purpose: what for, a purpose of `UcAnchor` or `recovery`
 * @organisation: its domain name
 * @key: (nullable): the URI of a key that is in a token; %NULL to make one
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED or an error of uc_private_key_new_from_bytes()
 *
 * Returns: (transfer full): a new CA as of uc_key_file_new_ca(); nothing is written
 */
UcX509 *
uc_key_file_new_ca_for(const gchar *purpose,
		       const gchar *organisation,
		       GBytes *key,
		       gint64 now_secs,
		       GError **error)
{
	/* verifiers look for an issuer by its name, and during a rotation there are two */
	g_autofree gchar *name =
	    g_strdup_printf("%s ucupdates %s CA %08x", organisation, purpose, g_random_int());
	gint64 from_secs = now_secs - UC_KEY_FILE_BACKDATE_SECS;
	gint64 until_secs = now_secs + UC_KEY_FILE_CA_SECS;

	return key != NULL ? uc_x509_new_ca_for(key, name, from_secs, until_secs, error)
			   : uc_x509_new_ca(name, from_secs, until_secs, error);
}

/**
 * uc_key_file_new_leaf:
 * @ca: the CA of that purpose
 * @purpose: what for, a purpose of `UcAnchor` or `recovery`
 * @organisation: its domain name
 * @hosts: (nullable): for `tls`, names beside that of the service in the organisation's domain
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED
 *
 * Returns: (transfer full): a new key with its certificate, valid for 5 years; nothing is written
 */
UcX509 *
uc_key_file_new_leaf(UcX509 *ca,
		     const gchar *purpose,
		     const gchar *organisation,
		     const gchar *const *hosts,
		     gint64 now_secs,
		     GError **error)
{
	g_autofree gchar *name = g_strdup_printf("%s ucupdates %s", organisation, purpose);
	g_autofree gchar *host = g_strdup_printf("%s.%s", UC_DNS_LABEL, organisation);
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_auto(GStrv) dns_names = NULL;
	gboolean tls = g_str_equal(purpose, uc_anchor_to_string(UC_ANCHOR_TLS));

	g_strv_builder_add(builder, host);
	for (guint i = 0; hosts != NULL && hosts[i] != NULL; i++) {
		if (!g_str_equal(hosts[i], host))
			g_strv_builder_add(builder, hosts[i]);
	}
	dns_names = g_strv_builder_end(builder);
	return uc_x509_issue(ca,
			     tls ? UC_X509_TLS_SERVER : UC_X509_SIGNING,
			     name,
			     tls ? (const gchar *const *)dns_names : NULL,
			     now_secs - UC_KEY_FILE_BACKDATE_SECS,
			     now_secs + UC_KEY_FILE_LEAF_SECS,
			     error);
}

/*
 * A pair is replaced as one: both are written aside, first the key, then the certificate; then the
 * key is renamed, and that counts; then the certificate. So a certificate aside without a key aside
 * is the one of the key that is in place.
 */
static gboolean
uc_key_file_is_half(const gchar *certificate, const gchar *key)
{
	g_autofree gchar *certificate_aside = g_strconcat(certificate, UC_KEY_FILE_ASIDE, NULL);
	g_autofree gchar *key_aside = g_strconcat(key, UC_KEY_FILE_ASIDE, NULL);

	return g_file_test(certificate_aside, G_FILE_TEST_EXISTS) &&
	       !g_file_test(key_aside, G_FILE_TEST_EXISTS);
}

static gboolean
uc_key_file_take(const gchar *path, GError **error)
{
	g_autofree gchar *aside = g_strconcat(path, UC_KEY_FILE_ASIDE, NULL);

	return uc_file_rename(aside, path, error);
}

/**
 * uc_key_file_find_certificate:
 * @root: directory of a mirror
 * @purpose: what for
 * @name: one of `UC_KEY_FILE_…`
 *
 * For who may only read: a command that replaces the pair may be at work, or was killed.
 *
 * Returns: (transfer full): path of the certificate of the key that is in place
 */
gchar *
uc_key_file_find_certificate(const gchar *root, UcAnchor purpose, const gchar *name)
{
	g_autofree gchar *certificate = uc_key_file_get_path(root, purpose, name, "pem");
	g_autofree gchar *key = uc_key_file_get_path(root, purpose, name, "key");

	return uc_key_file_is_half(certificate, key)
		   ? g_strconcat(certificate, UC_KEY_FILE_ASIDE, NULL)
		   : g_steal_pointer(&certificate);
}

/**
 * uc_key_file_issue_for:
 * @ca: the CA of that purpose
 * @purpose: what for, but not `tls`
 * @organisation: its domain name
 * @public_key: SubjectPublicKeyInfo in DER of a key that is elsewhere
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED
 *
 * Returns: (transfer full): a certificate for it as of uc_key_file_new_leaf(); nothing is written
 */
GBytes *
uc_key_file_issue_for(UcX509 *ca,
		      const gchar *purpose,
		      const gchar *organisation,
		      GBytes *public_key,
		      gint64 now_secs,
		      GError **error)
{
	g_autofree gchar *name = g_strdup_printf("%s ucupdates %s", organisation, purpose);

	return uc_x509_issue_for(ca,
				 UC_X509_SIGNING,
				 public_key,
				 name,
				 now_secs - UC_KEY_FILE_BACKDATE_SECS,
				 now_secs + UC_KEY_FILE_LEAF_SECS,
				 error);
}

/**
 * uc_key_file_load_pair:
 * @certificate: path of the certificate
 * @key: path of its key
 * @error: set to `G_FILE_ERROR`
 *
 * Returns: (transfer full): the certificate with its key
 */
UcX509 *
uc_key_file_load_pair(const gchar *certificate, const gchar *key, GError **error)
{
	if (uc_key_file_is_half(certificate, key) && !uc_key_file_take(certificate, error))
		return NULL;
	return uc_x509_load(certificate, key, error);
}

static gboolean
uc_key_file_chown(const gchar *path, const GStatBuf *before, GError **error)
{
	if (chown(path, before->st_uid, before->st_gid) == 0)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_FAILED,
		    "cannot give %s to the user %u who had it: %s",
		    path,
		    (guint)before->st_uid,
		    g_strerror(errno));
	return FALSE;
}

/**
 * uc_key_file_save_pair:
 * @certificate: path of the certificate
 * @key: path of its key
 * @pair: the certificate with its key
 * @error: set to `G_FILE_ERROR` or %UC_ERROR_FAILED
 *
 * Writes both durably, and replaces a pair that was there as one. Whoever owned the key before owns
 * both afterwards.
 */
gboolean
uc_key_file_save_pair(const gchar *certificate, const gchar *key, UcX509 *pair, GError **error)
{
	g_autofree gchar *certificate_aside = g_strconcat(certificate, UC_KEY_FILE_ASIDE, NULL);
	g_autofree gchar *key_aside = g_strconcat(key, UC_KEY_FILE_ASIDE, NULL);
	GStatBuf before = {0};
	gboolean there = g_stat(key, &before) == 0;

	if (uc_key_file_is_half(certificate, key) && !uc_key_file_take(certificate, error))
		return FALSE;
	if (!uc_x509_save(pair, certificate_aside, key_aside, error))
		return FALSE;
	if (there && (!uc_key_file_chown(key_aside, &before, error) ||
		      !uc_key_file_chown(certificate_aside, &before, error)))
		return FALSE;
	return uc_key_file_take(key, error) && uc_key_file_take(certificate, error);
}

/**
 * uc_key_file_load:
 * @root: directory of a mirror
 * @purpose: what for
 * @name: one of `UC_KEY_FILE_…`
 * @error: set to `G_FILE_ERROR`
 *
 * Returns: (transfer full): the certificate with its key
 */
UcX509 *
uc_key_file_load(const gchar *root, UcAnchor purpose, const gchar *name, GError **error)
{
	g_autofree gchar *certificate = uc_key_file_get_path(root, purpose, name, "pem");
	g_autofree gchar *key = uc_key_file_get_path(root, purpose, name, "key");

	return uc_key_file_load_pair(certificate, key, error);
}

/**
 * uc_key_file_save:
 * @root: directory of a mirror
 * @purpose: what for
 * @name: one of `UC_KEY_FILE_…`
 * @pair: the certificate with its key
 * @error: as uc_key_file_save_pair()
 */
gboolean
uc_key_file_save(const gchar *root,
		 UcAnchor purpose,
		 const gchar *name,
		 UcX509 *pair,
		 GError **error)
{
	g_autofree gchar *certificate = uc_key_file_get_path(root, purpose, name, "pem");
	g_autofree gchar *key = uc_key_file_get_path(root, purpose, name, "key");

	return uc_key_file_save_pair(certificate, key, pair, error);
}

/**
 * uc_key_file_save_anchor:
 * @root: directory of a mirror
 * @purpose: directory below `trust/`
 * @name: of the file, without `.pem`
 * @certificate: a CA in PEM
 * @error: set to %UC_ERROR_FAILED
 *
 * Puts a CA into the trust bundle.
 */
gboolean
uc_key_file_save_anchor(const gchar *root,
			const gchar *purpose,
			const gchar *name,
			GBytes *certificate,
			GError **error)
{
	g_autofree gchar *file = g_strdup_printf("%s.pem", name);
	g_autofree gchar *path = g_build_filename(root, "trust", purpose, file, NULL);

	return uc_file_write(path, certificate, error);
}

/**
 * uc_key_file_list_anchors:
 * @root: directory of a mirror
 * @purpose: directory below `trust/`
 * @error: set to `G_FILE_ERROR`
 *
 * Returns: (transfer full) (element-type GBytes): the CAs of that purpose in PEM, or %NULL
 */
GPtrArray *
uc_key_file_list_anchors(const gchar *root, const gchar *purpose, GError **error)
{
	g_autofree gchar *path = g_build_filename(root, "trust", purpose, NULL);
	g_autoptr(GPtrArray) anchors =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	g_autoptr(GDir) dir = g_dir_open(path, 0, error);
	const gchar *name = NULL;

	if (dir == NULL)
		return NULL;
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree gchar *file = g_build_filename(path, name, NULL);
		gchar *text = NULL;
		gsize size_bytes = 0;

		if (!g_str_has_suffix(name, ".pem"))
			continue;
		if (!g_file_get_contents(file, &text, &size_bytes, error))
			return NULL;
		g_ptr_array_add(anchors, g_bytes_new_take(text, size_bytes));
	}
	return g_steal_pointer(&anchors);
}
