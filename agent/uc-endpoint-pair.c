/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The key that proves which endpoint this is, and its certificate, docs/service-protocol.md section
 * 7. The key is made here and readable by the agent alone, or is where [Service] ClientKey= says: a
 * file of an administrator's, or a PKCS#11 token, which may have been filled at the factory.
 */

#include <string.h>

#include "uc-endpoint-pair.h"
#include "uc-error.h"
#include "uc-file.h"
#include "uc-limits.h"
#include "uc-paths.h"
#include "uc-private-file.h"
#include "uc-x509.h"

static gboolean
uc_endpoint_pair_write(const gchar *name, GBytes *bytes, GError **error)
{
	g_autofree gchar *path = uc_path_state(name);

	return uc_file_replace(path, bytes, 0600, error);
}

/* (nullable): PEM, or a URI; %NULL without @error when there is none yet */
static gchar *
uc_endpoint_pair_read_key(const UcServiceSettings *settings, GError **error)
{
	g_autofree gchar *path = uc_path_state(UC_ENDPOINT_PAIR_KEY);
	gchar *text = NULL;

	if (settings->client_key[0] != '\0')
		return uc_client_certificate_read_key(settings->client_key, error);
	return uc_private_file_read(path, UC_LIMIT_KEY_PAIR_BYTES, &text, error) ? text : NULL;
}

/* the PEM of a new key, which is on the disk */
static gchar *
uc_endpoint_pair_make_key(GError **error)
{
	g_autoptr(UcPrivateKey) key = uc_private_key_new(error);
	g_autoptr(GBytes) pem = NULL;

	if (key == NULL)
		return NULL;
	pem = uc_private_key_to_pem(key, error);
	if (pem == NULL || !uc_endpoint_pair_write(UC_ENDPOINT_PAIR_KEY, pem, error))
		return NULL;
	g_message("a key for this machine's endpoints was made");
	return g_strndup(g_bytes_get_data(pem, NULL), g_bytes_get_size(pem));
}

/**
 * uc_endpoint_pair_ensure_key:
 * @error: set to %UC_ERROR_REFUSED for a file that others can read, %UC_ERROR_INVALID,
 *   %UC_ERROR_NOT_FOUND or %UC_ERROR_FAILED
 *
 * Blocks for a disk or a token.
 *
 * Returns: (transfer full): the key of this machine's endpoints; made if there is none
 */
UcPrivateKey *
uc_endpoint_pair_ensure_key(const UcServiceSettings *settings, GError **error)
{
	g_autoptr(GError) error_read = NULL;
	g_autofree gchar *text = uc_endpoint_pair_read_key(settings, &error_read);
	g_autofree gchar *pin = NULL;
	g_autoptr(GBytes) bytes = NULL;

	if (error_read != NULL) {
		g_propagate_error(error, g_steal_pointer(&error_read));
		return NULL;
	}
	if (text == NULL)
		text = uc_endpoint_pair_make_key(error);
	if (text == NULL || !uc_client_certificate_read_pin(settings->client_pin, &pin, error))
		return NULL;
	if (g_str_has_prefix(text, UC_PRIVATE_KEY_PKCS11))
		return uc_private_key_new_for_token(text, pin, error);
	bytes = g_bytes_new(text, strlen(text));
	return uc_private_key_new_from_bytes(bytes, error);
}

/**
 * uc_endpoint_pair_load:
 * @error: as uc_endpoint_pair_ensure_key()
 *
 * Returns: (transfer full) (nullable): the certificate with its key; %NULL without @error as long
 * as there is none
 */
UcClientCertificate *
uc_endpoint_pair_load(const UcServiceSettings *settings, GError **error)
{
	g_autofree gchar *path = uc_path_state(UC_ENDPOINT_PAIR_CERTIFICATE);
	g_autofree gchar *certificate = NULL;
	g_autofree gchar *key = NULL;

	if (!uc_private_file_read(path, UC_LIMIT_KEY_PAIR_BYTES, &certificate, error) ||
	    certificate == NULL)
		return NULL;
	key = uc_endpoint_pair_read_key(settings, error);
	return key != NULL
		   ? uc_client_certificate_new(certificate, key, settings->client_pin, error)
		   : NULL;
}

/* a service that sends something else must not leave the endpoint without a certificate */
static gboolean
uc_endpoint_pair_check(const UcPrivateKey *key, const gchar *pem, GError **error)
{
	g_autofree gchar *expected = uc_private_key_get_sha256(key, error);
	g_autofree gchar *found = NULL;

	if (expected == NULL)
		return FALSE;
	found = uc_x509_get_key_sha256(pem, error);
	if (found == NULL || g_str_equal(found, expected))
		return found != NULL;
	g_set_error_literal(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "the service sent a certificate for another key");
	return FALSE;
}

/**
 * uc_endpoint_pair_save_certificate:
 * @key: from uc_endpoint_pair_ensure_key()
 * @pem: what the service sent
 * @error: set to %UC_ERROR_INVALID for a certificate of another key, or %UC_ERROR_FAILED
 *
 * Durable when it returns.
 */
gboolean
uc_endpoint_pair_save_certificate(const UcPrivateKey *key, const gchar *pem, GError **error)
{
	g_autoptr(GBytes) bytes = g_bytes_new(pem, strlen(pem));

	return uc_endpoint_pair_check(key, pem, error) &&
	       uc_endpoint_pair_write(UC_ENDPOINT_PAIR_CERTIFICATE, bytes, error);
}

/**
 * uc_endpoint_pair_get_renewal_secs:
 *
 * Returns: when two thirds of the certificate's life are over, seconds since the Unix epoch; 0
 *   without one that can be read
 */
gint64
uc_endpoint_pair_get_renewal_secs(void)
{
	g_autofree gchar *path = uc_path_state(UC_ENDPOINT_PAIR_CERTIFICATE);
	g_autoptr(GTlsCertificate) certificate = g_tls_certificate_new_from_file(path, NULL);
	g_autoptr(GDateTime) from = NULL;
	g_autoptr(GDateTime) until = NULL;

	if (certificate == NULL)
		return 0;
	from = g_tls_certificate_get_not_valid_before(certificate);
	until = g_tls_certificate_get_not_valid_after(certificate);
	if (from == NULL || until == NULL)
		return 0;
	return g_date_time_to_unix(from) +
	       (g_date_time_to_unix(until) - g_date_time_to_unix(from)) / 3 * 2;
}

/**
 * uc_endpoint_pair_remove:
 * @error: set to %UC_ERROR_FAILED
 *
 * Removes the certificate, and the key that was made here; not one that is configured.
 */
gboolean
uc_endpoint_pair_remove(GError **error)
{
	static const gchar *const names[] = {UC_ENDPOINT_PAIR_CERTIFICATE, UC_ENDPOINT_PAIR_KEY};

	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree gchar *path = uc_path_state(names[i]);

		if (!uc_file_remove(path, error))
			return FALSE;
	}
	return TRUE;
}
