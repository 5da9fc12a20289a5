/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Who is at the other end, by the client certificate of the TLS connection. Every certificate may
 * connect, because one that has expired is how an endpoint comes to renew it; what counts as proof
 * is only one that leads to the CA of endpoints and is valid now. Whether its key is still
 * enrolled, the database says.
 */

#include "uc-endpoint-ca.h"
#include "uc-server-peer.h"

#define UC_SERVER_PEER_KEY "uc-peer"

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

static UcPeer *
uc_server_peer_new(const gchar *certificate, const gchar *key_sha256)
{
	UcPeer *self = g_new0(UcPeer, 1);

	self->certificate = g_strdup(certificate);
	self->key_sha256 = g_strdup(key_sha256);
	return self;
}

static void
uc_server_peer_free_data(gpointer data)
{
	uc_peer_free(data);
}

/* (nullable) (transfer none): read once for all requests of a connection */
static const UcPeer *
uc_server_peer_get(GTlsCertificate *certificate)
{
	UcPeer *known = g_object_get_data(G_OBJECT(certificate), UC_SERVER_PEER_KEY);
	g_autofree gchar *pem = NULL;
	g_autofree gchar *key_sha256 = NULL;

	if (known != NULL)
		return known;
	g_object_get(certificate, "certificate-pem", &pem, NULL);
	key_sha256 = uc_x509_get_key_sha256(pem, NULL);
	if (key_sha256 == NULL)
		return NULL;
	known = uc_server_peer_new(pem, key_sha256);
	g_object_set_data_full(G_OBJECT(certificate),
			       UC_SERVER_PEER_KEY,
			       known,
			       uc_server_peer_free_data);
	return known;
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
	GTlsCertificate *certificate = soup_server_message_get_tls_peer_certificate(message);
	const UcPeer *peer = NULL;

	if (certificate == NULL ||
	    soup_server_message_get_tls_peer_certificate_errors(message) != 0)
		return NULL;
	peer = uc_server_peer_get(certificate);
	return peer != NULL ? uc_server_peer_new(peer->certificate, peer->key_sha256) : NULL;
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
