/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The CA of the endpoints' certificates, `keys/endpoints/ca.{pem,key}`. It is none of the anchors:
 * nobody but the service itself looks at these certificates. The service reads `ca.pem`; the key is
 * for `enrol sign` and `endpoint approve`. While the CA is being rotated `ca.pem` has the one that
 * signs and then the one before, whose certificates count until the rotation is finished.
 */

#include <string.h>

#include "uc-endpoint-ca.h"
#include "uc-error.h"
#include "uc-file.h"
#include "uc-key-file.h"

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
 * uc_endpoint_ca_new:
 * @uri: (nullable): of its private key in a token; %NULL to make one
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED or an error of uc_private_key_new_from_bytes()
 *
 * Returns: (transfer full): another CA; nothing is written
 */
UcX509 *
uc_endpoint_ca_new(const UcMirror *mirror, const gchar *uri, gint64 now_secs, GError **error)
{
	g_autoptr(GBytes) key = uri != NULL ? g_bytes_new(uri, strlen(uri)) : NULL;

	return uc_key_file_new_ca_for(UC_ENDPOINT_CA_PURPOSE,
				      mirror->organisation,
				      key,
				      now_secs,
				      error);
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
	ca = uc_endpoint_ca_new(mirror, NULL, now_secs, error);
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
	return uc_key_file_load_pair(certificate, key, error);
}

/**
 * uc_endpoint_ca_save:
 * @ca: the CA that signs from now on, with the certificates that are to count beside it after its
 * own
 * @error: set to %UC_ERROR_FAILED or `G_FILE_ERROR`
 *
 * In the place of the one that is there.
 */
gboolean
uc_endpoint_ca_save(const UcMirror *mirror, UcX509 *ca, GError **error)
{
	g_autofree gchar *certificate = uc_endpoint_ca_get_path(mirror, "pem");
	g_autofree gchar *key = uc_endpoint_ca_get_path(mirror, "key");

	return uc_key_file_save_pair(certificate, key, ca, error);
}

/**
 * uc_endpoint_ca_list:
 * @error: set to an error of GIO
 *
 * Returns: (transfer full) (element-type GTlsCertificate): those that count, the one that signs
 *   first; none where endpoints do not enrol
 */
GPtrArray *
uc_endpoint_ca_list(const UcMirror *mirror, GError **error)
{
	g_autofree gchar *path = uc_endpoint_ca_get_path(mirror, "pem");
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_object_unref);
	g_autolist(GTlsCertificate) certificates = NULL;

	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return g_steal_pointer(&list);
	certificates = g_tls_certificate_list_new_from_file(path, error);
	for (GList *l = certificates; l != NULL; l = l->next)
		g_ptr_array_add(list, g_object_ref(l->data));
	return certificates != NULL ? g_steal_pointer(&list) : NULL;
}

/**
 * uc_endpoint_ca_drop_others:
 * @error: set to %UC_ERROR_FAILED or an error of GIO
 *
 * From now on only the one that signs counts; the service has to read it anew.
 */
gboolean
uc_endpoint_ca_drop_others(const UcMirror *mirror, GError **error)
{
	g_autofree gchar *path = uc_endpoint_ca_get_path(mirror, "pem");
	g_autoptr(GPtrArray) list = uc_endpoint_ca_list(mirror, error);
	g_autoptr(GBytes) bytes = NULL;
	gchar *pem = NULL;

	if (list == NULL || list->len < 2)
		return list != NULL;
	g_object_get(g_ptr_array_index(list, 0), "certificate-pem", &pem, NULL);
	bytes = g_bytes_new_take(pem, strlen(pem));
	return uc_file_write(path, bytes, error);
}
