/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-error.h"
#include "uc-limits.h"
#include "uc-name-server.h"

/* splits "ADDR", "ADDR:PORT", "[ADDR]" and "[ADDR]:PORT"; a bare IPv6 address has no port */
static gboolean
uc_name_server_split(const gchar *text, gchar **address_out, const gchar **port_out)
{
	const gchar *colon = strchr(text, ':');
	const gchar *bracket = strchr(text, ']');

	*port_out = NULL;
	if (text[0] == '[') {
		if (bracket == NULL || (bracket[1] != '\0' && bracket[1] != ':'))
			return FALSE;
		*address_out = g_strndup(text + 1, (gsize)(bracket - text - 1));
		*port_out = bracket[1] == ':' ? bracket + 2 : NULL;
		return strchr(*address_out, ':') != NULL;
	}
	if (colon == NULL || strchr(colon + 1, ':') != NULL) {
		*address_out = g_strdup(text);
		return TRUE;
	}
	*address_out = g_strndup(text, (gsize)(colon - text));
	*port_out = colon + 1;
	return TRUE;
}

/**
 * uc_name_server_parse:
 * @text: an address with or without a port: `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`,
 *   `[::1]:53`
 * @error: set to %UC_ERROR_INVALID
 *
 * A name server may well be on the loopback interface. Zones (`fe80::1%eth0`) are not supported by
 * c-ares.
 *
 * Returns: (transfer full): the address and port, 53 unless it says another, or %NULL
 */
GInetSocketAddress *
uc_name_server_parse(const gchar *text, GError **error)
{
	g_autofree gchar *address_text = NULL;
	const gchar *port_text = NULL;
	g_autoptr(GInetAddress) address = NULL;
	guint64 port = UC_NAME_SERVER_PORT;

	if (uc_name_server_split(text, &address_text, &port_text) &&
	    (port_text == NULL ||
	     g_ascii_string_to_unsigned(port_text, 10, 1, G_MAXUINT16, &port, NULL)))
		address = g_inet_address_new_from_string(address_text);
	if (address == NULL) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "'%s' is not a name server, expected ADDRESS[:PORT] such as "
			    "192.0.2.1 or [2001:db8::1]:53",
			    text);
		return NULL;
	}
	return G_INET_SOCKET_ADDRESS(g_inet_socket_address_new(address, (guint16)port));
}

/**
 * uc_name_server_parse_all:
 * @texts: (array zero-terminated=1): name servers as uc_name_server_parse() takes them
 * @error: set to %UC_ERROR_INVALID for one that is malformed, or %UC_ERROR_LIMIT for more than 8
 *
 * Returns: (transfer full) (element-type GInetSocketAddress): all of them, in that order
 */
GPtrArray *
uc_name_server_parse_all(const gchar *const *texts, GError **error)
{
	g_autoptr(GPtrArray) servers = g_ptr_array_new_with_free_func(g_object_unref);

	for (guint i = 0; texts[i] != NULL; i++) {
		GInetSocketAddress *server = uc_name_server_parse(texts[i], error);

		if (server == NULL)
			return NULL;
		g_ptr_array_add(servers, server);
	}
	if (servers->len > UC_LIMIT_NAME_SERVERS) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_LIMIT,
			    "%u name servers, expected at most %d",
			    servers->len,
			    UC_LIMIT_NAME_SERVERS);
		return NULL;
	}
	return g_steal_pointer(&servers);
}
