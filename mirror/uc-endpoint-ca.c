/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The CA of the endpoints' certificates, `keys/endpoints/ca.{pem,key}`. It is none of the anchors:
 * nobody but the service itself looks at these certificates. The service reads `ca.pem`; the key is
 * for `enrol sign` and `endpoint approve`.
 */

#include "uc-endpoint-ca.h"
#include "uc-error.h"
#include "uc-file.h"
#include "uc-key-file.h"

#define UC_ENDPOINT_CA_PURPOSE "endpoints"

/**
 * uc_endpoint_ca_get_path:
 * @suffix: `pem` for the certificate, `key` for the private key
 *
 * Returns: (transfer full): where it is
 */
gchar *
uc_endpoint_ca_get_path(const UcMirror *mirror, const gchar *suffix)
{
	g_autofree gchar *file = g_strdup_printf("%s.%s", UC_KEY_FILE_CA, suffix);

	return uc_mirror_path(mirror, "keys", UC_ENDPOINT_CA_PURPOSE, file, NULL);
}

/* others may read the certificate, and look for it */
static gboolean
uc_endpoint_ca_make_dir(const UcMirror *mirror, GError **error)
{
	g_autofree gchar *dir = uc_mirror_path(mirror, "keys", UC_ENDPOINT_CA_PURPOSE, NULL);

	return uc_file_make_dir(dir, 0711, error);
}

/**
 * uc_endpoint_ca_ensure:
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED or `G_FILE_ERROR`
 *
 * Makes the CA if there is none. The certificate is written last, so that a killed one is made
 * again.
 */
gboolean
uc_endpoint_ca_ensure(const UcMirror *mirror, gint64 now_secs, GError **error)
{
	g_autofree gchar *certificate = uc_endpoint_ca_get_path(mirror, "pem");
	g_autofree gchar *key = uc_endpoint_ca_get_path(mirror, "key");
	g_autoptr(UcX509) ca = NULL;

	if (g_file_test(certificate, G_FILE_TEST_EXISTS))
		return TRUE;
	if (!uc_endpoint_ca_make_dir(mirror, error))
		return FALSE;
	ca = uc_key_file_new_ca(UC_ENDPOINT_CA_PURPOSE, mirror->organisation, now_secs, error);
	return ca != NULL && uc_x509_save(ca, certificate, key, error);
}

/**
 * uc_endpoint_ca_load:
 * @error: set to `G_FILE_ERROR`, %UC_ERROR_NOT_FOUND where endpoints do not enrol
 *
 * Returns: (transfer full): the CA with its key
 */
UcX509 *
uc_endpoint_ca_load(const UcMirror *mirror, GError **error)
{
	g_autofree gchar *certificate = uc_endpoint_ca_get_path(mirror, "pem");
	g_autofree gchar *key = uc_endpoint_ca_get_path(mirror, "key");

	if (!g_file_test(certificate, G_FILE_TEST_EXISTS)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_NOT_FOUND,
			    "%s is not there: endpoints do not enrol here until [Publish] "
			    "Enrolment= says how and 'publish' was run",
			    certificate);
		return NULL;
	}
	return uc_x509_load(certificate, key, error);
}
