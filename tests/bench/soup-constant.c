/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What libsoup can do at best: answers every request over TLS with a constant. */

#include <libsoup/soup.h>
#include <stdio.h>

static void
soup_constant_cb(SoupServer *server,
		 SoupServerMessage *message,
		 const gchar *path,
		 GHashTable *query,
		 gpointer user_data)
{
	static const gchar text[] = "{\"format\":\"ucupdates-checkin-reply-1\",\"downloads\":0}";

	soup_server_message_set_status(message, SOUP_STATUS_OK, NULL);
	soup_server_message_set_response(message,
					 "application/json",
					 SOUP_MEMORY_STATIC,
					 text,
					 sizeof(text) - 1);
}

int
main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	g_autoptr(GTlsCertificate) certificate = NULL;
	g_autoptr(SoupServer) server = NULL;
	g_autoptr(GInetAddress) address = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
	g_autoptr(GSocketAddress) listen = g_inet_socket_address_new(address, 9444);

	if (argc != 3)
		return 2;
	certificate = g_tls_certificate_new_from_files(argv[1], argv[2], &error);
	if (certificate != NULL)
		server = soup_server_new("tls-certificate", certificate, NULL);
	if (server == NULL ||
	    !soup_server_listen(server, listen, SOUP_SERVER_LISTEN_HTTPS, &error)) {
		g_printerr("%s\n", error->message);
		return 1;
	}
	soup_server_add_handler(server, NULL, soup_constant_cb, NULL, NULL);
	g_print("listening\n");
	fflush(stdout);
	g_main_loop_run(loop);
	return 0;
}
