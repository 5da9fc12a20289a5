/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/**
 * UcX509:
 * @certificate: PEM certificate
 * @key: PEM private key of it, PKCS#8, not encrypted; or the `pkcs11:` URI of one in a token
 *
 * A certificate with its key.
 */
typedef struct {
	GBytes *certificate;
	GBytes *key;
} UcX509;

/**
 * UcX509Purpose:
 * @UC_X509_SIGNING: signs documents, metadata or payloads, and nothing else
 * @UC_X509_TLS_SERVER: server authentication for its dNSNames
 * @UC_X509_TLS_CLIENT: client authentication
 */
typedef enum { UC_X509_SIGNING, UC_X509_TLS_SERVER, UC_X509_TLS_CLIENT } UcX509Purpose;

void
uc_x509_free(UcX509 *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcX509, uc_x509_free)

UcX509 *
uc_x509_load(const gchar *certificate_path,
	     const gchar *key_path,
	     GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_x509_save(UcX509 *self, const gchar *certificate_path, const gchar *key_path, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
UcX509 *
uc_x509_new_ca(const gchar *name, gint64 from_secs, gint64 until_secs, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
UcX509 *
uc_x509_new_ca_for(GBytes *key,
		   const gchar *name,
		   gint64 from_secs,
		   gint64 until_secs,
		   GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcX509 *
uc_x509_issue(UcX509 *ca,
	      UcX509Purpose purpose,
	      const gchar *name,
	      const gchar *const *dns_names,
	      gint64 from_secs,
	      gint64 until_secs,
	      GError **error) G_GNUC_WARN_UNUSED_RESULT;
GBytes *
uc_x509_issue_for(UcX509 *ca,
		  UcX509Purpose purpose,
		  GBytes *public_key,
		  const gchar *name,
		  gint64 from_secs,
		  gint64 until_secs,
		  GError **error) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_x509_get_key_sha256(const gchar *pem, GError **error) G_GNUC_WARN_UNUSED_RESULT;
