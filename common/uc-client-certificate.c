/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Who this endpoint is, for a service that asks for it in the TLS handshake. The key is in a file
 * that only root can read, in a credential of systemd's, or in a PKCS#11 token that it never
 * leaves. Where the certificate may go is the caller's to say (docs/service-protocol.md, section
 * 1.3); it is sent only after the server's own certificate was verified, and only if asked for.
 */

#include <string.h>

#include "uc-client-certificate.h"
#include "uc-error.h"
#include "uc-limits.h"
#include "uc-private-file.h"

#define UC_CLIENT_CERTIFICATE_PKCS11 "pkcs11:"

struct _UcClientCertificate {
	GObject parent_instance;
	GTlsCertificate *certificate;
	gchar *pin; /* (nullable): of the token */
};

G_DEFINE_TYPE(UcClientCertificate, uc_client_certificate, G_TYPE_OBJECT)

static void
uc_client_certificate_finalize(GObject *object)
{
	UcClientCertificate *self = UC_CLIENT_CERTIFICATE(object);

	g_clear_object(&self->certificate);
	g_clear_pointer(&self->pin, g_free);
	G_OBJECT_CLASS(uc_client_certificate_parent_class)->finalize(object);
}

static void
uc_client_certificate_class_init(UcClientCertificateClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = uc_client_certificate_finalize;
}

static void
uc_client_certificate_init(UcClientCertificate *self)
{
}

static gboolean
uc_client_certificate_is_token(const gchar *place)
{
	return g_str_has_prefix(place, UC_CLIENT_CERTIFICATE_PKCS11);
}

/* a path, or the name of a credential */
static gchar *
uc_client_certificate_read(const gchar *place, GError **error)
{
	gchar *text = NULL;
	gboolean done =
	    g_path_is_absolute(place)
		? uc_private_file_read(place, UC_LIMIT_KEY_PAIR_BYTES, &text, error)
		: uc_private_file_read_credential(place, UC_LIMIT_KEY_PAIR_BYTES, &text, error);

	if (done && text == NULL)
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_NOT_FOUND,
			    "%s is not there, expected an absolute path, or the name of a "
			    "credential of systemd's",
			    place);
	return text;
}

static GTlsCertificate *
uc_client_certificate_load_files(const gchar *certificate, const gchar *key, GError **error)
{
	g_autofree gchar *certificate_text = uc_client_certificate_read(certificate, error);
	g_autofree gchar *key_text = NULL;
	g_autofree gchar *pem = NULL;

	if (certificate_text == NULL)
		return NULL;
	if (key[0] != '\0') {
		key_text = uc_client_certificate_read(key, error);
		if (key_text == NULL)
			return NULL;
	}
	pem = g_strconcat(certificate_text, "\n", key_text, NULL);
	return g_tls_certificate_new_from_pem(pem, -1, error);
}

static GTlsCertificate *
uc_client_certificate_load_place(const gchar *certificate, const gchar *key, GError **error)
{
	if (uc_client_certificate_is_token(certificate))
		return g_tls_certificate_new_from_pkcs11_uris(certificate,
							      key[0] != '\0' ? key : NULL,
							      error);
	return uc_client_certificate_load_files(certificate, key, error);
}

static gboolean
uc_client_certificate_has_key(GTlsCertificate *certificate)
{
	g_autofree gchar *pem = NULL;
	g_autofree gchar *uri = NULL;

	g_object_get(certificate, "private-key-pem", &pem, "private-key-pkcs11-uri", &uri, NULL);
	return pem != NULL || uri != NULL;
}

static gboolean
uc_client_certificate_check_places(const gchar *certificate, const gchar *key, GError **error)
{
	if (key[0] == '\0' ||
	    uc_client_certificate_is_token(certificate) == uc_client_certificate_is_token(key))
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "the certificate is %s and its key %s, expected both in files or both in a "
		    "token",
		    certificate,
		    key);
	return FALSE;
}

/**
 * uc_client_certificate_read_pin:
 * @place: absolute path or name of a credential; empty for none
 * @pin_out: (out) (nullable) (transfer full): the PIN
 * @error: set to %UC_ERROR_NOT_FOUND or %UC_ERROR_REFUSED
 */
gboolean
uc_client_certificate_read_pin(const gchar *place, gchar **pin_out, GError **error)
{
	*pin_out = NULL;
	if (place[0] == '\0')
		return TRUE;
	*pin_out = uc_client_certificate_read(place, error);
	if (*pin_out != NULL)
		g_strchomp(*pin_out);
	return *pin_out != NULL;
}

/**
 * uc_client_certificate_read_key:
 * @place: absolute path, name of a credential, or a `pkcs11:` URI
 * @error: set to %UC_ERROR_NOT_FOUND or %UC_ERROR_REFUSED
 *
 * Returns: (transfer full): PEM, or the URI itself
 */
gchar *
uc_client_certificate_read_key(const gchar *place, GError **error)
{
	return uc_client_certificate_is_token(place) ? g_strdup(place)
						     : uc_client_certificate_read(place, error);
}

/* GIO has no function for a certificate in memory and its key in a token, but its class has */
static GTlsCertificate *
uc_client_certificate_join(const gchar *certificate, const gchar *key, GError **error)
{
	GType type = g_tls_backend_get_certificate_type(g_tls_backend_get_default());
	g_autofree gchar *pem = NULL;

	if (uc_client_certificate_is_token(key))
		return g_initable_new(type,
				      NULL,
				      error,
				      "certificate-pem",
				      certificate,
				      "private-key-pkcs11-uri",
				      key,
				      NULL);
	pem = g_strconcat(certificate, "\n", key, NULL);
	return g_tls_certificate_new_from_pem(pem, -1, error);
}

/**
 * uc_client_certificate_new:
 * @certificate: in PEM
 * @key: of it, in PEM or a `pkcs11:` URI
 * @pin: absolute path or name of a credential with the PIN of the token; empty for none
 * @error: set to %UC_ERROR_NOT_FOUND, %UC_ERROR_REFUSED or %UC_ERROR_INVALID
 *
 * Returns: (transfer full): the certificate, or %NULL
 */
UcClientCertificate *
uc_client_certificate_new(const gchar *certificate,
			  const gchar *key,
			  const gchar *pin,
			  GError **error)
{
	g_autoptr(UcClientCertificate) self = g_object_new(UC_TYPE_CLIENT_CERTIFICATE, NULL);
	g_autoptr(GError) error_load = NULL;

	if (!uc_client_certificate_read_pin(pin, &self->pin, error))
		return NULL;
	self->certificate = uc_client_certificate_join(certificate, key, &error_load);
	if (self->certificate != NULL)
		return g_steal_pointer(&self);
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "the endpoint's certificate cannot be used: %s",
		    error_load->message);
	return NULL;
}

/**
 * uc_client_certificate_load:
 * @certificate: absolute path of a PEM file, with the CAs in between if any; the name of a
 *   credential of systemd's; or a `pkcs11:` URI (RFC 7512)
 * @key: the same of its private key; empty when it is in the same file or token
 * @pin: absolute path or name of a credential with the PIN of the token; empty for none
 * @error: set to %UC_ERROR_NOT_FOUND, %UC_ERROR_REFUSED for a file that others can read, or
 *   %UC_ERROR_INVALID for what is no certificate with its key
 *
 * Blocks for a disk or a token.
 *
 * Returns: (transfer full): the certificate, or %NULL
 */
UcClientCertificate *
uc_client_certificate_load(const gchar *certificate,
			   const gchar *key,
			   const gchar *pin,
			   GError **error)
{
	g_autoptr(UcClientCertificate) self = g_object_new(UC_TYPE_CLIENT_CERTIFICATE, NULL);
	g_autoptr(GError) error_load = NULL;

	if (!uc_client_certificate_check_places(certificate, key, error) ||
	    !uc_client_certificate_read_pin(pin, &self->pin, error))
		return NULL;
	self->certificate = uc_client_certificate_load_place(certificate, key, &error_load);
	if (self->certificate != NULL && uc_client_certificate_has_key(self->certificate))
		return g_steal_pointer(&self);
	if (error_load != NULL && error_load->domain == UC_ERROR)
		g_propagate_error(error, g_steal_pointer(&error_load));
	else
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "%s cannot be used, expected a certificate with its private key: %s",
			    certificate,
			    error_load != NULL ? error_load->message : "there is no key");
	return NULL;
}

/*
 * A PIN that the token does not take is not tried again, and the last try before the token locks
 * itself is left to a human.
 */
static gboolean
uc_client_certificate_password_cb(SoupMessage *message,
				  GTlsPassword *password,
				  UcClientCertificate *self)
{
	GTlsPasswordFlags flags = g_tls_password_get_flags(password);

	if (self->pin == NULL || (flags & (G_TLS_PASSWORD_RETRY | G_TLS_PASSWORD_FINAL_TRY)) != 0)
		return FALSE;
	g_tls_password_set_value_full(password,
				      (guchar *)g_strdup(self->pin),
				      (gssize)strlen(self->pin),
				      g_free);
	soup_message_tls_client_certificate_password_request_complete(message);
	return TRUE;
}

/*
 * soup_message_set_tls_client_certificate() would come too late: GnuTLS's sessions are resumed by
 * what the connection has when the handshake begins, and one that began without a certificate must
 * not be continued by one with it.
 */
static void
uc_client_certificate_event_cb(SoupMessage *message,
			       GSocketClientEvent event,
			       GIOStream *connection,
			       UcClientCertificate *self)
{
	if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING && G_IS_TLS_CONNECTION(connection))
		g_tls_connection_set_certificate(G_TLS_CONNECTION(connection), self->certificate);
}

/**
 * uc_client_certificate_attach:
 * @message: one that is not sent yet
 *
 * Sends the certificate if the server asks for one.
 */
void
uc_client_certificate_attach(UcClientCertificate *self, SoupMessage *message)
{
	g_signal_connect_object(message,
				"network-event",
				G_CALLBACK(uc_client_certificate_event_cb),
				self,
				0);
	g_signal_connect_object(message,
				"request-certificate-password",
				G_CALLBACK(uc_client_certificate_password_cb),
				self,
				0);
}
