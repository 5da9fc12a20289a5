/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whether endpoints would take a certificate for one of their anchor, and what its key signs. */

#include <gnutls/x509.h>

#include "uc-error.h"
#include "uc-key-check.h"
#include "uc-private-key.h"
#include "uc-x509.h"

typedef struct gnutls_x509_crt_int UcKeyCheckCrt;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcKeyCheckCrt, gnutls_x509_crt_deinit)

static UcKeyCheckCrt *
uc_key_check_import(GBytes *pem, GError **error)
{
	g_autoptr(UcKeyCheckCrt) crt = NULL;
	gsize size_bytes = 0;
	gconstpointer data = g_bytes_get_data(pem, &size_bytes);
	gnutls_datum_t datum = {(guchar *)data, (guint)size_bytes};
	gint rc = gnutls_x509_crt_init(&crt);

	if (rc >= 0)
		rc = gnutls_x509_crt_import(crt, &datum, GNUTLS_X509_FMT_PEM);
	if (rc >= 0)
		return g_steal_pointer(&crt);
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "cannot read a certificate: %s",
		    gnutls_strerror(rc));
	return NULL;
}

/**
 * uc_key_check_issued:
 * @certificate: in PEM
 * @cas: (element-type GBytes): certificates of CAs in PEM
 * @issued_out: (out): whether one of them issued it, whatever the time
 * @error: set to %UC_ERROR_INVALID for what is no certificate
 */
gboolean
uc_key_check_issued(GBytes *certificate, GPtrArray *cas, gboolean *issued_out, GError **error)
{
	g_autoptr(UcKeyCheckCrt) crt = uc_key_check_import(certificate, error);

	if (crt == NULL)
		return FALSE;
	*issued_out = FALSE;
	for (guint i = 0; i < cas->len && !*issued_out; i++) {
		g_autoptr(UcKeyCheckCrt) ca = uc_key_check_import(g_ptr_array_index(cas, i), error);
		guint status = 0;

		if (ca == NULL)
			return FALSE;
		*issued_out = gnutls_x509_crt_verify(crt,
						     &ca,
						     1,
						     GNUTLS_VERIFY_DISABLE_TIME_CHECKS |
							 GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS,
						     &status) >= 0 &&
			      status == 0;
	}
	return TRUE;
}

/**
 * uc_key_check_get_expiry:
 * @certificate: in PEM
 * @expires_secs_out: (out): until then it is valid, seconds since the Unix epoch
 * @error: set to %UC_ERROR_INVALID for what is no certificate
 */
gboolean
uc_key_check_get_expiry(GBytes *certificate, gint64 *expires_secs_out, GError **error)
{
	g_autoptr(UcKeyCheckCrt) crt = uc_key_check_import(certificate, error);

	if (crt == NULL)
		return FALSE;
	*expires_secs_out = (gint64)gnutls_x509_crt_get_expiration_time(crt);
	return TRUE;
}

/**
 * uc_key_check_pair:
 * @certificate: in PEM
 * @key: a private key in PEM, or a `pkcs11:` URI
 * @path: where the key is, for a sentence
 * @error: set to %UC_ERROR_INVALID if they are not of each other, or %UC_ERROR_FAILED
 */
gboolean
uc_key_check_pair(GBytes *certificate, GBytes *key, const gchar *path, GError **error)
{
	g_autoptr(UcPrivateKey) private_key = uc_private_key_new_from_bytes(key, error);
	gsize size_bytes = 0;
	const gchar *data = g_bytes_get_data(certificate, &size_bytes);
	g_autofree gchar *text = g_strndup(data, size_bytes);
	g_autofree gchar *expected = NULL;
	g_autofree gchar *found = NULL;

	if (private_key == NULL) {
		g_prefix_error(error, "%s: ", path);
		return FALSE;
	}
	expected = uc_x509_get_key_sha256(text, error);
	found = expected != NULL ? uc_private_key_get_sha256(private_key, error) : NULL;
	if (found == NULL || g_str_equal(found, expected))
		return found != NULL;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "%s is for another key than the certificate",
		    path);
	return FALSE;
}
