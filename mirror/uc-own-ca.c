/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * TLS below a CA that the organisation has already. Its certificate is the endpoints' anchor for
 * `tls`; its key is never kept here. With the key at hand `init` signs the first certificate at
 * once; without it there is a request, `keys/tls/leaf.csr`, for whoever has the key, and what comes
 * back is installed after it was checked as an endpoint would.
 */

#include <string.h>

#include "uc-audit.h"
#include "uc-ca.h"
#include "uc-csr.h"
#include "uc-error.h"
#include "uc-file.h"
#include "uc-key-check.h"
#include "uc-key-file.h"
#include "uc-limits.h"
#include "uc-names.h"
#include "uc-own-ca.h"
#include "uc-tls.h"

#define UC_OWN_CA_REQUEST "csr"

static GBytes *
uc_own_ca_read(const gchar *path, GError **error)
{
	gchar *text = NULL;
	gsize size_bytes = 0;

	if (!g_file_get_contents(path, &text, &size_bytes, error))
		return NULL;
	if (size_bytes <= UC_LIMIT_KEY_PAIR_BYTES)
		return g_bytes_new_take(text, size_bytes);
	g_free(text);
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_LIMIT,
		    "%s: expected at most %d bytes",
		    path,
		    UC_LIMIT_KEY_PAIR_BYTES);
	return NULL;
}

/**
 * uc_own_ca_load:
 * @certificate_path: of the CA, PEM
 * @key_path: (nullable): of its private key, PEM or a `pkcs11:` URI, if it is at hand
 * @error: set to %UC_ERROR_INVALID, %UC_ERROR_REFUSED for what is no CA, %UC_ERROR_LIMIT or
 *   `G_FILE_ERROR`
 *
 * Returns: (transfer full): the CA; its key is %NULL without @key_path
 */
UcX509 *
uc_own_ca_load(const gchar *certificate_path, const gchar *key_path, GError **error)
{
	g_autoptr(UcX509) self = g_new0(UcX509, 1);
	g_autoptr(UcCa) ca = NULL;

	self->certificate = uc_own_ca_read(certificate_path, error);
	if (self->certificate == NULL)
		return NULL;
	ca = uc_ca_parse(self->certificate, error);
	if (ca == NULL) {
		g_prefix_error(error, "%s: ", certificate_path);
		return NULL;
	}
	if (key_path == NULL)
		return g_steal_pointer(&self);
	self->key = uc_own_ca_read(key_path, error);
	if (self->key == NULL || !uc_key_check_pair(self->certificate, self->key, key_path, error))
		return NULL;
	return g_steal_pointer(&self);
}

/**
 * uc_own_ca_get_request_path:
 * @root: directory of a mirror
 *
 * Returns: (transfer full): where the request for a certificate is
 */
gchar *
uc_own_ca_get_request_path(const gchar *root)
{
	return uc_key_file_get_path(root, UC_ANCHOR_TLS, UC_KEY_FILE_LEAF, UC_OWN_CA_REQUEST);
}

static gboolean
uc_own_ca_write_request(const gchar *root,
			const gchar *organisation,
			const UcPrivateKey *key,
			GError **error)
{
	g_autofree gchar *path = uc_own_ca_get_request_path(root);
	g_autofree gchar *host = g_strdup_printf("%s.%s", UC_DNS_LABEL, organisation);
	g_autofree gchar *csr = uc_csr_new_server(key, host, error);
	g_autoptr(GBytes) bytes = csr != NULL ? g_bytes_new(csr, strlen(csr)) : NULL;

	return bytes != NULL && uc_file_replace(path, bytes, 0644, error);
}

static gboolean
uc_own_ca_request(const gchar *root, const gchar *organisation, GError **error)
{
	g_autofree gchar *path = uc_key_file_get_path(root, UC_ANCHOR_TLS, UC_KEY_FILE_LEAF, "key");
	g_autoptr(UcPrivateKey) key = uc_private_key_new(error);
	g_autoptr(GBytes) pem = key != NULL ? uc_private_key_to_pem(key, error) : NULL;

	return pem != NULL && uc_file_replace(path, pem, 0600, error) &&
	       uc_own_ca_write_request(root, organisation, key, error);
}

static gboolean
uc_own_ca_issue(UcX509 *ca,
		const gchar *root,
		const gchar *organisation,
		gint64 now_secs,
		GError **error)
{
	g_autoptr(UcX509) leaf = uc_key_file_new_leaf(ca,
						      uc_anchor_to_string(UC_ANCHOR_TLS),
						      organisation,
						      NULL,
						      now_secs,
						      error);
	g_autoptr(UcPrivateKey) key = NULL;

	if (leaf == NULL || !uc_key_file_save(root, UC_ANCHOR_TLS, UC_KEY_FILE_LEAF, leaf, error))
		return FALSE;
	key = uc_private_key_new_from_bytes(leaf->key, error);
	return key != NULL && uc_own_ca_write_request(root, organisation, key, error);
}

/**
 * uc_own_ca_set_up:
 * @ca: from uc_own_ca_load()
 * @root: directory of a new mirror
 * @organisation: its domain name
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED or `G_FILE_ERROR`
 *
 * Makes the key for TLS, its certificate if the CA's key is there, and a request for one.
 */
gboolean
uc_own_ca_set_up(UcX509 *ca,
		 const gchar *root,
		 const gchar *organisation,
		 gint64 now_secs,
		 GError **error)
{
	const gchar *purpose = uc_anchor_to_string(UC_ANCHOR_TLS);
	g_autofree gchar *path = uc_key_file_get_path(root, UC_ANCHOR_TLS, UC_KEY_FILE_CA, "pem");
	gboolean done = ca->key != NULL ? uc_own_ca_issue(ca, root, organisation, now_secs, error)
					: uc_own_ca_request(root, organisation, error);

	return done && uc_file_replace(path, ca->certificate, 0644, error) &&
	       uc_key_file_save_anchor(root, purpose, organisation, ca->certificate, error);
}

static gboolean
uc_own_ca_check(UcMirror *mirror, UcX509 *leaf, const gchar *path, GError **error)
{
	g_autofree gchar *ca_path =
	    uc_key_file_get_path(mirror->root, UC_ANCHOR_TLS, UC_KEY_FILE_CA, "pem");
	g_autofree gchar *host = g_strdup_printf("%s.%s", UC_DNS_LABEL, mirror->organisation);
	g_autoptr(GSocketConnectable) identity = g_network_address_new(host, UC_HTTPS_PORT);
	g_autoptr(GTlsDatabase) database = g_tls_file_database_new(ca_path, error);
	g_autoptr(GTlsCertificate) chain = NULL;
	g_autofree gchar *reason = NULL;
	GTlsCertificateFlags flags = 0;

	if (database == NULL || !uc_key_check_pair(leaf->certificate, leaf->key, path, error))
		return FALSE;
	chain = g_tls_certificate_new_from_pem(g_bytes_get_data(leaf->certificate, NULL),
					       (gssize)g_bytes_get_size(leaf->certificate),
					       error);
	if (chain == NULL)
		return FALSE;
	flags = g_tls_database_verify_chain(database,
					    chain,
					    G_TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER,
					    identity,
					    NULL,
					    G_TLS_DATABASE_VERIFY_NONE,
					    NULL,
					    error);
	if (flags == 0)
		return TRUE;
	g_clear_error(error);
	reason = uc_tls_describe(flags);
	g_set_error(
	    error,
	    UC_ERROR,
	    UC_ERROR_INVALID,
	    "%s: endpoints would refuse it (%s), expected a certificate for %s below the CA "
	    "in %s",
	    path,
	    reason,
	    host,
	    ca_path);
	return FALSE;
}

/**
 * uc_own_ca_install:
 * @mirror: a mirror
 * @path: of the certificate that was signed, PEM, with the CAs in between behind it
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_INVALID for one that endpoints would refuse, %UC_ERROR_LIMIT,
 *   %UC_ERROR_TEMPORARY (another command is at work) or an error of this machine
 *
 * Puts it in the place of the TLS certificate.
 */
gboolean
uc_own_ca_install(UcMirror *mirror, const gchar *path, gint64 now_secs, GError **error)
{
	g_autoptr(UcMirrorLock) lock = uc_mirror_lock(mirror, error);
	g_autofree gchar *key_path =
	    uc_key_file_get_path(mirror->root, UC_ANCHOR_TLS, UC_KEY_FILE_LEAF, "key");
	g_autoptr(UcX509) leaf = g_new0(UcX509, 1);

	if (lock == NULL)
		return FALSE;
	leaf->certificate = uc_own_ca_read(path, error);
	if (leaf->certificate == NULL)
		return FALSE;
	leaf->key = uc_own_ca_read(key_path, error);
	return leaf->key != NULL && uc_own_ca_check(mirror, leaf, path, error) &&
	       uc_key_file_save(mirror->root, UC_ANCHOR_TLS, UC_KEY_FILE_LEAF, leaf, error) &&
	       uc_audit_add(mirror->database, "key install", "tls: certificate", now_secs, error);
}
