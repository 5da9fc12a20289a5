/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Detached signatures as libjcat makes and verifies them: PKCS#7 with the signer's certificate and
 * the signing time. libjcat itself takes keys in memory only, and a key in a PKCS#11 token is none.
 */

#include <gnutls/pkcs7.h>

#include "uc-pkcs7.h"
#include "uc-private-key.h"

typedef struct gnutls_pkcs7_int UcPkcs7;
typedef struct gnutls_x509_crt_int UcPkcs7Crt;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcPkcs7, gnutls_pkcs7_deinit)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcPkcs7Crt, gnutls_x509_crt_deinit)

static UcPkcs7Crt *
uc_pkcs7_load_certificate(GBytes *pem, GError **error)
{
	g_autoptr(UcPkcs7Crt) crt = NULL;
	gnutls_datum_t datum = {(guchar *)g_bytes_get_data(pem, NULL),
				(guint)g_bytes_get_size(pem)};

	if (!uc_private_key_check(gnutls_x509_crt_init(&crt), "load a certificate", error) ||
	    !uc_private_key_check(gnutls_x509_crt_import(crt, &datum, GNUTLS_X509_FMT_PEM),
				  "load a certificate",
				  error))
		return NULL;
	return g_steal_pointer(&crt);
}

/**
 * uc_pkcs7_sign:
 * @data: what is signed; it is not in the signature
 * @certificate: PEM certificate of the signer
 * @key: as uc_private_key_new_from_bytes() takes it
 * @error: set to %UC_ERROR_FAILED, %UC_ERROR_INVALID or %UC_ERROR_LIMIT
 *
 * Blocks for a token, if the key is in one.
 *
 * Returns: (transfer full): the signature in PEM
 */
gchar *
uc_pkcs7_sign(GBytes *data, GBytes *certificate, GBytes *key, GError **error)
{
	g_autoptr(UcPkcs7) pkcs7 = NULL;
	g_autoptr(UcPkcs7Crt) crt = uc_pkcs7_load_certificate(certificate, error);
	g_autoptr(UcPrivateKey) private_key = NULL;
	g_autoptr(GBytes) pem = NULL;
	gnutls_datum_t datum = {(guchar *)g_bytes_get_data(data, NULL),
				(guint)g_bytes_get_size(data)};

	if (crt == NULL)
		return NULL;
	private_key = uc_private_key_new_from_bytes(key, error);
	if (private_key == NULL ||
	    !uc_private_key_check(gnutls_pkcs7_init(&pkcs7), "sign", error) ||
	    !uc_private_key_check(
		gnutls_pkcs7_sign(pkcs7,
				  crt,
				  uc_private_key_get_handle(private_key),
				  &datum,
				  NULL,
				  NULL,
				  GNUTLS_DIG_SHA256,
				  GNUTLS_PKCS7_INCLUDE_TIME | GNUTLS_PKCS7_INCLUDE_CERT),
		"sign",
		error) ||
	    !uc_private_key_check(gnutls_pkcs7_export2(pkcs7, GNUTLS_X509_FMT_PEM, &datum),
				  "sign",
				  error))
		return NULL;
	pem = uc_private_key_take_datum(&datum);
	return g_strndup(g_bytes_get_data(pem, NULL), g_bytes_get_size(pem));
}
