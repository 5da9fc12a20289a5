/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake-dns.h"
#include "uc-discovery.h"
#include "uc-error.h"

#define NAME "ucupdates-r2.room.example"

static void
uc_discovery_test_done_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	*(GAsyncResult **)user_data = g_object_ref(result);
}

static UcDiscovery *
uc_discovery_test_run(FakeDns *dns,
		      const gchar *const *domains,
		      GCancellable *cancellable,
		      gboolean cancel,
		      GError **error)
{
	g_autoptr(GAsyncResult) result = NULL;
	g_autoptr(GInetSocketAddress) address = fake_dns_get_address(dns);
	g_autofree gchar *server = g_socket_connectable_to_string(G_SOCKET_CONNECTABLE(address));
	gchar *servers[] = {server, NULL};
	UcDiscoveryOptions options = {
	    .domains = (GStrv)domains,
	    .name_servers = servers,
	    .timeout_ms = 2000,
	};

	uc_discovery_run_async(&options, cancellable, uc_discovery_test_done_cb, &result);
	if (cancel) {
		/* in the middle: the questions are out */
		while (fake_dns_count_queries(dns, NAME) == 0)
			g_main_context_iteration(NULL, TRUE);
		g_cancellable_cancel(cancellable);
	}
	while (result == NULL)
		g_main_context_iteration(NULL, TRUE);
	return uc_discovery_run_finish(result, error);
}

static void
uc_discovery_test_cancelled(void)
{
	static const gchar *const domains[] = {"room.example", "b.example", "co.uk", NULL};
	g_autoptr(FakeDns) dns = fake_dns_new();
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(UcDiscovery) discovery = NULL;
	g_autoptr(UcDiscovery) again = NULL;

	fake_dns_set_silent(dns, NAME, UC_DNS_TYPE_A);
	discovery = uc_discovery_test_run(dns, domains, cancellable, TRUE, &error);
	g_assert_null(discovery);
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
	g_clear_error(&error);
	/* cancelled before it begins */
	again = uc_discovery_test_run(dns, domains, cancellable, FALSE, &error);
	g_assert_null(again);
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
uc_discovery_test_refused(void)
{
	static const gchar *const domains[] = {"co.uk", "", NULL};
	g_autoptr(FakeDns) dns = fake_dns_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(UcDiscovery) discovery = uc_discovery_test_run(dns, domains, NULL, FALSE, &error);

	g_assert_no_error(error);
	g_assert_cmpint(uc_discovery_get_outcome(discovery), ==, UC_OUTCOME_REFUSED);
	g_assert_null(uc_discovery_get_service(discovery));
	g_assert_true(
	    g_error_matches(uc_discovery_get_error(discovery), UC_ERROR, UC_ERROR_REFUSED));
	g_assert_cmpuint(fake_dns_count_queries(dns, "ucupdates-r2.co.uk"), ==, 0);
}

/* a later domain that is found first waits for the one before it */
static void
uc_discovery_test_order(void)
{
	static const gchar *const domains[] = {"room.example", "b.example", NULL};
	g_autoptr(FakeDns) dns = fake_dns_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(UcDiscovery) discovery = NULL;
	g_autoptr(JsonObject) object = NULL;

	fake_dns_add_address(dns, NAME, "192.0.2.1");
	fake_dns_set_delay(dns, NAME, UC_DNS_TYPE_A, 400);
	fake_dns_add_address(dns, "ucupdates-r2.b.example", "192.0.2.2");
	discovery = uc_discovery_test_run(dns, domains, NULL, FALSE, &error);
	g_assert_no_error(error);
	g_assert_cmpint(uc_discovery_get_outcome(discovery), ==, UC_OUTCOME_FOUND);
	object = uc_discovery_to_json(discovery);
	g_assert_cmpstr(json_object_get_string_member(object, "domain"), ==, "room.example");
	g_assert_cmpuint(uc_discovery_get_elapsed_ms(discovery), >=, 400);
}

/* the first domain that is found does not wait for a later one */
static void
uc_discovery_test_first_found(void)
{
	static const gchar *const domains[] = {"b.example", "room.example", NULL};
	g_autoptr(FakeDns) dns = fake_dns_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(UcDiscovery) discovery = NULL;

	fake_dns_set_silent(dns, NAME, UC_DNS_TYPE_A);
	fake_dns_add_address(dns, "ucupdates-r2.b.example", "192.0.2.2");
	discovery = uc_discovery_test_run(dns, domains, NULL, FALSE, &error);
	g_assert_no_error(error);
	g_assert_cmpint(uc_discovery_get_outcome(discovery), ==, UC_OUTCOME_FOUND);
	g_assert_cmpuint(uc_discovery_get_elapsed_ms(discovery), <, 1000);
}

int
main(int argc, char **argv)
{
	g_setenv("UCUPDATES_SYSCONFDIR", "/nonexistent", TRUE);
	g_setenv("UCUPDATES_VENDORDIR", "/nonexistent", TRUE);
	g_setenv("UCUPDATES_RESOLV_CONF", "/nonexistent", TRUE);
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/discovery/cancelled", uc_discovery_test_cancelled);
	g_test_add_func("/discovery/refused", uc_discovery_test_refused);
	g_test_add_func("/discovery/order", uc_discovery_test_order);
	g_test_add_func("/discovery/first-found", uc_discovery_test_first_found);
	return g_test_run();
}
