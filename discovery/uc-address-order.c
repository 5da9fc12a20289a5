/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The order in which addresses are tried, RFC 6724, section 6. The kernel chooses the source
 * address (section 5) and tells of it whether it is deprecated (rule 3) or a home address (rule 4).
 * Rule 7, native transport, cannot be told for a destination; 6to4 and Teredo have their own
 * labels.
 */

#include <errno.h>
#include <linux/if_addr.h>
#include <string.h>
#include <sys/socket.h>

#include "uc-address-order.h"

#define UC_ADDRESS_LINES_MAX  1024 /* of the kernel's list */
#define UC_ADDRESS_BYTES      16
#define UC_ADDRESS_PREFIX_MAX 64 /* of a source address: what is behind is no part of a network */

enum { UC_SCOPE_LINK = 0x2, UC_SCOPE_SITE = 0x5, UC_SCOPE_GLOBAL = 0xe };

/* IPv4 as ::ffff:0:0/96, so that there is one kind of address */
typedef struct {
	guint8 bytes[UC_ADDRESS_BYTES];
} UcAddress;

typedef struct {
	GInetAddress *destination; /* not owned */
	UcAddress address;
	UcAddress source;
	gboolean has_source;
	guint source_flags; /* IFA_F_DEPRECATED and IFA_F_HOMEADDRESS count */
} UcAddressPair;

/* the default policy table, RFC 6724, section 2.1; the longest prefix first */
static const struct {
	guint8 prefix[UC_ADDRESS_BYTES];
	guint8 bits;
	guint8 precedence;
	guint8 label;
} uc_address_policies[] = {
    {{[15] = 1}, 128, 50, 0},
    {{[10] = 0xff, [11] = 0xff}, 96, 35, 4},
    {{0}, 96, 1, 3},
    {{0x20, 0x01}, 32, 5, 5},
    {{0x20, 0x02}, 16, 30, 2},
    {{0x3f, 0xfe}, 16, 1, 12},
    {{0xfe, 0xc0}, 10, 1, 11},
    {{0xfc}, 7, 3, 13},
    {{0}, 0, 40, 1},
};

static UcAddress
uc_address_map(GInetAddress *address)
{
	UcAddress mapped = {{[10] = 0xff, [11] = 0xff}};
	gsize size = g_inet_address_get_native_size(address);

	memcpy(mapped.bytes + sizeof(mapped.bytes) - size, g_inet_address_to_bytes(address), size);
	return mapped;
}

static guint
uc_address_common_bits(const guint8 *one, const guint8 *other)
{
	for (guint i = 0; i < UC_ADDRESS_BYTES * 8; i++) {
		guint8 mask = (guint8)(0x80 >> (i % 8));

		if ((one[i / 8] & mask) != (other[i / 8] & mask))
			return i;
	}
	return UC_ADDRESS_BYTES * 8;
}

static guint
uc_address_find_policy(const UcAddress *address)
{
	guint i = 0;

	while (uc_address_common_bits(address->bytes, uc_address_policies[i].prefix) <
	       uc_address_policies[i].bits)
		i++;
	return i; /* the last one is for all */
}

static gboolean
uc_address_is_ipv4(const UcAddress *address)
{
	return uc_address_policies[uc_address_find_policy(address)].label == 4;
}

/* RFC 6724, section 3.1 and 3.2 */
static guint
uc_address_get_scope(const UcAddress *address)
{
	const guint8 *bytes = address->bytes;

	if (uc_address_is_ipv4(address))
		return bytes[12] == 127 || (bytes[12] == 169 && bytes[13] == 254) ? UC_SCOPE_LINK
										  : UC_SCOPE_GLOBAL;
	if (bytes[0] == 0xff)
		return bytes[1] & 0x0f;
	if (uc_address_find_policy(address) == 0 || (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80))
		return UC_SCOPE_LINK;
	if (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0xc0)
		return UC_SCOPE_SITE;
	return UC_SCOPE_GLOBAL;
}

static gint
uc_address_compare_flags(gboolean one, gboolean other)
{
	return (other != FALSE) - (one != FALSE);
}

static gboolean
uc_address_pair_has_same_scope(const UcAddressPair *pair)
{
	return uc_address_get_scope(&pair->address) == uc_address_get_scope(&pair->source);
}

static gboolean
uc_address_pair_has_same_label(const UcAddressPair *pair)
{
	return uc_address_policies[uc_address_find_policy(&pair->address)].label ==
	       uc_address_policies[uc_address_find_policy(&pair->source)].label;
}

/* rule 9; in IPv4 the prefix says nothing about the way, which defeats round robin (section 10.3)
 */
static guint
uc_address_pair_get_prefix(const UcAddressPair *pair)
{
	guint bits = uc_address_common_bits(pair->address.bytes, pair->source.bytes);

	return uc_address_is_ipv4(&pair->address) ? 0 : MIN(bits, UC_ADDRESS_PREFIX_MAX);
}

static gint
uc_address_compare(gconstpointer a, gconstpointer b)
{
	const UcAddressPair *one = a;
	const UcAddressPair *other = b;
	guint8 precedence = uc_address_policies[uc_address_find_policy(&one->address)].precedence;
	guint8 precedence_other =
	    uc_address_policies[uc_address_find_policy(&other->address)].precedence;
	gint order = uc_address_compare_flags(one->has_source, other->has_source); /* rule 1 */

	if (order == 0 && one->has_source) {
		order = uc_address_compare_flags(uc_address_pair_has_same_scope(one),
						 uc_address_pair_has_same_scope(other)); /* 2 */
		if (order == 0)
			order = uc_address_compare_flags(
			    (one->source_flags & IFA_F_DEPRECATED) == 0,
			    (other->source_flags & IFA_F_DEPRECATED) == 0); /* 3 */
		if (order == 0)
			order = uc_address_compare_flags(one->source_flags & IFA_F_HOMEADDRESS,
							 other->source_flags &
							     IFA_F_HOMEADDRESS); /* 4 */
		if (order == 0)
			order =
			    uc_address_compare_flags(uc_address_pair_has_same_label(one),
						     uc_address_pair_has_same_label(other)); /* 5 */
	}
	if (order == 0)
		order = precedence_other - precedence; /* 6 */
	if (order == 0)
		order = (gint)uc_address_get_scope(&one->address) -
			(gint)uc_address_get_scope(&other->address); /* 8 */
	if (order == 0 && one->has_source &&
	    uc_address_is_ipv4(&one->address) == uc_address_is_ipv4(&other->address))
		order = (gint)uc_address_pair_get_prefix(other) -
			(gint)uc_address_pair_get_prefix(one); /* 9 */
	return order;					       /* 10: as DNS has them */
}

/**
 * uc_address_find_source:
 * @destination: where to
 *
 * Connects a UDP socket, which sends nothing.
 *
 * Returns: (transfer full) (nullable): the address that this machine would send from, %NULL when
 *   there is no way
 */
GInetAddress *
uc_address_find_source(GInetAddress *destination)
{
	g_autoptr(GSocket) socket = g_socket_new(g_inet_address_get_family(destination),
						 G_SOCKET_TYPE_DATAGRAM,
						 G_SOCKET_PROTOCOL_UDP,
						 NULL);
	g_autoptr(GSocketAddress) remote = g_inet_socket_address_new(destination, 443);
	g_autoptr(GSocketAddress) local = NULL;

	if (socket == NULL || !g_socket_connect(socket, remote, NULL, NULL))
		return NULL;
	local = g_socket_get_local_address(socket, NULL);
	if (!G_IS_INET_SOCKET_ADDRESS(local))
		return NULL;
	return g_object_ref(g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(local)));
}

/* the flags of an address in /proc/net/if_inet6, 0 for one that is not there:
 * "20010db8000000000000000000000001 02 40 00 20     eth0", the fifth word being the flags */
static guint
uc_address_find_flags(const gchar *if_inet6, const UcAddress *address)
{
	gchar hex[UC_ADDRESS_BYTES * 2 + 1];
	g_auto(GStrv) lines = g_strsplit(if_inet6, "\n", UC_ADDRESS_LINES_MAX);

	for (guint i = 0; i < UC_ADDRESS_BYTES; i++)
		g_snprintf(hex + 2 * i, 3, "%02x", address->bytes[i]);
	for (guint i = 0; lines[i] != NULL; i++) {
		g_auto(GStrv) words = NULL;
		guint64 flags = 0;

		if (!g_str_has_prefix(lines[i], hex))
			continue;
		words = g_strsplit(lines[i], " ", 6);
		if (g_strv_length(words) >= 5 &&
		    g_ascii_string_to_unsigned(words[4], 16, 0, 0xff, &flags, NULL))
			return (guint)flags;
	}
	return 0;
}

/**
 * uc_address_order:
 * @addresses: (element-type GInetAddress): to be ordered, the best one first, at most 32
 * @find_source: where the sources come from, uc_address_find_source() but for a test
 */
void
uc_address_order(GPtrArray *addresses, UcAddressSourceFunc find_source)
{
	g_autofree gchar *if_inet6 = NULL;

	/* a kernel without IPv6 has none */
	if (!g_file_get_contents("/proc/net/if_inet6", &if_inet6, NULL, NULL))
		if_inet6 = g_strdup("");
	uc_address_order_by(addresses, find_source, if_inet6);
}

/**
 * uc_address_order_by:
 * @addresses: (element-type GInetAddress): to be ordered, the best one first, at most 32
 * @find_source: where the sources come from
 * @if_inet6: the kernel's addresses, as /proc/net/if_inet6 has them; anything else is passed over
 */
void
uc_address_order_by(GPtrArray *addresses, UcAddressSourceFunc find_source, const gchar *if_inet6)
{
	g_autoptr(GArray) pairs = g_array_new(FALSE, TRUE, sizeof(UcAddressPair));

	for (guint i = 0; i < addresses->len; i++) {
		UcAddressPair pair = {.destination = g_ptr_array_index(addresses, i)};
		g_autoptr(GInetAddress) source = find_source(pair.destination);

		pair.address = uc_address_map(pair.destination);
		pair.has_source = source != NULL;
		if (source != NULL) {
			pair.source = uc_address_map(source);
			pair.source_flags = uc_address_find_flags(if_inet6, &pair.source);
		}
		g_array_append_val(pairs, pair);
	}
	g_array_sort(pairs, uc_address_compare); /* a merge sort: equal ones keep their order */
	for (guint i = 0; i < pairs->len; i++)
		g_ptr_array_index(addresses, i) =
		    g_array_index(pairs, UcAddressPair, i).destination;
}
