/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Private keys, wherever they are: made here and kept as PEM, or in a PKCS#11 token, where a file
 * has the token's URI in the place of the PEM. The PIN of a token comes from the caller, or from
 * the `pin-source` of the URI (RFC 7512, section 2.4); it is given once and never logged.
 */

#include <gnutls/gnutls.h>
#include <gnutls/pkcs11.h>
#include <gnutls/x509.h>
#include <string.h>

#include "uc-error.h"
#include "uc-limits.h"
#include "uc-private-file.h"
#include "uc-private-key.h"
#include "uc-sha256.h"

#define UC_PRIVATE_KEY_PIN_SOURCE "pin-source="

typedef struct gnutls_x509_privkey_int UcPrivateKeyX509;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcPrivateKeyX509, gnutls_x509_privkey_deinit)

struct _UcPrivateKey {
	gnutls_privkey_t handle;
	gchar *pin; /* (nullable): of the token */
};

void
uc_private_key_free(UcPrivateKey *self)
{
	g_clear_pointer(&self->handle, gnutls_privkey_deinit);
	if (self->pin != NULL)
		explicit_bzero(self->pin, strlen(self->pin));
	g_free(self->pin);
	g_free(self);
}

/**
 * uc_private_key_check:
 * @rc: what a function of GnuTLS returned
 * @what: it was to do
 * @error: set to %UC_ERROR_FAILED
 *
 * The one conversion of a return code of GnuTLS where keys and certificates are made.
 */
gboolean
uc_private_key_check(gint rc, const gchar *what, GError **error)
{
	if (rc >= 0)
		return TRUE;
	g_set_error(error, UC_ERROR, UC_ERROR_FAILED, "cannot %s: %s", what, gnutls_strerror(rc));
	return FALSE;
}

/**
 * uc_private_key_take_datum:
 * @datum: (transfer full): what GnuTLS has allocated
 *
 * Returns: (transfer full): the same bytes
 */
GBytes *
uc_private_key_take_datum(gnutls_datum_t *datum)
{
	GBytes *bytes = g_bytes_new(datum->data, datum->size);

	gnutls_free(datum->data);
	return bytes;
}

/**
 * uc_private_key_new:
 * @error: set to %UC_ERROR_FAILED
 *
 * Returns: (transfer full): a new key, ECDSA with P-256
 */
UcPrivateKey *
uc_private_key_new(GError **error)
{
	g_autoptr(UcPrivateKey) self = g_new0(UcPrivateKey, 1);
	guint bits = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1);

	if (!uc_private_key_check(gnutls_privkey_init(&self->handle), "make a key", error) ||
	    !uc_private_key_check(gnutls_privkey_generate(self->handle, GNUTLS_PK_ECDSA, bits, 0),
				  "make a key",
				  error))
		return NULL;
	return g_steal_pointer(&self);
}

/* a PIN that the token does not take is not tried again, nor at the last try before it locks */
static gint
uc_private_key_pin_cb(gpointer user_data,
		      gint attempt,
		      const gchar *token_url,
		      const gchar *token_label,
		      guint flags,
		      gchar *pin,
		      size_t pin_max)
{
	UcPrivateKey *self = user_data;

	if (self->pin == NULL || attempt > 0 || strlen(self->pin) >= pin_max ||
	    (flags & (GNUTLS_PIN_WRONG | GNUTLS_PIN_FINAL_TRY)) != 0)
		return GNUTLS_E_PKCS11_PIN_ERROR;
	g_strlcpy(pin, self->pin, pin_max);
	return 0;
}

/* `file:` URI or absolute path, as RFC 7512 says; GnuTLS only has a hook for it */
static gchar *
uc_private_key_read_pin(const gchar *source, GError **error)
{
	g_autofree gchar *place = g_uri_unescape_string(source, NULL);
	const gchar *path = place != NULL ? place : "";
	gchar *pin = NULL;

	if (g_str_has_prefix(path, "file:///"))
		path += strlen("file://");
	else if (g_str_has_prefix(path, "file:/"))
		path += strlen("file:");
	if (!g_path_is_absolute(path)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "pin-source is '%s', expected file:/PATH",
			    source);
		return NULL;
	}
	if (!uc_private_file_read(path, UC_LIMIT_SECRET_BYTES, &pin, error))
		return NULL;
	if (pin == NULL)
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_NOT_FOUND,
			    "%s is not there, expected the PIN of the token",
			    path);
	return pin != NULL ? g_strchomp(pin) : NULL;
}

/* the URI without its pin-source, which becomes the PIN unless the caller has one */
static gchar *
uc_private_key_take_pin_source(UcPrivateKey *self, const gchar *uri, GError **error)
{
	g_auto(GStrv) halves = g_strsplit(uri, "?", 2);
	g_auto(GStrv) parts = g_strsplit(halves[1] != NULL ? halves[1] : "", "&", -1);
	g_autoptr(GString) rest = g_string_new(halves[0]);
	gchar separator = '?';

	for (guint i = 0; parts[i] != NULL; i++) {
		if (g_str_has_prefix(parts[i], UC_PRIVATE_KEY_PIN_SOURCE)) {
			if (self->pin == NULL)
				self->pin = uc_private_key_read_pin(
				    parts[i] + strlen(UC_PRIVATE_KEY_PIN_SOURCE),
				    error);
			if (self->pin == NULL)
				return NULL;
			continue;
		}
		g_string_append_printf(rest, "%c%s", separator, parts[i]);
		separator = '&';
	}
	return g_string_free(g_steal_pointer(&rest), FALSE);
}

/**
 * uc_private_key_new_for_token:
 * @uri: `pkcs11:` URI of a private key
 * @pin: (nullable): the PIN of the token, if it is not in the `pin-source` of @uri
 * @error: set to %UC_ERROR_INVALID; for the file with the PIN to %UC_ERROR_REFUSED or
 *   %UC_ERROR_NOT_FOUND
 *
 * Blocks for the token.
 *
 * Returns: (transfer full): the key, which stays in the token
 */
UcPrivateKey *
uc_private_key_new_for_token(const gchar *uri, const gchar *pin, GError **error)
{
	g_autoptr(UcPrivateKey) self = g_new0(UcPrivateKey, 1);
	g_autofree gchar *plain = NULL;
	gint rc = 0;

	self->pin = g_strdup(pin);
	plain = uc_private_key_take_pin_source(self, uri, error);
	if (plain == NULL)
		return NULL;
	rc = gnutls_privkey_init(&self->handle);
	if (rc >= 0) {
		gnutls_privkey_set_pin_function(self->handle, uc_private_key_pin_cb, self);
		rc = gnutls_privkey_import_url(self->handle, plain, 0);
	}
	if (rc >= 0)
		return g_steal_pointer(&self);
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "%s cannot be used, expected the URI of a private key in a token that is "
		    "plugged in, with its PIN: %s",
		    uri,
		    gnutls_strerror(rc));
	return NULL;
}

static UcPrivateKey *
uc_private_key_new_from_pem(const gchar *text, gsize size_bytes, GError **error)
{
	g_autoptr(UcPrivateKey) self = g_new0(UcPrivateKey, 1);
	g_autoptr(UcPrivateKeyX509) key = NULL;
	gnutls_datum_t datum = {(guchar *)text, (guint)size_bytes};

	if (!uc_private_key_check(gnutls_x509_privkey_init(&key), "load a key", error) ||
	    !uc_private_key_check(
		gnutls_x509_privkey_import2(key, &datum, GNUTLS_X509_FMT_PEM, NULL, 0),
		"load a key",
		error) ||
	    !uc_private_key_check(gnutls_privkey_init(&self->handle), "load a key", error) ||
	    !uc_private_key_check(
		gnutls_privkey_import_x509(self->handle, key, GNUTLS_PRIVKEY_IMPORT_COPY),
		"load a key",
		error))
		return NULL;
	return g_steal_pointer(&self);
}

/**
 * uc_private_key_new_from_bytes:
 * @text: a private key in PEM that is not encrypted, or one line with a `pkcs11:` URI
 * @error: set to %UC_ERROR_FAILED, %UC_ERROR_INVALID or %UC_ERROR_LIMIT
 *
 * Returns: (transfer full): the key
 */
UcPrivateKey *
uc_private_key_new_from_bytes(GBytes *text, GError **error)
{
	gsize size_bytes = 0;
	const gchar *data = g_bytes_get_data(text, &size_bytes);
	g_autofree gchar *uri = NULL;

	if (size_bytes > UC_LIMIT_KEY_PAIR_BYTES) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_LIMIT,
			    "expected a key of at most %d bytes",
			    UC_LIMIT_KEY_PAIR_BYTES);
		return NULL;
	}
	if (size_bytes < strlen(UC_PRIVATE_KEY_PKCS11) ||
	    memcmp(data, UC_PRIVATE_KEY_PKCS11, strlen(UC_PRIVATE_KEY_PKCS11)) != 0)
		return uc_private_key_new_from_pem(data, size_bytes, error);
	uri = g_strstrip(g_strndup(data, size_bytes));
	return uc_private_key_new_for_token(uri, NULL, error);
}

/**
 * uc_private_key_get_handle:
 *
 * Returns: (transfer none): for a function of GnuTLS
 */
gnutls_privkey_t
uc_private_key_get_handle(const UcPrivateKey *self)
{
	return self->handle;
}

/**
 * uc_private_key_get_public:
 * @error: set to %UC_ERROR_FAILED, also if a token does not have the public key beside it
 *
 * Returns: (transfer full): the public key
 */
UcPublicKey *
uc_private_key_get_public(const UcPrivateKey *self, GError **error)
{
	g_autoptr(UcPublicKey) key = NULL;

	if (!uc_private_key_check(gnutls_pubkey_init(&key), "read a public key", error) ||
	    !uc_private_key_check(gnutls_pubkey_import_privkey(key, self->handle, 0, 0),
				  "read the public key, which a token must have beside the private "
				  "one,",
				  error))
		return NULL;
	return g_steal_pointer(&key);
}

/**
 * uc_private_key_get_sha256:
 * @error: as uc_private_key_get_public()
 *
 * Returns: (transfer full): the SHA-256 of the SubjectPublicKeyInfo
 */
gchar *
uc_private_key_get_sha256(const UcPrivateKey *self, GError **error)
{
	g_autoptr(UcPublicKey) key = uc_private_key_get_public(self, error);
	g_autoptr(GBytes) der = NULL;
	gnutls_datum_t datum = {NULL, 0};

	if (key == NULL ||
	    !uc_private_key_check(gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &datum),
				  "read a public key",
				  error))
		return NULL;
	der = uc_private_key_take_datum(&datum);
	return uc_sha256_for_bytes(der);
}

/**
 * uc_private_key_to_pem:
 * @error: set to %UC_ERROR_FAILED, also for a key that is in a token
 *
 * Returns: (transfer full): PKCS#8, not encrypted
 */
GBytes *
uc_private_key_to_pem(const UcPrivateKey *self, GError **error)
{
	g_autoptr(UcPrivateKeyX509) key = NULL;
	gnutls_datum_t datum = {NULL, 0};

	if (!uc_private_key_check(gnutls_privkey_export_x509(self->handle, &key),
				  "write a key",
				  error) ||
	    !uc_private_key_check(gnutls_x509_privkey_export2_pkcs8(key,
								    GNUTLS_X509_FMT_PEM,
								    NULL,
								    GNUTLS_PKCS_PLAIN,
								    &datum),
				  "write a key",
				  error))
		return NULL;
	return uc_private_key_take_datum(&datum);
}
