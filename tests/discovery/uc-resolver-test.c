/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake-dns.h"
#include "uc-resolver.h"

#define NAME	 "ucupdates-r2.room.example"
#define SERVFAIL 2
#define NOTIMP	 4
#define REFUSED	 5

static void
uc_resolver_test_done_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	*(GAsyncResult **)user_data = g_object_ref(result);
}

static UcResolver *
uc_resolver_test_new(FakeDns *first, FakeDns *second)
{
	g_autoptr(GPtrArray) servers = g_ptr_array_new_with_free_func(g_object_unref);
	g_autoptr(GError) error = NULL;
	UcResolver *resolver = NULL;

	g_ptr_array_add(servers, fake_dns_get_address(first));
	if (second != NULL)
		g_ptr_array_add(servers, fake_dns_get_address(second));
	resolver = uc_resolver_new(servers, NULL, &error);
	g_assert_no_error(error);
	return resolver;
}

static UcDnsAnswer *
uc_resolver_test_ask(UcResolver *resolver, const gchar *name, UcDnsType type, guint timeout_ms)
{
	g_autoptr(GAsyncResult) result = NULL;
	g_autoptr(GError) error = NULL;
	UcDnsAnswer *answer = NULL;

	uc_resolver_query_async(resolver,
				name,
				type,
				g_get_monotonic_time() + (gint64)timeout_ms * 1000,
				NULL,
				uc_resolver_test_done_cb,
				&result);
	while (result == NULL)
		g_main_context_iteration(NULL, TRUE);
	answer = uc_resolver_query_finish(resolver, result, &error);
	g_assert_no_error(error);
	return answer;
}

/* what one server says; SERVFAIL and REFUSED stay two things */
static void
uc_resolver_test_failures(void)
{
	static const struct {
		guint rcode;
		UcDnsResult result;
	} table[] = {{SERVFAIL, UC_DNS_RESULT_SERVFAIL},
		     {NOTIMP, UC_DNS_RESULT_SERVFAIL},
		     {REFUSED, UC_DNS_RESULT_REFUSED},
		     {3, UC_DNS_RESULT_NXDOMAIN},
		     {0, UC_DNS_RESULT_NODATA}};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(FakeDns) dns = fake_dns_new();
		g_autoptr(UcResolver) resolver = uc_resolver_test_new(dns, NULL);
		g_autoptr(UcDnsAnswer) answer = NULL;

		fake_dns_set_rcode(dns, NAME, UC_DNS_TYPE_A, table[i].rcode);
		answer = uc_resolver_test_ask(resolver, NAME, UC_DNS_TYPE_A, 5000);
		g_assert_cmpint(answer->result, ==, table[i].result);
		g_assert_cmpuint(answer->records->len, ==, 0);
		g_assert_cmpuint(fake_dns_count_queries(dns, NAME), ==, 1);
	}
}

static void
uc_resolver_test_timeout(void)
{
	g_autoptr(FakeDns) dns = fake_dns_new();
	g_autoptr(UcResolver) resolver = uc_resolver_test_new(dns, NULL);
	g_autoptr(UcDnsAnswer) answer = NULL;

	fake_dns_set_silent(dns, NAME, UC_DNS_TYPE_A);
	answer = uc_resolver_test_ask(resolver, NAME, UC_DNS_TYPE_A, 300);
	g_assert_cmpint(answer->result, ==, UC_DNS_RESULT_TIMEOUT);
	g_assert_cmpuint(answer->elapsed_ms, >=, 300);
	g_assert_cmpuint(answer->elapsed_ms, <, 800);
}

/* a question gets lost: it is asked again after a second */
static void
uc_resolver_test_repeated(void)
{
	g_autoptr(FakeDns) dns = fake_dns_new();
	g_autoptr(UcResolver) resolver = uc_resolver_test_new(dns, NULL);
	g_autoptr(UcDnsAnswer) answer = NULL;

	fake_dns_set_silent(dns, NAME, UC_DNS_TYPE_A);
	answer = uc_resolver_test_ask(resolver, NAME, UC_DNS_TYPE_A, 1300);
	g_assert_cmpint(answer->result, ==, UC_DNS_RESULT_TIMEOUT);
	g_assert_cmpuint(fake_dns_count_queries(dns, NAME), ==, 2);
}

static void
uc_resolver_test_late_answer_counts(void)
{
	g_autoptr(FakeDns) slow = fake_dns_new();
	g_autoptr(FakeDns) silent = fake_dns_new();
	g_autoptr(UcResolver) resolver = uc_resolver_test_new(slow, silent);
	g_autoptr(UcDnsAnswer) answer = NULL;

	fake_dns_add_address(slow, NAME, "192.0.2.1");
	fake_dns_set_delay(slow, NAME, UC_DNS_TYPE_A, UC_RESOLVER_TRY_MS + 200);
	fake_dns_set_silent(silent, NAME, UC_DNS_TYPE_A);
	answer = uc_resolver_test_ask(resolver, NAME, UC_DNS_TYPE_A, 5000);
	g_assert_cmpint(answer->result, ==, UC_DNS_RESULT_NOERROR);
	g_assert_cmpuint(answer->elapsed_ms, <, UC_RESOLVER_TRY_MS + 700);
	g_assert_cmpuint(fake_dns_count_queries(silent, NAME), ==, 1);
}

static void
uc_resolver_test_fail_over(void)
{
	g_autoptr(FakeDns) bad = fake_dns_new();
	g_autoptr(FakeDns) good = fake_dns_new();
	g_autoptr(UcResolver) resolver = uc_resolver_test_new(bad, good);
	g_autoptr(UcDnsAnswer) answer = NULL;
	g_autoptr(UcDnsAnswer) second = NULL;

	fake_dns_set_rcode(bad, NAME, UC_DNS_TYPE_A, SERVFAIL);
	fake_dns_set_rcode(bad, NAME, UC_DNS_TYPE_AAAA, SERVFAIL);
	fake_dns_add_address(good, NAME, "192.0.2.1");
	answer = uc_resolver_test_ask(resolver, NAME, UC_DNS_TYPE_A, 5000);
	g_assert_cmpint(answer->result, ==, UC_DNS_RESULT_NOERROR);
	g_assert_cmpuint(answer->elapsed_ms, <, 500);
	/* from now on the one that answered is asked first */
	second = uc_resolver_test_ask(resolver, NAME, UC_DNS_TYPE_AAAA, 5000);
	g_assert_cmpint(second->result, ==, UC_DNS_RESULT_NXDOMAIN);
	g_assert_cmpuint(fake_dns_count_queries(bad, NAME), ==, 1);
}

static void
uc_resolver_test_all_fail(void)
{
	g_autoptr(FakeDns) one = fake_dns_new();
	g_autoptr(FakeDns) two = fake_dns_new();
	g_autoptr(UcResolver) resolver = uc_resolver_test_new(one, two);
	g_autoptr(UcDnsAnswer) answer = NULL;

	fake_dns_set_rcode(one, NAME, UC_DNS_TYPE_A, REFUSED);
	fake_dns_set_rcode(two, NAME, UC_DNS_TYPE_A, SERVFAIL);
	answer = uc_resolver_test_ask(resolver, NAME, UC_DNS_TYPE_A, 5000);
	g_assert_cmpint(answer->result, ==, UC_DNS_RESULT_REFUSED);
	g_assert_cmpuint(answer->elapsed_ms, <, 500);
	g_assert_cmpuint(fake_dns_count_queries(one, NAME), ==, 1);
	g_assert_cmpuint(fake_dns_count_queries(two, NAME), ==, 1);
}

static void
uc_resolver_test_answers(void)
{
	g_autoptr(FakeDns) dns = fake_dns_new();
	g_autoptr(UcResolver) resolver = uc_resolver_test_new(dns, NULL);
	g_autoptr(UcDnsAnswer) answer = NULL;
	const UcDnsRecord *record = NULL;
	g_autofree gchar *address = NULL;

	fake_dns_add_address(dns, NAME, "2001:db8::1");
	answer = uc_resolver_test_ask(resolver, NAME, UC_DNS_TYPE_AAAA, 5000);
	g_assert_cmpint(answer->result, ==, UC_DNS_RESULT_NOERROR);
	g_assert_true(answer->authenticated); /* the server is on a loopback address */
	g_assert_cmpuint(answer->records->len, ==, 1);
	record = g_ptr_array_index(answer->records, 0);
	address = g_inet_address_to_string(record->address);
	g_assert_cmpstr(address, ==, "2001:db8::1");
	g_assert_cmpuint(record->ttl_secs, ==, 300);
}

static void
uc_resolver_test_cancelled(void)
{
	g_autoptr(FakeDns) dns = fake_dns_new();
	g_autoptr(UcResolver) resolver = uc_resolver_test_new(dns, NULL);
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autoptr(GAsyncResult) result = NULL;
	g_autoptr(GError) error = NULL;
	UcDnsAnswer *answer = NULL;

	fake_dns_set_delay(dns, NAME, UC_DNS_TYPE_A, 100);
	uc_resolver_query_async(resolver,
				NAME,
				UC_DNS_TYPE_A,
				g_get_monotonic_time() + 5 * G_USEC_PER_SEC,
				cancellable,
				uc_resolver_test_done_cb,
				&result);
	g_cancellable_cancel(cancellable);
	while (result == NULL)
		g_main_context_iteration(NULL, TRUE);
	answer = uc_resolver_query_finish(resolver, result, &error);
	g_assert_null(answer);
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
	/* the resolver goes while c-ares still waits */
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/resolver/failures", uc_resolver_test_failures);
	g_test_add_func("/resolver/timeout", uc_resolver_test_timeout);
	g_test_add_func("/resolver/repeated", uc_resolver_test_repeated);
	g_test_add_func("/resolver/all-fail", uc_resolver_test_all_fail);
	g_test_add_func("/resolver/cancelled", uc_resolver_test_cancelled);
	g_test_add_func("/resolver/fail-over", uc_resolver_test_fail_over);
	g_test_add_func("/resolver/late-answer-counts", uc_resolver_test_late_answer_counts);
	g_test_add_func("/resolver/answers", uc_resolver_test_answers);
	return g_test_run();
}
