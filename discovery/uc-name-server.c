/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <net/if.h>
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
 * uc_name_server_new:
 * @text: an address, a link-local IPv6 one with its zone: `192.0.2.1`, `fe80::1%eth0`, `fe80::1%2`
 * @port: its port, 1 to 65535
 *
 * Returns: (transfer full) (nullable): the name server, %NULL for what is no address and for a
 *   zone that is no network interface of this machine
 */
GInetSocketAddress *
uc_name_server_new(const gchar *text, guint16 port)
{
	const gchar *percent = strchr(text, '%');
	g_autofree gchar *bare =
	    g_strndup(text, percent != NULL ? (gsize)(percent - text) : strlen(text));
	g_autoptr(GInetAddress) address = g_inet_address_new_from_string(bare);
	guint64 scope_id = 0;

	if (address == NULL)
		return NULL;
	if (percent != NULL && (g_inet_address_get_family(address) != G_SOCKET_FAMILY_IPV6 ||
				!g_inet_address_get_is_link_local(address)))
		return NULL;
	if (percent != NULL)
		scope_id = if_nametoindex(percent + 1);
	if (percent != NULL && scope_id == 0 &&
	    !g_ascii_string_to_unsigned(percent + 1, 10, 1, G_MAXINT32, &scope_id, NULL))
		return NULL;
	return g_object_new(G_TYPE_INET_SOCKET_ADDRESS,
			    "address",
			    address,
			    "port",
			    (guint)port,
			    "scope-id",
			    (guint)scope_id,
			    NULL);
}

/**
 * uc_name_server_parse:
 * @text: an address with or without a port: `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`,
 *   `[::1]:53`, `fe80::1%eth0`, `[fe80::1%eth0]:53`
 * @error: set to %UC_ERROR_INVALID
 *
 * A name server may well be on the loopback interface.
 *
 * Returns: (transfer full): the address and port, 53 unless it says another, or %NULL
 */
GInetSocketAddress *
uc_name_server_parse(const gchar *text, GError **error)
{
	g_autofree gchar *address_text = NULL;
	const gchar *port_text = NULL;
	GInetSocketAddress *server = NULL;
	guint64 port = UC_NAME_SERVER_PORT;

	if (uc_name_server_split(text, &address_text, &port_text) &&
	    (port_text == NULL ||
	     g_ascii_string_to_unsigned(port_text, 10, 1, G_MAXUINT16, &port, NULL)))
		server = uc_name_server_new(address_text, (guint16)port);
	if (server == NULL)
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "'%s' is not a name server, expected ADDRESS[:PORT] such as "
			    "192.0.2.1 or [2001:db8::1]:53",
			    text);
	return server;
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
