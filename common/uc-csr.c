/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Certificate requests (PKCS#10, RFC 2986) of endpoints, docs/service-protocol.md section 7. The
 * subject says nothing: which endpoints the key is for is in the challengePassword (RFC 2985,
 * section 5.4.1) as a hash, so that a request that somebody has seen is worth nothing for others.
 */

#include <gnutls/x509.h>
#include <string.h>

#include "uc-csr.h"
#include "uc-error.h"
#include "uc-limits.h"
#include "uc-sha256.h"

#define UC_CSR_NAME	"ucupdates endpoint"
#define UC_CSR_RSA_BITS 2048
#define UC_CSR_EC_BITS	256
#define UC_CSR_BITS_MAX 8192

typedef struct gnutls_x509_crq_int UcCsrCrq;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcCsrCrq, gnutls_x509_crq_deinit)

void
uc_csr_free(UcCsr *self)
{
	g_clear_pointer(&self->public_key, g_bytes_unref);
	g_free(self->key_sha256);
	g_free(self->challenge);
	g_free(self);
}

static gint
uc_csr_compare(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const gchar *const *)a, *(const gchar *const *)b);
}

/**
 * uc_csr_claim:
 * @organisation: whose service it is
 * @identities: of the endpoints that the key is for, in any order
 *
 * Returns: (transfer full): what the challengePassword has to be, 64 hexadecimal digits
 */
gchar *
uc_csr_claim(const gchar *organisation, const gchar *const *identities)
{
	g_autoptr(GPtrArray) sorted = g_ptr_array_new();
	g_autoptr(GString) text = g_string_new(organisation);

	for (guint i = 0; identities[i] != NULL; i++)
		g_ptr_array_add(sorted, (gpointer)identities[i]);
	g_ptr_array_sort(sorted, uc_csr_compare);
	g_string_append_c(text, '\n');
	for (guint i = 0; i < sorted->len; i++)
		g_string_append_printf(text, "%s\n", (const gchar *)g_ptr_array_index(sorted, i));
	return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text->str, (gssize)text->len);
}

static gboolean
uc_csr_set_subject(UcCsrCrq *crq, const gchar *challenge, const gchar *host, GError **error)
{
	const gchar *name = host != NULL ? host : UC_CSR_NAME;
	const gchar *what = "make a certificate request";

	if (!uc_private_key_check(gnutls_x509_crq_set_dn_by_oid(crq,
								GNUTLS_OID_X520_COMMON_NAME,
								0,
								name,
								(guint)strlen(name)),
				  what,
				  error))
		return FALSE;
	if (host != NULL &&
	    !uc_private_key_check(gnutls_x509_crq_set_subject_alt_name(crq,
								       GNUTLS_SAN_DNSNAME,
								       host,
								       (guint)strlen(host),
								       GNUTLS_FSAN_SET),
				  what,
				  error))
		return FALSE;
	return challenge == NULL ||
	       uc_private_key_check(gnutls_x509_crq_set_challenge_password(crq, challenge),
				    what,
				    error);
}

static gboolean
uc_csr_fill(UcCsrCrq *crq,
	    const UcPrivateKey *key,
	    const gchar *challenge,
	    const gchar *host,
	    GError **error)
{
	g_autoptr(UcPublicKey) public_key = uc_private_key_get_public(key, error);
	const gchar *what = "make a certificate request";

	return public_key != NULL &&
	       uc_private_key_check(gnutls_x509_crq_set_version(crq, 1), what, error) &&
	       uc_csr_set_subject(crq, challenge, host, error) &&
	       uc_private_key_check(gnutls_x509_crq_set_pubkey(crq, public_key), what, error) &&
	       uc_private_key_check(gnutls_x509_crq_privkey_sign(crq,
								 uc_private_key_get_handle(key),
								 GNUTLS_DIG_SHA256,
								 0),
				    what,
				    error);
}

static gchar *
uc_csr_make(const UcPrivateKey *key, const gchar *challenge, const gchar *host, GError **error)
{
	g_autoptr(UcCsrCrq) crq = NULL;
	g_autoptr(GBytes) pem = NULL;
	gnutls_datum_t datum = {NULL, 0};
	const gchar *what = "make a certificate request";

	if (!uc_private_key_check(gnutls_x509_crq_init(&crq), what, error) ||
	    !uc_csr_fill(crq, key, challenge, host, error) ||
	    !uc_private_key_check(gnutls_x509_crq_export2(crq, GNUTLS_X509_FMT_PEM, &datum),
				  what,
				  error))
		return NULL;
	pem = uc_private_key_take_datum(&datum);
	return g_strndup(g_bytes_get_data(pem, NULL), g_bytes_get_size(pem));
}

/**
 * uc_csr_new:
 * @key: of the endpoint
 * @challenge: from uc_csr_claim()
 * @error: set to %UC_ERROR_FAILED
 *
 * Blocks for a token, if the key is in one.
 *
 * Returns: (transfer full): a request in PEM
 */
gchar *
uc_csr_new(const UcPrivateKey *key, const gchar *challenge, GError **error)
{
	return uc_csr_make(key, challenge, NULL, error);
}

/**
 * uc_csr_new_server:
 * @key: of a service
 * @host: its dNSName
 * @error: set to %UC_ERROR_FAILED
 *
 * Returns: (transfer full): a request in PEM, for a CA of the organisation's
 */
gchar *
uc_csr_new_server(const UcPrivateKey *key, const gchar *host, GError **error)
{
	return uc_csr_make(key, NULL, host, error);
}

static gboolean
uc_csr_check(gint rc, GError **error)
{
	if (rc >= 0)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "no certificate request in PEM (PKCS#10) that its own key has signed: %s",
		    gnutls_strerror(rc));
	return FALSE;
}

/* the kinds that TLS 1.2 and 1.3 can do and that are not too weak or too dear */
static gboolean
uc_csr_check_key(UcPublicKey *key, GError **error)
{
	guint bits = 0;
	gint algorithm = gnutls_pubkey_get_pk_algorithm(key, &bits);

	if ((algorithm == GNUTLS_PK_RSA && bits >= UC_CSR_RSA_BITS && bits <= UC_CSR_BITS_MAX) ||
	    (algorithm == GNUTLS_PK_ECDSA && bits >= UC_CSR_EC_BITS) ||
	    algorithm == GNUTLS_PK_EDDSA_ED25519)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "the certificate request is for a key %s with %u bits, expected ECDSA with at "
		    "least %d, Ed25519, or RSA with %d to %d",
		    gnutls_pk_get_name(algorithm),
		    bits,
		    UC_CSR_EC_BITS,
		    UC_CSR_RSA_BITS,
		    UC_CSR_BITS_MAX);
	return FALSE;
}

static gboolean
uc_csr_read_challenge(UcCsr *self, UcCsrCrq *crq, GError **error)
{
	gchar text[UC_SHA256_HEX_CHARS + 2] = "";
	gsize size_bytes = sizeof(text);
	gint rc = gnutls_x509_crq_get_challenge_password(crq, text, &size_bytes);

	if (rc != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE && !uc_csr_check(rc, error))
		return FALSE;
	self->challenge = g_strdup(rc >= 0 ? text : "");
	return TRUE;
}

static gboolean
uc_csr_read_key(UcCsr *self, UcCsrCrq *crq, GError **error)
{
	g_autoptr(UcPublicKey) key = NULL;
	gnutls_datum_t datum = {NULL, 0};

	if (!uc_csr_check(gnutls_pubkey_init(&key), error) ||
	    !uc_csr_check(gnutls_pubkey_import_x509_crq(key, crq, 0), error) ||
	    !uc_csr_check_key(key, error) || !uc_csr_check(gnutls_x509_crq_verify(crq, 0), error) ||
	    !uc_csr_check(gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &datum), error))
		return FALSE;
	self->public_key = uc_private_key_take_datum(&datum);
	self->key_sha256 = uc_sha256_for_bytes(self->public_key);
	return TRUE;
}

/**
 * uc_csr_parse:
 * @pem: what somebody sent
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT
 *
 * Returns: (transfer full): the request; whoever made it has the private key
 */
UcCsr *
uc_csr_parse(const gchar *pem, GError **error)
{
	g_autoptr(UcCsr) self = g_new0(UcCsr, 1);
	g_autoptr(UcCsrCrq) crq = NULL;
	gnutls_datum_t datum = {(guchar *)pem, (guint)strnlen(pem, UC_LIMIT_CERTIFICATE_BYTES + 1)};

	if (datum.size > UC_LIMIT_CERTIFICATE_BYTES) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_LIMIT,
			    "expected a certificate request of at most %d bytes",
			    UC_LIMIT_CERTIFICATE_BYTES);
		return NULL;
	}
	if (!uc_csr_check(gnutls_x509_crq_init(&crq), error) ||
	    !uc_csr_check(gnutls_x509_crq_import(crq, &datum, GNUTLS_X509_FMT_PEM), error) ||
	    !uc_csr_read_key(self, crq, error) || !uc_csr_read_challenge(self, crq, error))
		return NULL;
	return g_steal_pointer(&self);
}
