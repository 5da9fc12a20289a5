/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Which addresses a service may have. A name server could otherwise point an endpoint at itself or
 * at its neighbour on the link, where a certificate proves less than it seems to.
 */

#include <string.h>

#include "uc-address.h"

#define UC_ADDRESS_V4_BYTES 4
#define UC_ADDRESS_V6_BYTES 16

static const gchar *
uc_address_find_v4_fault(const guint8 *bytes)
{
	if (bytes[0] == 0)
		return "unspecified";
	if (bytes[0] == 127)
		return "loopback";
	if (bytes[0] == 169 && bytes[1] == 254)
		return "link-local";
	if (bytes[0] >= 224 && bytes[0] <= 239)
		return "multicast";
	if (memcmp(bytes, "\xff\xff\xff\xff", UC_ADDRESS_V4_BYTES) == 0)
		return "broadcast";
	return NULL;
}

/* where an IPv6 address carries an IPv4 one in its last four octets, else NULL */
static const guint8 *
uc_address_unwrap_v4(const guint8 *bytes)
{
	static const guint8 mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	static const guint8 nat64[12] = {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};
	static const guint8 compatible[12] = {0};

	if (memcmp(bytes, mapped, sizeof(mapped)) == 0 ||
	    memcmp(bytes, nat64, sizeof(nat64)) == 0 ||
	    memcmp(bytes, compatible, sizeof(compatible)) == 0)
		return bytes + sizeof(mapped);
	return NULL;
}

static const gchar *
uc_address_find_v6_fault(const guint8 *bytes)
{
	static const guint8 loopback[UC_ADDRESS_V6_BYTES] = {[UC_ADDRESS_V6_BYTES - 1] = 1};
	const guint8 *inner = uc_address_unwrap_v4(bytes);

	if (memcmp(bytes, loopback, sizeof(loopback)) == 0)
		return "loopback";
	if (inner != NULL)
		return uc_address_find_v4_fault(inner);
	if (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80)
		return "link-local";
	if (bytes[0] == 0xff)
		return "multicast";
	return NULL;
}

/**
 * uc_address_find_fault:
 * @address: an address out of a DNS answer
 *
 * Unspecified (0.0.0.0/8, ::), loopback (127.0.0.0/8, ::1), link-local (169.254.0.0/16,
 * fe80::/10), multicast and the broadcast address are never a service's, also when wrapped in
 * ::ffff:0:0/96, 64:ff9b::/96 or ::/96.
 *
 * Returns: (nullable) (transfer none): what it is, in a word, or %NULL when it is acceptable
 */
const gchar *
uc_address_find_fault(GInetAddress *address)
{
	const guint8 *bytes = g_inet_address_to_bytes(address);

	if (g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV4)
		return uc_address_find_v4_fault(bytes);
	return uc_address_find_v6_fault(bytes);
}
