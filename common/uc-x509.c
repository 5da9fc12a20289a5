/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

#include "uc-error.h"
#include "uc-file.h"
#include "uc-private-key.h"
#include "uc-sha256.h"
#include "uc-x509.h"

#define UC_X509_SERIAL_BYTES 16

typedef struct gnutls_x509_crt_int UcX509Crt;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcX509Crt, gnutls_x509_crt_deinit)

void
uc_x509_free(UcX509 *self)
{
	g_clear_pointer(&self->certificate, g_bytes_unref);
	g_clear_pointer(&self->key, g_bytes_unref);
	g_free(self);
}

static UcX509Crt *
uc_x509_import(UcX509 *self, GError **error)
{
	g_autoptr(UcX509Crt) crt = NULL;
	gnutls_datum_t datum = {(guchar *)g_bytes_get_data(self->certificate, NULL),
				(guint)g_bytes_get_size(self->certificate)};

	if (!uc_private_key_check(gnutls_x509_crt_init(&crt), "load a certificate", error) ||
	    !uc_private_key_check(gnutls_x509_crt_import(crt, &datum, GNUTLS_X509_FMT_PEM),
				  "load a certificate",
				  error))
		return NULL;
	return g_steal_pointer(&crt);
}

static GBytes *
uc_x509_crt_export(UcX509Crt *crt, GError **error)
{
	gnutls_datum_t datum = {NULL, 0};

	if (!uc_private_key_check(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &datum),
				  "write a certificate",
				  error))
		return NULL;
	return uc_private_key_take_datum(&datum);
}

static UcX509 *
uc_x509_export(UcX509Crt *crt, const UcPrivateKey *key, GError **error)
{
	g_autoptr(UcX509) self = g_new0(UcX509, 1);

	self->certificate = uc_x509_crt_export(crt, error);
	if (self->certificate == NULL)
		return NULL;
	self->key = uc_private_key_to_pem(key, error);
	return self->key != NULL ? g_steal_pointer(&self) : NULL;
}

static UcX509Crt *
uc_x509_crt_new(UcPublicKey *key,
		const gchar *name,
		gint64 from_secs,
		gint64 until_secs,
		GError **error)
{
	g_autoptr(UcX509Crt) crt = NULL;
	guint8 serial[UC_X509_SERIAL_BYTES] = {0};
	const gchar *what = "make a certificate";

	if (!uc_private_key_check(gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial)),
				  what,
				  error))
		return NULL;
	serial[0] = (serial[0] & 0x7f) | 0x40; /* positive, and never shortened */
	if (!uc_private_key_check(gnutls_x509_crt_init(&crt), what, error) ||
	    !uc_private_key_check(gnutls_x509_crt_set_version(crt, 3), what, error) ||
	    !uc_private_key_check(gnutls_x509_crt_set_serial(crt, serial, sizeof(serial)),
				  what,
				  error) ||
	    !uc_private_key_check(gnutls_x509_crt_set_dn_by_oid(crt,
								GNUTLS_OID_X520_COMMON_NAME,
								0,
								name,
								(guint)strlen(name)),
				  what,
				  error) ||
	    !uc_private_key_check(gnutls_x509_crt_set_activation_time(crt, from_secs),
				  what,
				  error) ||
	    !uc_private_key_check(gnutls_x509_crt_set_expiration_time(crt, until_secs),
				  what,
				  error) ||
	    !uc_private_key_check(gnutls_x509_crt_set_pubkey(crt, key), what, error))
		return NULL;
	return g_steal_pointer(&crt);
}

static gboolean
uc_x509_crt_set_key_id(UcX509Crt *crt, GError **error)
{
	guint8 id[64];
	gsize id_bytes = sizeof(id);

	return uc_private_key_check(gnutls_x509_crt_get_key_id(crt, 0, id, &id_bytes),
				    "make a key id",
				    error) &&
	       uc_private_key_check(gnutls_x509_crt_set_subject_key_id(crt, id, id_bytes),
				    "make a key id",
				    error);
}

static gboolean
uc_x509_crt_sign(UcX509Crt *crt, UcX509Crt *issuer, const UcPrivateKey *issuer_key, GError **error)
{
	return uc_x509_crt_set_key_id(crt, error) &&
	       uc_private_key_check(
		   gnutls_x509_crt_privkey_sign(crt,
						issuer,
						uc_private_key_get_handle(issuer_key),
						GNUTLS_DIG_SHA256,
						0),
		   "sign a certificate",
		   error);
}

static UcX509Crt *
uc_x509_new_ca_crt(const UcPrivateKey *key,
		   const gchar *name,
		   gint64 from_secs,
		   gint64 until_secs,
		   GError **error)
{
	g_autoptr(UcPublicKey) public_key = uc_private_key_get_public(key, error);
	g_autoptr(UcX509Crt) crt = NULL;

	if (public_key == NULL)
		return NULL;
	crt = uc_x509_crt_new(public_key, name, from_secs, until_secs, error);
	if (crt == NULL ||
	    !uc_private_key_check(gnutls_x509_crt_set_basic_constraints(crt, 1, 0),
				  "make a CA",
				  error) ||
	    !uc_private_key_check(
		gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN),
		"make a CA",
		error) ||
	    !uc_x509_crt_sign(crt, crt, key, error))
		return NULL;
	return g_steal_pointer(&crt);
}

/**
 * uc_x509_new_ca:
 * @name: its common name
 * @from_secs: valid from, seconds since the Unix epoch
 * @until_secs: valid until, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED
 *
 * Makes a CA that signs itself and may issue leaf certificates only.
 *
 * Returns: (transfer full): the CA
 */
UcX509 *
uc_x509_new_ca(const gchar *name, gint64 from_secs, gint64 until_secs, GError **error)
{
	g_autoptr(UcPrivateKey) key = uc_private_key_new(error);
	g_autoptr(UcX509Crt) crt = NULL;

	if (key == NULL)
		return NULL;
	crt = uc_x509_new_ca_crt(key, name, from_secs, until_secs, error);
	return crt != NULL ? uc_x509_export(crt, key, error) : NULL;
}

/**
 * uc_x509_new_ca_for:
 * @key: as uc_private_key_new_from_bytes() takes it, such as the URI of one in a token
 * @name: its common name
 * @from_secs: valid from, seconds since the Unix epoch
 * @until_secs: valid until, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED or an error of uc_private_key_new_from_bytes()
 *
 * Returns: (transfer full): a CA as of uc_x509_new_ca() with that key, which stays where it is
 */
UcX509 *
uc_x509_new_ca_for(GBytes *key,
		   const gchar *name,
		   gint64 from_secs,
		   gint64 until_secs,
		   GError **error)
{
	g_autoptr(UcPrivateKey) private_key = uc_private_key_new_from_bytes(key, error);
	g_autoptr(UcX509Crt) crt = NULL;
	g_autoptr(UcX509) self = g_new0(UcX509, 1);

	if (private_key == NULL)
		return NULL;
	crt = uc_x509_new_ca_crt(private_key, name, from_secs, until_secs, error);
	if (crt == NULL)
		return NULL;
	self->certificate = uc_x509_crt_export(crt, error);
	self->key = g_bytes_ref(key);
	return self->certificate != NULL ? g_steal_pointer(&self) : NULL;
}

static gboolean
uc_x509_crt_set_purpose(UcX509Crt *crt, UcX509Purpose purpose, GError **error)
{
	const gchar *oid = purpose == UC_X509_TLS_SERVER ? GNUTLS_KP_TLS_WWW_SERVER
							 : GNUTLS_KP_TLS_WWW_CLIENT;

	if (!uc_private_key_check(gnutls_x509_crt_set_basic_constraints(crt, 0, -1),
				  "make a certificate",
				  error) ||
	    !uc_private_key_check(gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE),
				  "make a certificate",
				  error))
		return FALSE;
	return purpose == UC_X509_SIGNING ||
	       uc_private_key_check(gnutls_x509_crt_set_key_purpose_oid(crt, oid, 0),
				    "make a certificate",
				    error);
}

static gboolean
uc_x509_crt_add_names(UcX509Crt *crt, const gchar *const *dns_names, GError **error)
{
	for (guint i = 0; dns_names != NULL && dns_names[i] != NULL; i++) {
		if (!uc_private_key_check(
			gnutls_x509_crt_set_subject_alt_name(crt,
							     GNUTLS_SAN_DNSNAME,
							     dns_names[i],
							     (guint)strlen(dns_names[i]),
							     GNUTLS_FSAN_APPEND),
			"add a name",
			error))
			return FALSE;
	}
	return TRUE;
}

static UcX509Crt *
uc_x509_issue_crt(UcX509 *ca,
		  UcX509Purpose purpose,
		  UcPublicKey *key,
		  const gchar *name,
		  const gchar *const *dns_names,
		  gint64 from_secs,
		  gint64 until_secs,
		  GError **error)
{
	g_autoptr(UcX509Crt) ca_crt = uc_x509_import(ca, error);
	g_autoptr(UcPrivateKey) ca_key = NULL;
	g_autoptr(UcX509Crt) crt = NULL;

	if (ca_crt == NULL)
		return NULL;
	ca_key = uc_private_key_new_from_bytes(ca->key, error);
	if (ca_key == NULL)
		return NULL;
	crt = uc_x509_crt_new(key, name, from_secs, until_secs, error);
	if (crt == NULL || !uc_x509_crt_set_purpose(crt, purpose, error) ||
	    !uc_x509_crt_add_names(crt, dns_names, error) ||
	    !uc_x509_crt_sign(crt, ca_crt, ca_key, error))
		return NULL;
	return g_steal_pointer(&crt);
}

/**
 * uc_x509_issue:
 * @ca: a CA with its key
 * @purpose: the one thing that the new key is for
 * @name: its common name, for people
 * @dns_names: (nullable): the dNSNames
 * @from_secs: valid from, seconds since the Unix epoch
 * @until_secs: valid until, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED
 *
 * Makes a key and a certificate for it.
 *
 * Returns: (transfer full): the leaf certificate with its key
 */
UcX509 *
uc_x509_issue(UcX509 *ca,
	      UcX509Purpose purpose,
	      const gchar *name,
	      const gchar *const *dns_names,
	      gint64 from_secs,
	      gint64 until_secs,
	      GError **error)
{
	g_autoptr(UcPrivateKey) key = uc_private_key_new(error);
	g_autoptr(UcPublicKey) public_key = NULL;
	g_autoptr(UcX509Crt) crt = NULL;

	if (key == NULL)
		return NULL;
	public_key = uc_private_key_get_public(key, error);
	if (public_key == NULL)
		return NULL;
	crt = uc_x509_issue_crt(ca,
				purpose,
				public_key,
				name,
				dns_names,
				from_secs,
				until_secs,
				error);
	return crt != NULL ? uc_x509_export(crt, key, error) : NULL;
}

/**
 * uc_x509_issue_for:
 * @ca: a CA with its key
 * @purpose: the one thing that the key is for; it gets no dNSName
 * @public_key: SubjectPublicKeyInfo in DER
 * @name: its common name
 * @from_secs: valid from, seconds since the Unix epoch
 * @until_secs: valid until, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED
 *
 * Returns: (transfer full): a certificate in PEM for whoever has the private key
 */
GBytes *
uc_x509_issue_for(UcX509 *ca,
		  UcX509Purpose purpose,
		  GBytes *public_key,
		  const gchar *name,
		  gint64 from_secs,
		  gint64 until_secs,
		  GError **error)
{
	g_autoptr(UcPublicKey) key = NULL;
	g_autoptr(UcX509Crt) crt = NULL;
	gnutls_datum_t datum = {(guchar *)g_bytes_get_data(public_key, NULL),
				(guint)g_bytes_get_size(public_key)};

	if (!uc_private_key_check(gnutls_pubkey_init(&key), "load a public key", error) ||
	    !uc_private_key_check(gnutls_pubkey_import(key, &datum, GNUTLS_X509_FMT_DER),
				  "load a public key",
				  error))
		return NULL;
	crt = uc_x509_issue_crt(ca, purpose, key, name, NULL, from_secs, until_secs, error);
	return crt != NULL ? uc_x509_crt_export(crt, error) : NULL;
}

static GBytes *
uc_x509_load_file(const gchar *path, GError **error)
{
	gchar *text = NULL;
	gsize size_bytes = 0;

	if (!g_file_get_contents(path, &text, &size_bytes, error))
		return NULL;
	return g_bytes_new_take(text, size_bytes);
}

/**
 * uc_x509_load:
 * @certificate_path: PEM file
 * @key_path: PEM file
 * @error: set to `G_FILE_ERROR`
 *
 * Returns: (transfer full): the certificate with its key
 */
UcX509 *
uc_x509_load(const gchar *certificate_path, const gchar *key_path, GError **error)
{
	g_autoptr(UcX509) self = g_new0(UcX509, 1);

	self->certificate = uc_x509_load_file(certificate_path, error);
	if (self->certificate == NULL)
		return NULL;
	self->key = uc_x509_load_file(key_path, error);
	if (self->key == NULL)
		return NULL;
	return g_steal_pointer(&self);
}

/**
 * uc_x509_save:
 *
 * Writes both files durably, the key first and for its owner only.
 */
gboolean
uc_x509_save(UcX509 *self, const gchar *certificate_path, const gchar *key_path, GError **error)
{
	return uc_file_replace(key_path, self->key, 0600, error) &&
	       uc_file_replace(certificate_path, self->certificate, 0644, error);
}

/**
 * uc_x509_get_key_sha256:
 * @pem: a certificate
 * @error: set to %UC_ERROR_FAILED
 *
 * Returns: (transfer full): the SHA-256 of its SubjectPublicKeyInfo
 */
gchar *
uc_x509_get_key_sha256(const gchar *pem, GError **error)
{
	g_autoptr(UcX509Crt) crt = NULL;
	g_autoptr(UcPublicKey) key = NULL;
	g_autoptr(GBytes) der = NULL;
	gnutls_datum_t datum = {(guchar *)pem, (guint)strlen(pem)};

	if (!uc_private_key_check(gnutls_x509_crt_init(&crt), "load a certificate", error) ||
	    !uc_private_key_check(gnutls_x509_crt_import(crt, &datum, GNUTLS_X509_FMT_PEM),
				  "load a certificate",
				  error) ||
	    !uc_private_key_check(gnutls_pubkey_init(&key), "load a certificate", error) ||
	    !uc_private_key_check(gnutls_pubkey_import_x509(key, crt, 0),
				  "load a certificate",
				  error) ||
	    !uc_private_key_check(gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &datum),
				  "load a certificate",
				  error))
		return NULL;
	der = uc_private_key_take_datum(&datum);
	return uc_sha256_for_bytes(der);
}
