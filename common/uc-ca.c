/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <string.h>

#include "uc-ca.h"
#include "uc-error.h"
#include "uc-limits.h"
#include "uc-sha256.h"

typedef struct gnutls_x509_crt_int UcCaCrt;
typedef struct gnutls_pubkey_st UcCaKey;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcCaCrt, gnutls_x509_crt_deinit)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcCaKey, gnutls_pubkey_deinit)

void
uc_ca_free(UcCa *self)
{
	g_clear_pointer(&self->der, g_bytes_unref);
	g_free(self->sha256);
	g_free(self->key_sha256);
	g_free(self);
}

static gboolean
uc_ca_check(gint rc, GError **error)
{
	if (rc >= 0)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "no certificate in PEM as expected: %s",
		    gnutls_strerror(rc));
	return FALSE;
}

static GBytes *
uc_ca_take(gnutls_datum_t *datum)
{
	GBytes *bytes = g_bytes_new(datum->data, datum->size);

	gnutls_free(datum->data);
	return bytes;
}

static gboolean
uc_ca_read(UcCa *self, UcCaCrt *crt, GError **error)
{
	g_autoptr(UcCaKey) key = NULL;
	g_autoptr(GBytes) key_bytes = NULL;
	gnutls_datum_t datum = {NULL, 0};

	if (!uc_ca_check(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &datum), error))
		return FALSE;
	self->der = uc_ca_take(&datum);
	self->sha256 = uc_sha256_for_bytes(self->der);
	if (!uc_ca_check(gnutls_pubkey_init(&key), error) ||
	    !uc_ca_check(gnutls_pubkey_import_x509(key, crt, 0), error) ||
	    !uc_ca_check(gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &datum), error))
		return FALSE;
	key_bytes = uc_ca_take(&datum);
	self->key_sha256 = uc_sha256_for_bytes(key_bytes);
	return TRUE;
}

static gboolean
uc_ca_check_text(const gchar *text, gsize size_bytes, GError **error)
{
	static const gchar begin[] = "-----BEGIN ";
	const gchar *first = size_bytes > 0 ? g_strstr_len(text, (gssize)size_bytes, begin) : NULL;
	const gchar *second = NULL;

	if (size_bytes > 0 && g_strstr_len(text, (gssize)size_bytes, "PRIVATE KEY") != NULL) {
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_REFUSED,
				    "it holds a private key, which must never be on an endpoint; "
				    "make new keys, that one is no secret any more");
		return FALSE;
	}
	if (first != NULL)
		second = g_strstr_len(first + 1,
				      (gssize)(size_bytes - (gsize)(first + 1 - text)),
				      begin);
	if (first != NULL && second == NULL)
		return TRUE;
	g_set_error_literal(error, UC_ERROR, UC_ERROR_INVALID, "expected one certificate in PEM");
	return FALSE;
}

/**
 * uc_ca_parse:
 * @pem: one certificate, and no key
 * @error: set to %UC_ERROR_LIMIT, %UC_ERROR_INVALID, or %UC_ERROR_REFUSED for a private key and for
 *   what is no CA
 *
 * Returns: (transfer full): the CA, or %NULL
 */
UcCa *
uc_ca_parse(GBytes *pem, GError **error)
{
	g_autoptr(UcCa) self = g_new0(UcCa, 1);
	g_autoptr(UcCaCrt) crt = NULL;
	gsize size_bytes = 0;
	const gchar *text = g_bytes_get_data(pem, &size_bytes);
	gnutls_datum_t datum = {(guchar *)text, (guint)size_bytes};

	if (size_bytes > UC_LIMIT_CERTIFICATE_BYTES) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_LIMIT,
			    "expected a certificate of at most %d bytes",
			    UC_LIMIT_CERTIFICATE_BYTES);
		return NULL;
	}
	if (!uc_ca_check_text(text, size_bytes, error) ||
	    !uc_ca_check(gnutls_x509_crt_init(&crt), error) ||
	    !uc_ca_check(gnutls_x509_crt_import(crt, &datum, GNUTLS_X509_FMT_PEM), error))
		return NULL;
	if (gnutls_x509_crt_get_ca_status(crt, NULL) <= 0) {
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_REFUSED,
				    "the certificate is no CA's (basic constraints)");
		return NULL;
	}
	return uc_ca_read(self, crt, error) ? g_steal_pointer(&self) : NULL;
}
