/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Signing keys in a PKCS#11 token: `keys/<purpose>/leaf.key` has the URI of the key in the place of
 * the key. That of TLS stays a file, because the service has no token in its sandbox.
 */

#include <string.h>

#include "uc-error.h"
#include "uc-key-file.h"
#include "uc-key-token.h"
#include "uc-private-key.h"
#include "uc-sha256.h"

static gboolean
uc_key_token_check_key(const gchar *uri, GError **error)
{
	if (uri == NULL || (g_str_has_prefix(uri, UC_PRIVATE_KEY_PKCS11) &&
			    strchr(uri, '\n') == NULL && strstr(uri, "pin-value") == NULL))
		return TRUE;
	g_set_error_literal(
	    error,
	    UC_ERROR,
	    UC_ERROR_INVALID,
	    "expected the pkcs11: URI of a private key, with its PIN in a file that "
	    "pin-source names and not in pin-value");
	return FALSE;
}

/**
 * uc_key_token_check_keys:
 * @keys: what an administrator has given
 * @tls: whether they are for TLS
 * @error: set to %UC_ERROR_INVALID
 *
 * Returns: whether they are URIs without a PIN, and of keys that can be in a token
 */
gboolean
uc_key_token_check_keys(const UcKeyUris *keys, gboolean tls, GError **error)
{
	if (tls && keys->leaf != NULL) {
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_INVALID,
				    "the key for TLS cannot be in a token, expected documents, "
				    "payload or metadata");
		return FALSE;
	}
	return uc_key_token_check_key(keys->ca, error) && uc_key_token_check_key(keys->leaf, error);
}

static GBytes *
uc_key_token_get_public(const gchar *uri, GError **error)
{
	g_autoptr(GBytes) text = g_bytes_new(uri, strlen(uri));
	g_autoptr(UcPrivateKey) key = uc_private_key_new_from_bytes(text, error);
	g_autoptr(UcPublicKey) public_key = key != NULL ? uc_private_key_get_public(key, error)
							: NULL;
	gnutls_datum_t datum = {NULL, 0};

	if (public_key == NULL ||
	    !uc_private_key_check(gnutls_pubkey_export2(public_key, GNUTLS_X509_FMT_DER, &datum),
				  "read a public key",
				  error))
		return NULL;
	return uc_private_key_take_datum(&datum);
}

/**
 * uc_key_token_check_fresh:
 * @uri: (nullable): of a private key; %NULL for one that is to be made
 * @taken: (element-type utf8): SHA-256 of public keys
 * @error: set to %UC_ERROR_REFUSED for one of these, or an error of the token
 *
 * Returns: whether it may be the key of something new
 */
gboolean
uc_key_token_check_fresh(const gchar *uri, GPtrArray *taken, GError **error)
{
	g_autoptr(GBytes) public_key = NULL;
	g_autofree gchar *sha256 = NULL;

	if (uri == NULL)
		return TRUE;
	public_key = uc_key_token_get_public(uri, error);
	if (public_key == NULL)
		return FALSE;
	sha256 = uc_sha256_for_bytes(public_key);
	if (!g_ptr_array_find_with_equal_func(taken, sha256, g_str_equal, NULL))
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_REFUSED,
		    "%.*s is in use, or was revoked; make another key in the token, with another "
		    "label",
		    (gint)(strchrnul(uri, '?') - uri),
		    uri);
	return FALSE;
}

/**
 * uc_key_token_issue:
 * @ca: the CA of that purpose
 * @purpose: what for, but not `tls`
 * @organisation: its domain name
 * @uri: `pkcs11:` URI of a private key, whose public key is in the token too; with a `pin-source`
 *   if there is a PIN
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to an error of uc_private_key_new_from_bytes() or %UC_ERROR_FAILED
 *
 * Returns: (transfer full): a certificate for it, with the URI in the place of the key; nothing is
 *   written
 */
UcX509 *
uc_key_token_issue(UcX509 *ca,
		   const gchar *purpose,
		   const gchar *organisation,
		   const gchar *uri,
		   gint64 now_secs,
		   GError **error)
{
	g_autoptr(UcX509) leaf = g_new0(UcX509, 1);
	g_autoptr(GBytes) public_key = uc_key_token_get_public(uri, error);

	leaf->key = g_bytes_new(uri, strlen(uri));
	if (public_key == NULL)
		return NULL;
	leaf->certificate =
	    uc_key_file_issue_for(ca, purpose, organisation, public_key, now_secs, error);
	return leaf->certificate != NULL ? g_steal_pointer(&leaf) : NULL;
}

/**
 * uc_key_token_check_uri:
 * @uri: of a token
 * @error: set to %UC_ERROR_INVALID
 *
 * Returns: whether it names a token, and no key in it, without a PIN
 */
gboolean
uc_key_token_check_uri(const gchar *uri, GError **error)
{
	if (g_str_has_prefix(uri, UC_PRIVATE_KEY_PKCS11) && strchr(uri, '\n') == NULL &&
	    strstr(uri, "pin-value") == NULL && strstr(uri, "object=") == NULL &&
	    strstr(uri, "type=") == NULL)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "'%s' is no URI of a token, expected pkcs11:token=NAME?pin-source=file:/PATH, "
		    "without object, type and pin-value",
		    uri);
	return FALSE;
}

/* the key of that label: before the query, which has the place of the PIN */
static gchar *
uc_key_token_get_uri(const gchar *token, const gchar *purpose, const gchar *suffix)
{
	const gchar *query = strchrnul(token, '?');

	return g_strdup_printf("%.*s;object=%s%s;type=private%s",
			       (gint)(query - token),
			       token,
			       purpose,
			       suffix,
			       query);
}

/**
 * uc_key_token_new_ca:
 * @token: its URI, from uc_key_token_check_uri()
 * @purpose: what for, a purpose of `UcAnchor` or `recovery`
 * @organisation: its domain name
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to an error of uc_private_key_new_from_bytes() or %UC_ERROR_FAILED
 *
 * Returns: (transfer full): a CA with the key of the label `<purpose>-ca`; nothing is written
 */
UcX509 *
uc_key_token_new_ca(const gchar *token,
		    const gchar *purpose,
		    const gchar *organisation,
		    gint64 now_secs,
		    GError **error)
{
	g_autofree gchar *uri = uc_key_token_get_uri(token, purpose, "-ca");
	g_autoptr(GBytes) key = g_bytes_new(uri, strlen(uri));

	return uc_key_file_new_ca_for(purpose, organisation, key, now_secs, error);
}

/**
 * uc_key_token_new_leaf:
 * @token: its URI, from uc_key_token_check_uri()
 * @ca: the CA of that purpose
 * @purpose: what for, but not `tls`
 * @organisation: its domain name
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to an error of uc_private_key_new_from_bytes() or %UC_ERROR_FAILED
 *
 * Returns: (transfer full): a certificate for the key of the label `<purpose>`; nothing is written
 */
UcX509 *
uc_key_token_new_leaf(const gchar *token,
		      UcX509 *ca,
		      const gchar *purpose,
		      const gchar *organisation,
		      gint64 now_secs,
		      GError **error)
{
	g_autofree gchar *uri = uc_key_token_get_uri(token, purpose, "");

	return uc_key_token_issue(ca, purpose, organisation, uri, now_secs, error);
}
