/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who may ask the service at all: addresses within the organisation's networks. */

#include <string.h>

#include "uc-error.h"
#include "uc-server-access.h"

/**
 * uc_server_access_new:
 * @networks: `ADDRESS/BITS`
 * @error: set to %UC_ERROR_INVALID
 *
 * Returns: (transfer full) (element-type GInetAddressMask): the networks, or %NULL
 */
GPtrArray *
uc_server_access_new(const gchar *const *networks, GError **error)
{
	g_autoptr(GPtrArray) masks = g_ptr_array_new_with_free_func(g_object_unref);

	for (guint i = 0; networks != NULL && networks[i] != NULL; i++) {
		GInetAddressMask *mask = g_inet_address_mask_new_from_string(networks[i], NULL);

		if (mask == NULL || masks->len >= UC_SERVER_NETWORKS_MAX) {
			g_clear_object(&mask);
			g_set_error(
			    error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "'%s' is no network, expected at most %d of ADDRESS/BITS such as "
			    "192.0.2.0/24",
			    networks[i],
			    UC_SERVER_NETWORKS_MAX);
			return NULL;
		}
		g_ptr_array_add(masks, mask);
	}
	return g_steal_pointer(&masks);
}

/* on a socket for both families an IPv4 address comes as ::ffff:a.b.c.d */
static GInetAddress *
uc_server_access_unmap(GInetAddress *address)
{
	static const guint8 prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	const guint8 *bytes = g_inet_address_to_bytes(address);

	if (g_inet_address_get_family(address) != G_SOCKET_FAMILY_IPV6 ||
	    memcmp(bytes, prefix, sizeof(prefix)) != 0)
		return g_object_ref(address);
	return g_inet_address_new_from_bytes(bytes + sizeof(prefix), G_SOCKET_FAMILY_IPV4);
}

/**
 * uc_server_access_allows:
 * @networks: (element-type GInetAddressMask): none at all allows everybody
 * @remote: (nullable): who asks
 *
 * Returns: whether it may
 */
gboolean
uc_server_access_allows(GPtrArray *networks, GSocketAddress *remote)
{
	g_autoptr(GInetAddress) address = NULL;

	if (networks->len == 0)
		return TRUE;
	if (!G_IS_INET_SOCKET_ADDRESS(remote))
		return FALSE;
	address = uc_server_access_unmap(
	    g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(remote)));
	for (guint i = 0; i < networks->len; i++) {
		if (g_inet_address_mask_matches(g_ptr_array_index(networks, i), address))
			return TRUE;
	}
	return FALSE;
}
