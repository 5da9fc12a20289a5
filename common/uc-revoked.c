/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Certificates that the organisation's recovery key has revoked (docs/service-protocol.md, section
 * 2.2), as `ucupdates-trust` writes them beside the anchors. An entry is the SHA-256 of a
 * certificate's DER, or of its SubjectPublicKeyInfo: whoever has the stolen key can write the CA's
 * ECDSA signature in another way, so that the certificate has another hash, but not another key.
 * A list that cannot be read refuses everything.
 */

#include <gnutls/abstract.h>
#include <gnutls/pkcs7.h>
#include <gnutls/x509.h>
#include <string.h>

#include "uc-error.h"
#include "uc-limits.h"
#include "uc-revoked.h"
#include "uc-sha256.h"

typedef struct gnutls_pkcs7_int UcRevokedPkcs7;
typedef struct gnutls_x509_crt_int UcRevokedCrt;
typedef struct gnutls_pubkey_st UcRevokedKey;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcRevokedPkcs7, gnutls_pkcs7_deinit)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcRevokedCrt, gnutls_x509_crt_deinit)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcRevokedKey, gnutls_pubkey_deinit)

static gboolean
uc_revoked_check(gint rc, const gchar *what, GError **error)
{
	if (rc >= 0)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_SIGNATURE,
		    "cannot read %s: %s",
		    what,
		    gnutls_strerror(rc));
	return FALSE;
}

static gboolean
uc_revoked_parse(GHashTable *self, const gchar *text, const gchar *path, GError **error)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", UC_LIMIT_REVOKED + 2);

	for (guint i = 0; lines[i] != NULL; i++) {
		if (lines[i][0] == '\0' && lines[i + 1] == NULL)
			break;
		if (!uc_sha256_is_hex(lines[i]) || i == UC_LIMIT_REVOKED) {
			g_set_error(error,
				    UC_ERROR,
				    UC_ERROR_SIGNATURE,
				    "%s line %u: expected at most %d lines of 64 lower-case "
				    "hexadecimal digits; run ucupdates-trust apply",
				    path,
				    i + 1,
				    UC_LIMIT_REVOKED);
			return FALSE;
		}
		(void)g_hash_table_add(self, g_strdup(lines[i]));
	}
	return TRUE;
}

/**
 * uc_revoked_load:
 * @anchors_dir: directory with the anchors of a purpose; the list is beside it
 * @error: set to %UC_ERROR_SIGNATURE when there is a list that cannot be read
 *
 * Returns: (transfer full) (element-type utf8): a set, empty where there is no list, or %NULL
 */
GHashTable *
uc_revoked_load(const gchar *anchors_dir, GError **error)
{
	g_autoptr(GHashTable) self = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree gchar *path = g_build_filename(anchors_dir, "..", UC_REVOKED_NAME, NULL);
	g_autofree gchar *text = NULL;
	g_autoptr(GError) error_read = NULL;

	if (!g_file_get_contents(path, &text, NULL, &error_read)) {
		if (g_error_matches(error_read, G_FILE_ERROR, G_FILE_ERROR_NOENT))
			return g_steal_pointer(&self);
		g_set_error_literal(error, UC_ERROR, UC_ERROR_SIGNATURE, error_read->message);
		return NULL;
	}
	if (!uc_revoked_parse(self, text, path, error))
		return NULL;
	return g_steal_pointer(&self);
}

static gchar *
uc_revoked_hash_key(UcRevokedCrt *crt, GError **error)
{
	g_autoptr(UcRevokedKey) key = NULL;
	g_autoptr(GBytes) bytes = NULL;
	gnutls_datum_t datum = {NULL, 0};

	if (!uc_revoked_check(gnutls_pubkey_init(&key), "a public key", error) ||
	    !uc_revoked_check(gnutls_pubkey_import_x509(key, crt, 0), "a public key", error) ||
	    !uc_revoked_check(gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &datum),
			      "a public key",
			      error))
		return NULL;
	bytes = g_bytes_new(datum.data, datum.size);
	gnutls_free(datum.data);
	return uc_sha256_for_bytes(bytes);
}

/**
 * uc_revoked_has_certificate:
 * @revoked: from uc_revoked_load()
 * @der: an X.509 certificate
 * @error: set to %UC_ERROR_SIGNATURE when it is none, or is revoked
 *
 * Returns: %TRUE when it is revoked, and when that cannot be said
 */
gboolean
uc_revoked_has_certificate(GHashTable *revoked, GBytes *der, GError **error)
{
	g_autoptr(UcRevokedCrt) crt = NULL;
	g_autofree gchar *hash = uc_sha256_for_bytes(der);
	g_autofree gchar *key_hash = NULL;
	gnutls_datum_t datum = {(guchar *)g_bytes_get_data(der, NULL),
				(guint)g_bytes_get_size(der)};

	if (!uc_revoked_check(gnutls_x509_crt_init(&crt), "a certificate", error) ||
	    !uc_revoked_check(gnutls_x509_crt_import(crt, &datum, GNUTLS_X509_FMT_DER),
			      "a certificate",
			      error))
		return TRUE;
	key_hash = uc_revoked_hash_key(crt, error);
	if (key_hash == NULL)
		return TRUE;
	if (!g_hash_table_contains(revoked, hash) && !g_hash_table_contains(revoked, key_hash))
		return FALSE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_SIGNATURE,
		    "the organisation has revoked the certificate %s",
		    hash);
	return TRUE;
}

/**
 * uc_revoked_list_hashes:
 * @pem: a certificate
 * @error: set to %UC_ERROR_SIGNATURE when it is none
 *
 * Returns: (transfer full): the two entries that revoke it: the SHA-256 of its DER and that of its
 *   SubjectPublicKeyInfo, in this order; or %NULL
 */
GStrv
uc_revoked_list_hashes(GBytes *pem, GError **error)
{
	g_autoptr(GStrvBuilder) hashes = g_strv_builder_new();
	g_autoptr(UcRevokedCrt) crt = NULL;
	g_autoptr(GBytes) der = NULL;
	g_autofree gchar *hash = NULL;
	g_autofree gchar *key_hash = NULL;
	gnutls_datum_t datum = {(guchar *)g_bytes_get_data(pem, NULL),
				(guint)g_bytes_get_size(pem)};

	if (!uc_revoked_check(gnutls_x509_crt_init(&crt), "a certificate", error) ||
	    !uc_revoked_check(gnutls_x509_crt_import(crt, &datum, GNUTLS_X509_FMT_PEM),
			      "a certificate",
			      error) ||
	    !uc_revoked_check(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &datum),
			      "a certificate",
			      error))
		return NULL;
	der = g_bytes_new(datum.data, datum.size);
	gnutls_free(datum.data);
	hash = uc_sha256_for_bytes(der);
	key_hash = uc_revoked_hash_key(crt, error);
	if (key_hash == NULL)
		return NULL;
	g_strv_builder_add_many(hashes, hash, key_hash, NULL);
	return g_strv_builder_end(hashes);
}

/* all that are inside: which one signed is among them, because anchors are CAs that sign nothing */
static gboolean
uc_revoked_check_pkcs7(GHashTable *revoked, UcRevokedPkcs7 *pkcs7, GError **error)
{
	gint count = gnutls_pkcs7_get_crt_count(pkcs7);

	if (!uc_revoked_check(count, "the certificates of a signature", error))
		return FALSE;
	for (gint i = 0; i < count; i++) {
		g_autoptr(GBytes) der = NULL;
		gnutls_datum_t datum = {NULL, 0};

		if (!uc_revoked_check(gnutls_pkcs7_get_crt_raw2(pkcs7, (guint)i, &datum),
				      "a certificate of a signature",
				      error))
			return FALSE;
		der = g_bytes_new(datum.data, datum.size);
		gnutls_free(datum.data);
		if (uc_revoked_has_certificate(revoked, der, error))
			return FALSE;
	}
	return TRUE;
}

/**
 * uc_revoked_check_signature:
 * @anchors_dir: directory with the anchors of the purpose
 * @signature: a PKCS#7 signature in PEM that was verified against them
 * @error: set to %UC_ERROR_SIGNATURE
 *
 * Returns: whether no certificate in it is revoked
 */
gboolean
uc_revoked_check_signature(const gchar *anchors_dir, GBytes *signature, GError **error)
{
	g_autoptr(GHashTable) revoked = uc_revoked_load(anchors_dir, error);
	g_autoptr(UcRevokedPkcs7) pkcs7 = NULL;
	gnutls_datum_t datum = {(guchar *)g_bytes_get_data(signature, NULL),
				(guint)g_bytes_get_size(signature)};

	if (revoked == NULL)
		return FALSE;
	if (g_hash_table_size(revoked) == 0)
		return TRUE;
	return uc_revoked_check(gnutls_pkcs7_init(&pkcs7), "a signature", error) &&
	       uc_revoked_check(gnutls_pkcs7_import(pkcs7, &datum, GNUTLS_X509_FMT_PEM),
				"a signature",
				error) &&
	       uc_revoked_check_pkcs7(revoked, pkcs7, error);
}
