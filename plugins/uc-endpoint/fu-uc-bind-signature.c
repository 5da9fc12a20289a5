/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>
#include <gnutls/abstract.h>

#include "fu-uc-bind-signature.h"

/* Is this image from its vendor? The signature of the cab says who published it; this one, over the
 * fields of the header (and so over the SHA-256 of each payload), who made it. It counts only where
 * the endpoint file names keys, and then nothing overrides it: whoever may say `--force` is not who
 * holds the vendor's key. docs/firmware-format.md specifies it. */

#define FU_UC_BIND_SIGNATURE_PREFIX	  "UC-BIND-SIGNED-1"
#define FU_UC_BIND_SIGNATURE_KEYS_MAX	  8
#define FU_UC_BIND_SIGNATURE_KEY_SIZE_MAX (16 * 1024) /* bytes */
#define FU_UC_BIND_SIGNATURE_RSA_BITS_MIN 2048

typedef struct gnutls_pubkey_st FuUcBindKey;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FuUcBindKey, gnutls_pubkey_deinit)

static gnutls_sign_algorithm_t
fu_uc_bind_signature_get_algorithm(FuUcBindKey *key)
{
	guint bits = 0;

	switch (gnutls_pubkey_get_pk_algorithm(key, &bits)) {
	case GNUTLS_PK_EDDSA_ED25519:
		return GNUTLS_SIGN_EDDSA_ED25519;
	case GNUTLS_PK_ECDSA:
		return GNUTLS_SIGN_ECDSA_SHA256;
	case GNUTLS_PK_RSA:
		return bits >= FU_UC_BIND_SIGNATURE_RSA_BITS_MIN ? GNUTLS_SIGN_RSA_SHA256
								 : GNUTLS_SIGN_UNKNOWN;
	default:
		return GNUTLS_SIGN_UNKNOWN;
	}
}

static FuUcBindKey *
fu_uc_bind_signature_parse_key(const gchar *text, gsize textsz, GError **error)
{
	gnutls_datum_t datum = {.data = (guchar *)text, .size = (guint)textsz};
	guint bits = 0;
	gint rc;
	g_autoptr(FuUcBindKey) key = NULL;

	if (textsz == 0 || textsz > FU_UC_BIND_SIGNATURE_KEY_SIZE_MAX) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_DATA,
			    "it has %" G_GSIZE_FORMAT " bytes, expected 1 to %d",
			    textsz,
			    FU_UC_BIND_SIGNATURE_KEY_SIZE_MAX);
		return NULL;
	}
	if (gnutls_pubkey_init(&key) < 0)
		g_assert_not_reached();
	rc = gnutls_pubkey_import(key, &datum, GNUTLS_X509_FMT_PEM);
	if (rc < 0) {
		g_set_error_literal(error,
				    FWUPD_ERROR,
				    FWUPD_ERROR_INVALID_DATA,
				    gnutls_strerror(rc));
		return NULL;
	}
	if (fu_uc_bind_signature_get_algorithm(key) == GNUTLS_SIGN_UNKNOWN) {
		gint kind = gnutls_pubkey_get_pk_algorithm(key, &bits);
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_DATA,
			    "it is of kind %s with %u bits",
			    gnutls_pk_get_name(kind),
			    bits);
		return NULL;
	}
	return g_steal_pointer(&key);
}

static FuUcBindKey *
fu_uc_bind_signature_load_key(FuUcEndpointConfig *config, const gchar *path, GError **error)
{
	gsize textsz = 0;
	g_autofree gchar *text = NULL;
	g_autoptr(FuUcBindKey) key = NULL;
	g_autoptr(GError) error_local = NULL;

	if (!g_path_is_absolute(path))
		g_set_error_literal(&error_local,
				    FWUPD_ERROR,
				    FWUPD_ERROR_INVALID_DATA,
				    "it is no absolute path");
	else if (g_file_get_contents(path, &text, &textsz, &error_local))
		key = fu_uc_bind_signature_parse_key(text, textsz, &error_local);
	if (key != NULL)
		return g_steal_pointer(&key);
	g_set_error(
	    error,
	    FWUPD_ERROR,
	    FWUPD_ERROR_INVALID_DATA,
	    "%s: [Install] VendorKeys: found '%s', expected a PEM file with a public key of "
	    "Ed25519, ECDSA or RSA with at least %d bits: %s",
	    fu_uc_endpoint_config_get_filename(config),
	    path,
	    FU_UC_BIND_SIGNATURE_RSA_BITS_MIN,
	    error_local->message);
	return NULL;
}

/* NULL without an error if the endpoint asks for no signature */
static GStrv
fu_uc_bind_signature_get_paths(FuUcEndpointConfig *config, GError **error)
{
	g_autofree gchar *value = fu_uc_endpoint_config_get_install(config, "VendorKeys", NULL);
	g_auto(GStrv) paths = NULL;

	if (value == NULL)
		return NULL;
	paths = g_strsplit(value, ";", FU_UC_BIND_SIGNATURE_KEYS_MAX + 1);
	if (g_strv_length(paths) >= 1 && g_strv_length(paths) <= FU_UC_BIND_SIGNATURE_KEYS_MAX)
		return g_steal_pointer(&paths);
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_INVALID_DATA,
		    "%s: [Install] VendorKeys: found '%s', expected 1 to %d absolute paths with ; "
		    "between them",
		    fu_uc_endpoint_config_get_filename(config),
		    value,
		    FU_UC_BIND_SIGNATURE_KEYS_MAX);
	return NULL;
}

/* (transfer container): empty if the endpoint asks for no signature */
static GPtrArray *
fu_uc_bind_signature_load_keys(FuUcEndpointConfig *config, GError **error)
{
	g_auto(GStrv) paths = NULL;
	g_autoptr(GError) error_local = NULL;
	g_autoptr(GPtrArray) keys =
	    g_ptr_array_new_with_free_func((GDestroyNotify)gnutls_pubkey_deinit);

	paths = fu_uc_bind_signature_get_paths(config, &error_local);
	if (error_local != NULL) {
		g_propagate_error(error, g_steal_pointer(&error_local));
		return NULL;
	}
	for (guint i = 0; paths != NULL && paths[i] != NULL; i++) {
		FuUcBindKey *key = fu_uc_bind_signature_load_key(config, paths[i], error);
		if (key == NULL)
			return NULL;
		g_ptr_array_add(keys, key);
	}
	return g_steal_pointer(&keys);
}

/**
 * fu_uc_bind_signature_check_keys:
 * @config: an endpoint file
 * @error: (nullable): optional return location for an error
 *
 * Returns: %TRUE if each file of `VendorKeys` is a public key, or there is none; %FALSE with
 * %FWUPD_ERROR_INVALID_DATA and a sentence that names file and key
 **/
gboolean
fu_uc_bind_signature_check_keys(FuUcEndpointConfig *config, GError **error)
{
	g_autoptr(GPtrArray) keys = fu_uc_bind_signature_load_keys(config, error);
	return keys != NULL;
}

static gboolean
fu_uc_bind_signature_verify(FuUcBindKey *key, GBytes *message, GBytes *signature)
{
	gsize messagesz = 0;
	gsize signaturesz = 0;
	gnutls_datum_t data = {0};
	gnutls_datum_t blob = {0};

	data.data = (guchar *)g_bytes_get_data(message, &messagesz);
	data.size = (guint)messagesz;
	blob.data = (guchar *)g_bytes_get_data(signature, &signaturesz);
	blob.size = (guint)signaturesz;
	return gnutls_pubkey_verify_data2(key,
					  fu_uc_bind_signature_get_algorithm(key),
					  0,
					  &data,
					  &blob) >= 0;
}

static gboolean
fu_uc_bind_signature_is_any(GPtrArray *keys, const FuUcBindHeader *header)
{
	gsize fieldsz = 0;
	const guint8 *fields = g_bytes_get_data(header->signed_fields, &fieldsz);
	g_autoptr(GByteArray) buf = g_byte_array_new();
	g_autoptr(GBytes) message = NULL;

	g_byte_array_append(buf,
			    (const guint8 *)FU_UC_BIND_SIGNATURE_PREFIX,
			    strlen(FU_UC_BIND_SIGNATURE_PREFIX));
	g_byte_array_append(buf, fields, fieldsz);
	message = g_bytes_new(buf->data, buf->len);
	for (guint i = 0; i < header->signatures->len; i++) {
		for (guint j = 0; j < keys->len; j++) {
			if (fu_uc_bind_signature_verify(g_ptr_array_index(keys, j),
							message,
							g_ptr_array_index(header->signatures, i)))
				return TRUE;
		}
	}
	return FALSE;
}

/**
 * fu_uc_bind_signature_check:
 * @header: what the image says
 * @config: what the endpoint is
 * @error: (nullable): optional return location for an error
 *
 * Returns: %TRUE if the endpoint asks for no signature, or any signature in @header is by any of
 * its keys; otherwise %FALSE with %FWUPD_ERROR_SIGNATURE_INVALID, or with %FWUPD_ERROR_INVALID_DATA
 * if a key cannot be read
 **/
gboolean
fu_uc_bind_signature_check(const FuUcBindHeader *header, FuUcEndpointConfig *config, GError **error)
{
	g_autoptr(GPtrArray) keys = fu_uc_bind_signature_load_keys(config, error);

	if (keys == NULL)
		return FALSE;
	if (keys->len == 0)
		return TRUE;
	if (header->signatures->len == 0) {
		g_set_error_literal(error,
				    FWUPD_ERROR,
				    FWUPD_ERROR_SIGNATURE_INVALID,
				    "firmware has no signature of its vendor, which this endpoint "
				    "asks for; get it from the vendor");
		return FALSE;
	}
	if (fu_uc_bind_signature_is_any(keys, header))
		return TRUE;
	g_set_error_literal(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_SIGNATURE_INVALID,
			    "firmware is not signed by a key of [Install] VendorKeys of this "
			    "endpoint; get it from the vendor");
	return FALSE;
}
