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

/* takes the next acceptable address of an answer, if any */
static gboolean
uc_candidates_add_next(GPtrArray *candidates, const UcDnsAnswer *answer, guint *next, guint16 port)
{
	while (answer != NULL && *next < answer->records->len) {
		const UcDnsRecord *record = g_ptr_array_index(answer->records, (*next)++);

		if (uc_address_find_fault(record->address) != NULL ||
		    uc_candidates_contain(candidates, record->address, port))
			continue;
		if (candidates->len < UC_LIMIT_ADDRESSES)
			g_ptr_array_add(candidates,
					g_inet_socket_address_new(record->address, port));
		return TRUE;
	}
	return FALSE;
}

/**
 * uc_candidates_add:
 * @candidates: (element-type GSocketAddress): where to add, at most 16 in all
 * @ipv6: (nullable): an answer with AAAA records
 * @ipv4: (nullable): an answer with A records
 * @port: the port for each, 1 to 65535
 *
 * Adds the acceptable addresses, the families by turns and IPv6 first, so that a dead family costs
 * one attempt (RFC 8305, section 4). What is there already is not added again.
 */
void
uc_candidates_add(GPtrArray *candidates,
		  const UcDnsAnswer *ipv6,
		  const UcDnsAnswer *ipv4,
		  guint16 port)
{
	guint next_ipv6 = 0;
	guint next_ipv4 = 0;
	gboolean more = TRUE;

	while (more) {
		more = uc_candidates_add_next(candidates, ipv6, &next_ipv6, port);
		more = uc_candidates_add_next(candidates, ipv4, &next_ipv4, port) || more;
	}
}
