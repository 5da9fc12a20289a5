/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-address.h"
#include "uc-candidates.h"
#include "uc-limits.h"

static gint
uc_candidates_compare_srv(gconstpointer a, gconstpointer b)
{
	const UcDnsRecord *one = *(const UcDnsRecord *const *)a;
	const UcDnsRecord *other = *(const UcDnsRecord *const *)b;

	if (one->priority != other->priority)
		return one->priority < other->priority ? -1 : 1;
	/* weight zero goes to the front, so that it has a chance (RFC 2782) */
	return (one->weight != 0) - (other->weight != 0);
}

/* picks one of @records[@begin, @end) by its share of the weights, RFC 2782 "Weight" */
static guint
uc_candidates_pick_srv(GPtrArray *records, guint begin, guint end, GRand *rand)
{
	gint32 sum = 0;
	gint32 running = 0;
	gint32 chosen = 0;

	for (guint i = begin; i < end; i++)
		sum += ((const UcDnsRecord *)g_ptr_array_index(records, i))->weight;
	chosen = g_rand_int_range(rand, 0, sum + 1);
	for (guint i = begin; i < end; i++) {
		running += ((const UcDnsRecord *)g_ptr_array_index(records, i))->weight;
		if (running >= chosen)
			return i;
	}
	return begin;
}

static guint
uc_candidates_find_priority_end(GPtrArray *records, guint begin)
{
	guint16 priority = ((const UcDnsRecord *)g_ptr_array_index(records, begin))->priority;
	guint end = begin;

	while (end < records->len &&
	       ((const UcDnsRecord *)g_ptr_array_index(records, end))->priority == priority)
		end++;
	return end;
}

/**
 * uc_candidates_order_srv:
 * @records: (element-type UcDnsRecord): SRV records, at most 16
 * @rand: where chance comes from
 *
 * Orders by priority, and among equal ones at random by weight, as RFC 2782 says.
 *
 * Returns: (transfer container) (element-type UcDnsRecord): the same records, the best one first
 */
GPtrArray *
uc_candidates_order_srv(GPtrArray *records, GRand *rand)
{
	g_autoptr(GPtrArray) left = g_ptr_array_new();

	for (guint i = 0; i < records->len; i++)
		g_ptr_array_add(left, g_ptr_array_index(records, i));
	g_ptr_array_sort(left, uc_candidates_compare_srv);
	for (guint i = 0; i < left->len; i++) {
		guint end = uc_candidates_find_priority_end(left, i);
		guint picked = uc_candidates_pick_srv(left, i, end, rand);
		gpointer record = g_ptr_array_steal_index(left, picked);

		/* the others keep their order, those of weight zero in front */
		g_ptr_array_insert(left, (gint)i, record);
	}
	return g_steal_pointer(&left);
}

/**
 * uc_candidates_new:
 *
 * Returns: (transfer full) (element-type GSocketAddress): no candidates yet
 */
GPtrArray *
uc_candidates_new(void)
{
	return g_ptr_array_new_with_free_func(g_object_unref);
}

static gboolean
uc_candidates_contain(GPtrArray *candidates, GInetAddress *address, guint16 port)
{
	for (guint i = 0; i < candidates->len; i++) {
		GInetSocketAddress *one = g_ptr_array_index(candidates, i);

		if (g_inet_socket_address_get_port(one) == port &&
		    g_inet_address_equal(g_inet_socket_address_get_address(one), address))
			return TRUE;
	}
	return FALSE;
}

static void
uc_candidates_collect(GPtrArray *addresses, const UcDnsAnswer *answer)
{
	for (guint i = 0; answer != NULL && i < answer->records->len; i++) {
		const UcDnsRecord *record = g_ptr_array_index(answer->records, i);

		if (uc_address_find_fault(record->address) == NULL)
			g_ptr_array_add(addresses, record->address);
	}
}

/* the next address that is, or is not, of that family */
static GInetAddress *
uc_candidates_take(GPtrArray *addresses, GSocketFamily family, gboolean is_same)
{
	for (guint i = 0; i < addresses->len; i++) {
		GInetAddress *address = g_ptr_array_index(addresses, i);

		if ((g_inet_address_get_family(address) == family) == is_same)
			return g_ptr_array_remove_index(addresses, i);
	}
	return NULL;
}

/**
 * uc_candidates_add:
 * @candidates: (element-type GSocketAddress): where to add, at most 16 in all
 * @ipv6: (nullable): an answer with AAAA records
 * @ipv4: (nullable): an answer with A records
 * @port: the port for each, 1 to 65535
 * @find_source: where source addresses come from, uc_address_find_source() but for a test
 *
 * Adds the acceptable addresses, the best one first as RFC 6724 says, the families by turns so
 * that a dead family costs one attempt (RFC 8305, section 4). What is there already is not added
 * again.
 */
void
uc_candidates_add(GPtrArray *candidates,
		  const UcDnsAnswer *ipv6,
		  const UcDnsAnswer *ipv4,
		  guint16 port,
		  UcAddressSourceFunc find_source)
{
	g_autoptr(GPtrArray) addresses = g_ptr_array_new();
	GSocketFamily first = G_SOCKET_FAMILY_INVALID;

	uc_candidates_collect(addresses, ipv6);
	uc_candidates_collect(addresses, ipv4);
	uc_address_order(addresses, find_source);
	if (addresses->len > 0)
		first = g_inet_address_get_family(g_ptr_array_index(addresses, 0));
	for (guint turn = 0; addresses->len > 0; turn++) {
		GInetAddress *address = uc_candidates_take(addresses, first, turn % 2 == 0);

		if (address != NULL && candidates->len < UC_LIMIT_ADDRESSES &&
		    !uc_candidates_contain(candidates, address, port))
			g_ptr_array_add(candidates, g_inet_socket_address_new(address, port));
	}
}
