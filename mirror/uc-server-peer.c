/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Who is at the other end, by the client certificate of the TLS connection. Every certificate may
 * connect, because one that has expired is how an endpoint comes to renew it; what counts as proof
 * is only one that leads to the CA of endpoints and is valid now. Whether its key is still
 * enrolled, the database says.
 *
 * Of who comes by a proxy that is trusted with that only its word counts, uc-server-proxied.c, and
 * its own certificate least of all.
 */

#include "uc-endpoint-ca.h"
#include "uc-endpoint-key.h"
#include "uc-error.h"
#include "uc-server-peer.h"

#define UC_SERVER_PEER_KEY	   "uc-peer"
#define UC_SERVER_PEER_PROXIED	   "uc-peer-proxied"
#define UC_SERVER_PEER_CERTIFICATE "uc-peer-certificate"

static gboolean
uc_server_peer_accept_cb(SoupServerMessage *message,
			 GTlsCertificate *certificate,
			 GTlsCertificateFlags errors,
			 gpointer user_data)
{
	return TRUE;
}

static void
uc_server_peer_started_cb(SoupServer *soup, SoupServerMessage *message, gpointer user_data)
{
	g_signal_connect(message, "accept-certificate", G_CALLBACK(uc_server_peer_accept_cb), NULL);
}

/**
 * uc_server_peer_request:
 * @soup: a server, also one that listens already
 * @error: set to an error of this machine, if the CA's certificate cannot be read
 *
 * From now on client certificates are asked for, if there is a CA for them; nobody needs one for
 * the connection.
 */
gboolean
uc_server_peer_request(SoupServer *soup, const UcMirror *mirror, GError **error)
{
	g_autofree gchar *path = uc_endpoint_ca_get_path(mirror, "pem");
	g_autoptr(GTlsDatabase) database = NULL;

	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return TRUE;
	database = g_tls_file_database_new(path, error);
	if (database == NULL)
		return FALSE;
	if (soup_server_get_tls_database(soup) == NULL)
		g_signal_connect(soup,
				 "request-started",
				 G_CALLBACK(uc_server_peer_started_cb),
				 NULL);
	soup_server_set_tls_database(soup, database);
	soup_server_set_tls_auth_mode(soup, G_TLS_AUTHENTICATION_REQUESTED);
	return TRUE;
}

static void
uc_server_peer_unref(gpointer data)
{
	uc_peer_unref(data);
}

/* (nullable) (transfer none): read once for all requests of a connection */
static UcPeer *
uc_server_peer_get(GTlsCertificate *certificate)
{
	UcPeer *known = g_object_get_data(G_OBJECT(certificate), UC_SERVER_PEER_KEY);
	g_autofree gchar *pem = NULL;

	if (known != NULL)
		return known;
	g_object_get(certificate, "certificate-pem", &pem, NULL);
	known = uc_peer_new(pem);
	if (known != NULL)
		g_object_set_data_full(G_OBJECT(certificate),
				       UC_SERVER_PEER_KEY,
				       known,
				       uc_server_peer_unref);
	return known;
}

/**
 * uc_server_peer_set_proxied:
 * @message: a request by a proxy that is trusted to say who asks
 * @proxied: what is known of its certificates
 * @database: (nullable): the CA of endpoints, %NULL if there is none
 * @error: set to %UC_ERROR_INVALID for a header that no such proxy would send
 *
 * From now on uc_server_peer_read() answers with whom the proxy names, or nobody.
 */
gboolean
uc_server_peer_set_proxied(SoupServerMessage *message,
			   UcServerProxied *proxied,
			   GTlsDatabase *database,
			   GError **error)
{
	SoupMessageHeaders *headers = soup_server_message_get_request_headers(message);
	const gchar *header = soup_message_headers_get_list(headers, UC_SERVER_PROXIED_HEADER);
	UcPeer *peer = NULL;

	g_object_set_data(G_OBJECT(message), UC_SERVER_PEER_PROXIED, message);
	if (header == NULL || header[0] == '\0')
		return TRUE;
	if (!uc_server_proxied_read(proxied,
				    header,
				    database,
				    g_get_real_time() / G_USEC_PER_SEC,
				    &peer,
				    error))
		return FALSE;
	if (peer != NULL)
		g_object_set_data_full(G_OBJECT(message),
				       UC_SERVER_PEER_KEY,
				       peer,
				       uc_server_peer_unref);
	return TRUE;
}

/**
 * uc_server_peer_note:
 * @message: any request whose headers are there
 *
 * libsoup 3.2 knows the certificate of a connection only in the first request on it.
 */
void
uc_server_peer_note(SoupServerMessage *message)
{
	GTlsCertificate *certificate = soup_server_message_get_tls_peer_certificate(message);
	GSocket *socket = soup_server_message_get_socket(message);

	if (certificate == NULL || socket == NULL ||
	    soup_server_message_get_tls_peer_certificate_errors(message) != 0)
		return;
	g_object_set_data_full(G_OBJECT(socket),
			       UC_SERVER_PEER_CERTIFICATE,
			       g_object_ref(certificate),
			       g_object_unref);
}

/* (transfer none) (nullable): of the connection itself */
static UcPeer *
uc_server_peer_get_own(SoupServerMessage *message)
{
	GSocket *socket = soup_server_message_get_socket(message);
	GTlsCertificate *certificate =
	    socket != NULL ? g_object_get_data(G_OBJECT(socket), UC_SERVER_PEER_CERTIFICATE) : NULL;

	return certificate != NULL ? uc_server_peer_get(certificate) : NULL;
}

/**
 * uc_server_peer_read:
 * @message: a request
 *
 * Returns: (transfer full) (nullable): who sent it; %NULL for somebody without a certificate that
 *   counts
 */
UcPeer *
uc_server_peer_read(SoupServerMessage *message)
{
	UcPeer *peer = g_object_get_data(G_OBJECT(message), UC_SERVER_PEER_PROXIED) != NULL
			   ? g_object_get_data(G_OBJECT(message), UC_SERVER_PEER_KEY)
			   : uc_server_peer_get_own(message);

	return peer != NULL ? uc_peer_ref(peer) : NULL;
}

/**
 * uc_server_peer_is_enrolled:
 * @message: a request
 *
 * Looks into the database by a connection of its own, because the one of @mirror belongs to the
 * intake; meant for who comes from outside.
 *
 * Returns: whether an enrolled key has sent it
 */
gboolean
uc_server_peer_is_enrolled(const UcMirror *mirror, SoupServerMessage *message)
{
	g_autoptr(UcPeer) peer = uc_server_peer_read(message);
	g_autofree gchar *path = NULL;
	g_autoptr(UcDatabase) database = NULL;
	g_autoptr(UcEndpointKey) key = NULL;
	g_autoptr(GError) error = NULL;

	if (peer == NULL)
		return FALSE;
	path = uc_mirror_path(mirror, "mirror.db", NULL);
	database = uc_database_open(path, &error);
	if (database != NULL && uc_endpoint_key_prove(database, peer->key_sha256, &key, &error))
		return TRUE;
	g_debug("%s", error->message);
	return FALSE;
}
