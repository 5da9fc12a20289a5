/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-candidates.h"
#include "uc-limits.h"

static UcDnsAnswer *
uc_candidates_test_answer(UcDnsType type, const gchar *const *texts)
{
	UcDnsAnswer *answer = uc_dns_answer_new("a.example", type, UC_DNS_RESULT_NOERROR);

	for (guint i = 0; texts[i] != NULL; i++) {
		UcDnsRecord *record = g_new0(UcDnsRecord, 1);

		record->type = type;
		record->address = g_inet_address_new_from_string(texts[i]);
		g_assert_nonnull(record->address);
		g_ptr_array_add(answer->records, record);
	}
	return answer;
}

static gchar *
uc_candidates_test_join(GPtrArray *candidates)
{
	g_autoptr(GString) joined = g_string_new(NULL);

	for (guint i = 0; i < candidates->len; i++) {
		g_autofree gchar *text =
		    g_socket_connectable_to_string(g_ptr_array_index(candidates, i));

		g_string_append_printf(joined, "%s%s", i > 0 ? " " : "", text);
	}
	return g_string_free(g_steal_pointer(&joined), FALSE);
}

/* both families have a way, so what DNS says decides */
static GInetAddress *
uc_candidates_test_find_source(GInetAddress *destination)
{
	return g_object_ref(destination);
}

static GInetAddress *
uc_candidates_test_find_no_ipv6(GInetAddress *destination)
{
	if (g_inet_address_get_family(destination) == G_SOCKET_FAMILY_IPV6)
		return NULL;
	return g_object_ref(destination);
}

/* a family without a way does not come first */
static void
uc_candidates_test_no_ipv6(void)
{
	static const gchar *const v6[] = {"2001:db8::1", "2001:db8::2", NULL};
	static const gchar *const v4[] = {"192.0.2.1", NULL};
	g_autoptr(UcDnsAnswer) ipv6 = uc_candidates_test_answer(UC_DNS_TYPE_AAAA, v6);
	g_autoptr(UcDnsAnswer) ipv4 = uc_candidates_test_answer(UC_DNS_TYPE_A, v4);
	g_autoptr(GPtrArray) candidates = uc_candidates_new();
	g_autofree gchar *joined = NULL;

	uc_candidates_add(candidates, ipv6, ipv4, 443, uc_candidates_test_find_no_ipv6);
	joined = uc_candidates_test_join(candidates);
	g_assert_cmpstr(joined, ==, "192.0.2.1:443 [2001:db8::1]:443 [2001:db8::2]:443");
}

static void
uc_candidates_test_interleaved(void)
{
	static const gchar *const v6[] = {"2001:db8::1", "fe80::1", "2001:db8::2", NULL};
	static const gchar *const v4[] =
	    {"127.0.0.1", "192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.3", NULL};
	g_autoptr(UcDnsAnswer) ipv6 = uc_candidates_test_answer(UC_DNS_TYPE_AAAA, v6);
	g_autoptr(UcDnsAnswer) ipv4 = uc_candidates_test_answer(UC_DNS_TYPE_A, v4);
	g_autoptr(GPtrArray) candidates = uc_candidates_new();
	g_autofree gchar *joined = NULL;

	uc_candidates_add(candidates, NULL, NULL, 443, uc_candidates_test_find_source);
	g_assert_cmpuint(candidates->len, ==, 0);
	uc_candidates_add(candidates, ipv6, ipv4, 443, uc_candidates_test_find_source);
	uc_candidates_add(candidates,
			  ipv6,
			  ipv4,
			  443,
			  uc_candidates_test_find_source); /* adds nothing */
	joined = uc_candidates_test_join(candidates);
	g_assert_cmpstr(joined,
			==,
			"[2001:db8::1]:443 192.0.2.1:443 [2001:db8::2]:443 192.0.2.2:443 "
			"192.0.2.3:443");
}

static void
uc_candidates_test_limit(void)
{
	static const gchar *const v4[] = {"192.0.2.1", "192.0.2.2", "192.0.2.3", NULL};
	g_autoptr(UcDnsAnswer) ipv4 = uc_candidates_test_answer(UC_DNS_TYPE_A, v4);
	g_autoptr(GPtrArray) candidates = uc_candidates_new();

	for (guint16 port = 1; port <= 10; port++)
		uc_candidates_add(candidates, NULL, ipv4, port, uc_candidates_test_find_source);
	g_assert_cmpuint(candidates->len, ==, UC_LIMIT_ADDRESSES);
}

static void
uc_candidates_test_add_srv(GPtrArray *records, guint16 priority, guint16 weight, guint16 port)
{
	UcDnsRecord *record = g_new0(UcDnsRecord, 1);

	record->type = UC_DNS_TYPE_SRV;
	record->priority = priority;
	record->weight = weight;
	record->port = port; /* names the record in this test */
	g_ptr_array_add(records, record);
}

/* priority always counts; among equal ones the share of the first place is the weight's */
static void
uc_candidates_test_srv_shares(void)
{
	g_autoptr(GPtrArray) records =
	    g_ptr_array_new_with_free_func((GDestroyNotify)uc_dns_record_free);
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);
	guint first[5] = {0};

	uc_candidates_test_add_srv(records, 20, 60000, 4);
	uc_candidates_test_add_srv(records, 10, 10, 1);
	uc_candidates_test_add_srv(records, 10, 30, 2);
	uc_candidates_test_add_srv(records, 10, 0, 3);
	for (guint i = 0; i < 10000; i++) {
		g_autoptr(GPtrArray) ordered = uc_candidates_order_srv(records, rand);

		g_assert_cmpuint(ordered->len, ==, 4);
		g_assert_cmpuint(((UcDnsRecord *)g_ptr_array_index(ordered, 3))->port, ==, 4);
		first[((UcDnsRecord *)g_ptr_array_index(ordered, 0))->port]++;
	}
	g_assert_cmpuint(first[1], >, 2100); /* 10 of 41 chances are 2439 */
	g_assert_cmpuint(first[1], <, 2800);
	g_assert_cmpuint(first[2], >, 6900); /* 30 of 41 chances are 7317 */
	g_assert_cmpuint(first[2], <, 7700);
	g_assert_cmpuint(first[3], >, 100); /* 1 of 41 chances is 244 */
	g_assert_cmpuint(first[3], <, 400);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/candidates/interleaved", uc_candidates_test_interleaved);
	g_test_add_func("/candidates/no-ipv6", uc_candidates_test_no_ipv6);
	g_test_add_func("/candidates/limit", uc_candidates_test_limit);
	g_test_add_func("/candidates/srv-shares", uc_candidates_test_srv_shares);
	return g_test_run();
}
