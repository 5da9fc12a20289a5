/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake-dns.h"
#include "uc-lookup.h"

#define DOMAIN	 "room.example"
#define NAME	 "ucupdates-r2.room.example"
#define OLD_NAME "ucupdates.room.example"
#define SRV	 "_ucupdates._tcp.room.example"
#define SERVFAIL 2

static void
uc_lookup_test_done_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	*(GAsyncResult **)user_data = g_object_ref(result);
}

static UcLookup *
uc_lookup_test_run_names(FakeDns *dns, gboolean ask_old_name, guint timeout_ms)
{
	g_autoptr(GPtrArray) servers = g_ptr_array_new_with_free_func(g_object_unref);
	g_autoptr(UcResolver) resolver = NULL;
	g_autoptr(GAsyncResult) result = NULL;
	g_autoptr(GError) error = NULL;
	UcLookup *lookup = NULL;

	g_ptr_array_add(servers, fake_dns_get_address(dns));
	resolver = uc_resolver_new(servers, NULL, &error);
	g_assert_no_error(error);
	uc_lookup_run_async(resolver,
			    DOMAIN,
			    ask_old_name,
			    g_get_monotonic_time() + (gint64)timeout_ms * 1000,
			    NULL,
			    uc_lookup_test_done_cb,
			    &result);
	while (result == NULL)
		g_main_context_iteration(NULL, TRUE);
	lookup = uc_lookup_run_finish(resolver, result, &error);
	g_assert_no_error(error);
	return lookup;
}

static UcLookup *
uc_lookup_test_run(FakeDns *dns, guint timeout_ms)
{
	return uc_lookup_test_run_names(dns, FALSE, timeout_ms);
}

static gchar *
uc_lookup_test_join(const UcLookup *lookup)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_auto(GStrv) parts = NULL;

	for (guint i = 0; i < lookup->candidates->len; i++) {
		g_autofree gchar *part =
		    g_socket_connectable_to_string(g_ptr_array_index(lookup->candidates, i));

		g_strv_builder_add(builder, part);
	}
	parts = g_strv_builder_end(builder);
	return g_strjoinv(" ", parts);
}

static void
uc_lookup_test_nothing(void)
{
	g_autoptr(FakeDns) dns = fake_dns_new();
	g_autoptr(UcLookup) lookup = uc_lookup_test_run(dns, 5000);

	g_assert_cmpuint(lookup->candidates->len, ==, 0);
	g_assert_false(lookup->is_incomplete);
	g_assert_false(lookup->is_declined);
	g_assert_cmpuint(lookup->answers->len, ==, 3);
}

static void
uc_lookup_test_incomplete(void)
{
	g_autoptr(FakeDns) dns = fake_dns_new();
	g_autoptr(UcLookup) lookup = NULL;

	fake_dns_set_rcode(dns, NAME, UC_DNS_TYPE_AAAA, SERVFAIL);
	lookup = uc_lookup_test_run(dns, 5000);
	g_assert_cmpuint(lookup->candidates->len, ==, 0);
	g_assert_true(lookup->is_incomplete);
}

static void
uc_lookup_test_declined(void)
{
	g_autoptr(FakeDns) dns = fake_dns_new();
	g_autoptr(UcLookup) lookup = NULL;

	fake_dns_add_address(dns, NAME, "192.0.2.1");
	fake_dns_add_srv(dns, SRV, 0, 0, 0, "");
	lookup = uc_lookup_test_run(dns, 5000);
	g_assert_true(lookup->is_declined);
	g_assert_cmpuint(lookup->candidates->len, ==, 0);
}

static void
uc_lookup_test_outside(void)
{
	g_autoptr(FakeDns) dns = fake_dns_new();
	g_autoptr(UcLookup) lookup = NULL;

	fake_dns_add_srv(dns, SRV, 0, 0, 443, "www.broom.example");
	fake_dns_add_srv(dns, SRV, 0, 0, 443, "a_b.room.example");
	fake_dns_add_address(dns, "www.broom.example", "192.0.2.1");
	lookup = uc_lookup_test_run(dns, 5000);
	g_assert_cmpuint(lookup->candidates->len, ==, 0);
	g_assert_cmpuint(lookup->refusals->len, ==, 2);
	g_assert_cmpuint(fake_dns_count_queries(dns, "www.broom.example"), ==, 0);
	g_assert_cmpuint(fake_dns_count_queries(dns, "a_b.room.example"), ==, 0);
}

static void
uc_lookup_test_forbidden(void)
{
	g_autoptr(FakeDns) dns = fake_dns_new();
	g_autoptr(UcLookup) lookup = NULL;
	g_autofree gchar *joined = NULL;

	fake_dns_add_address(dns, NAME, "127.0.0.1");
	fake_dns_add_address(dns, NAME, "192.0.2.1");
	lookup = uc_lookup_test_run(dns, 5000);
	joined = uc_lookup_test_join(lookup);
	g_assert_cmpstr(joined, ==, "192.0.2.1:443");
	g_assert_cmpuint(lookup->refusals->len, ==, 1);
}

/* what comes later than the grace holds nothing up, and is told as a time-out */
static void
uc_lookup_test_srv_dropped(void)
{
	g_autoptr(FakeDns) dns = fake_dns_new();
	g_autoptr(UcLookup) lookup = NULL;
	const UcDnsAnswer *srv = NULL;
	gint64 begin_usec = g_get_monotonic_time();
	gint64 elapsed_ms = 0;

	fake_dns_add_address(dns, NAME, "192.0.2.1");
	fake_dns_set_silent(dns, SRV, UC_DNS_TYPE_SRV);
	lookup = uc_lookup_test_run(dns, 5000);
	elapsed_ms = (g_get_monotonic_time() - begin_usec) / 1000;
	g_assert_cmpint(elapsed_ms, >=, UC_LOOKUP_GRACE_MS);
	g_assert_cmpint(elapsed_ms, <, UC_LOOKUP_GRACE_MS + 300);
	g_assert_cmpuint(lookup->candidates->len, ==, 1);
	srv = g_ptr_array_index(lookup->answers, 2);
	g_assert_cmpint(srv->result, ==, UC_DNS_RESULT_TIMEOUT);
	g_assert_cmpuint(srv->elapsed_ms, <, UC_LOOKUP_GRACE_MS + 300);
}

/* an SRV answer that fails holds nothing up at all */
static void
uc_lookup_test_srv_fails(void)
{
	g_autoptr(FakeDns) dns = fake_dns_new();
	g_autoptr(UcLookup) lookup = NULL;
	gint64 begin_usec = g_get_monotonic_time();

	fake_dns_add_address(dns, NAME, "192.0.2.1");
	fake_dns_set_rcode(dns, SRV, UC_DNS_TYPE_SRV, SERVFAIL);
	lookup = uc_lookup_test_run(dns, 5000);
	g_assert_cmpint((g_get_monotonic_time() - begin_usec) / 1000, <, UC_LOOKUP_GRACE_MS);
	g_assert_cmpuint(lookup->candidates->len, ==, 1);
}

static void
uc_lookup_test_srv_first(void)
{
	g_autoptr(FakeDns) dns = fake_dns_new();
	g_autoptr(UcLookup) lookup = NULL;
	g_autofree gchar *joined = NULL;

	fake_dns_add_address(dns, NAME, "192.0.2.1");
	fake_dns_add_address(dns, NAME, "192.0.2.4");
	fake_dns_add_address(dns, "two.room.example", "192.0.2.2");
	fake_dns_add_address(dns, "three.room.example", "192.0.2.3");
	fake_dns_add_srv(dns, SRV, 20, 0, 8443, "three.room.example");
	fake_dns_add_srv(dns, SRV, 10, 0, 4443, "Two.Room.Example");
	fake_dns_set_delay(dns, SRV, UC_DNS_TYPE_SRV, 50);
	lookup = uc_lookup_test_run(dns, 5000);
	joined = uc_lookup_test_join(lookup);
	g_assert_cmpstr(joined, ==, "192.0.2.2:4443 192.0.2.3:8443 192.0.2.1:443 192.0.2.4:443");
	g_assert_true(lookup->is_authenticated);
}

static void
uc_lookup_test_cname(void)
{
	g_autoptr(FakeDns) dns = fake_dns_new();
	g_autoptr(UcLookup) lookup = NULL;

	/* the chain's end is not in the answer: no data, and nothing else is asked */
	fake_dns_add_cname(dns, NAME, UC_DNS_TYPE_A, "www.other.example");
	lookup = uc_lookup_test_run(dns, 5000);
	g_assert_cmpuint(lookup->candidates->len, ==, 0);
	g_assert_false(lookup->is_incomplete);
	g_assert_cmpuint(fake_dns_count_queries(dns, "www.other.example"), ==, 0);
}

static void
uc_lookup_test_deadline(void)
{
	g_autoptr(FakeDns) dns = fake_dns_new();
	g_autoptr(UcLookup) lookup = NULL;

	fake_dns_set_silent(dns, NAME, UC_DNS_TYPE_A);
	lookup = uc_lookup_test_run(dns, 250);
	g_assert_true(lookup->is_incomplete);
	g_assert_cmpuint(lookup->candidates->len, ==, 0);
}

/* found: the least of the records; not found: the least of the negative answers; both clamped */
static void
uc_lookup_test_ttl(void)
{
	static const struct {
		guint32 address_secs;
		guint32 srv_secs;
		guint32 negative_secs[3]; /* AAAA, A, SRV */
		guint32 ttl_secs;
	} table[] = {
	    {0, 0, {0, 0, 0}, 60},
	    {0, 0, {900, 600, 0}, 60},
	    {0, 0, {900, 600, 700}, 600},
	    {0, 0, {900, 5, 700}, 60},
	    {0, 0, {1000000, 900000, 800000}, 86400},
	    {300, 0, {5, 0, 5}, 300},
	    {1, 0, {0, 0, 0}, 60},
	    {0x7fffffff, 0, {0, 0, 0}, 86400},
	    {1000, 500, {0, 0, 0}, 500},
	};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(FakeDns) dns = fake_dns_new();
		g_autoptr(UcLookup) lookup = NULL;

		fake_dns_set_negative_ttl(dns, NAME, UC_DNS_TYPE_AAAA, table[i].negative_secs[0]);
		fake_dns_set_negative_ttl(dns, NAME, UC_DNS_TYPE_A, table[i].negative_secs[1]);
		fake_dns_set_negative_ttl(dns, SRV, UC_DNS_TYPE_SRV, table[i].negative_secs[2]);
		fake_dns_set_ttl(dns, table[i].address_secs);
		if (table[i].address_secs > 0)
			fake_dns_add_address(dns, NAME, "192.0.2.1");
		fake_dns_set_ttl(dns, table[i].srv_secs);
		if (table[i].srv_secs > 0)
			fake_dns_add_srv(dns, SRV, 0, 0, 443, NAME);
		lookup = uc_lookup_test_run(dns, 5000);
		g_test_message("row %u", i);
		g_assert_cmpuint(lookup->ttl_secs, ==, table[i].ttl_secs);
	}
}

/* asked only where it is wanted; its addresses come last, and what it lacks holds nothing up */
static void
uc_lookup_test_old_name(void)
{
	g_autoptr(FakeDns) dns = fake_dns_new();
	g_autoptr(UcLookup) without = NULL;
	g_autoptr(UcLookup) with = NULL;
	g_autofree gchar *text = NULL;

	fake_dns_add_address(dns, OLD_NAME, "192.0.2.1");
	without = uc_lookup_test_run(dns, 5000);
	g_assert_cmpuint(without->candidates->len, ==, 0);
	g_assert_cmpuint(fake_dns_count_queries(dns, OLD_NAME), ==, 0);

	fake_dns_add_address(dns, NAME, "192.0.2.2");
	with = uc_lookup_test_run_names(dns, TRUE, 5000);
	text = uc_lookup_test_join(with);
	g_assert_cmpstr(text, ==, "192.0.2.2:443 192.0.2.1:443");
	g_assert_cmpuint(fake_dns_count_queries(dns, OLD_NAME), ==, 2);
}

static void
uc_lookup_test_old_name_alone(void)
{
	g_autoptr(FakeDns) dns = fake_dns_new();
	g_autoptr(UcLookup) lookup = NULL;
	g_autofree gchar *text = NULL;

	fake_dns_set_silent(dns, SRV, UC_DNS_TYPE_SRV);
	fake_dns_add_address(dns, OLD_NAME, "192.0.2.1");
	lookup = uc_lookup_test_run_names(dns, TRUE, 5000);
	text = uc_lookup_test_join(lookup);
	g_assert_cmpstr(text, ==, "192.0.2.1:443");
	g_assert_cmpstr(lookup->name, ==, NAME);
}

/* "." says that there is no service, under any name */
static void
uc_lookup_test_old_name_declined(void)
{
	g_autoptr(FakeDns) dns = fake_dns_new();
	g_autoptr(UcLookup) lookup = NULL;

	fake_dns_add_address(dns, OLD_NAME, "192.0.2.1");
	fake_dns_add_srv(dns, SRV, 0, 0, 0, "");
	lookup = uc_lookup_test_run_names(dns, TRUE, 5000);
	g_assert_true(lookup->is_declined);
	g_assert_cmpuint(lookup->candidates->len, ==, 0);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/lookup/nothing", uc_lookup_test_nothing);
	g_test_add_func("/lookup/incomplete", uc_lookup_test_incomplete);
	g_test_add_func("/lookup/declined", uc_lookup_test_declined);
	g_test_add_func("/lookup/outside", uc_lookup_test_outside);
	g_test_add_func("/lookup/forbidden", uc_lookup_test_forbidden);
	g_test_add_func("/lookup/deadline", uc_lookup_test_deadline);
	g_test_add_func("/lookup/srv-dropped", uc_lookup_test_srv_dropped);
	g_test_add_func("/lookup/srv-fails", uc_lookup_test_srv_fails);
	g_test_add_func("/lookup/srv-first", uc_lookup_test_srv_first);
	g_test_add_func("/lookup/cname", uc_lookup_test_cname);
	g_test_add_func("/lookup/ttl", uc_lookup_test_ttl);
	g_test_add_func("/lookup/old-name", uc_lookup_test_old_name);
	g_test_add_func("/lookup/old-name/alone", uc_lookup_test_old_name_alone);
	g_test_add_func("/lookup/old-name/declined", uc_lookup_test_old_name_declined);
	return g_test_run();
}
