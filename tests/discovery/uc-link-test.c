/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-limits.h"
#include "uc-link.h"

static void
uc_link_test_limits(void)
{
	g_autoptr(GPtrArray) links = uc_link_list_new();
	UcLink *link = uc_link_list_add(links, "eth0");

	for (guint i = 0; i < 100; i++) {
		g_autofree gchar *name = g_strdup_printf("192.0.2.%u", i);

		uc_link_add_domain(link, name, UC_DOMAIN_SOURCE_RESOLVED, FALSE);
		uc_link_add_server_text(link, name);
		uc_link_list_ensure(links, name);
	}
	uc_link_add_server_text(link, "here");
	g_assert_cmpuint(link->domains->len, ==, UC_LIMIT_DOMAINS);
	g_assert_cmpuint(link->name_servers->len, ==, UC_LIMIT_NAME_SERVERS);
	g_assert_cmpuint(links->len, ==, UC_LIMIT_LINKS);
	g_assert_null(uc_link_list_add(links, NULL));
	g_assert_null(uc_link_list_ensure(links, "one more"));
	g_assert_true(uc_link_list_ensure(links, "eth0") == link);
}

static void
uc_link_test_match(void)
{
	static const struct {
		const gchar *own;
		const gchar *domain;
		gint match;
	} table[] = {
	    {"corp.example", "corp.example", 12},
	    {"CORP.example.", "room.corp.example", 12},
	    {"~corp.example", "room.corp.example", 12},
	    {"corp.example", "xcorp.example", -1},
	    {"room.corp.example", "corp.example", -1},
	    {"~.", "corp.example", 0},
	    {"~", "corp.example", 0},
	    {".", "corp.example", -1},
	    {"", "corp.example", -1},
	};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GPtrArray) links = uc_link_list_new();
		UcLink *link = uc_link_list_add(links, "eth0");

		g_assert_cmpint(uc_link_match(link, table[i].domain), ==, -1);
		uc_link_add_domain(link, table[i].own, UC_DOMAIN_SOURCE_RESOLVED, FALSE);
		g_assert_cmpint(uc_link_match(link, table[i].domain), ==, table[i].match);
	}
}

static void
uc_link_test_servers(void)
{
	g_autoptr(GPtrArray) links = uc_link_list_new();
	UcLink *link = uc_link_list_add(links, "lo");

	uc_link_add_server_text(link, "192.0.2.1");
	uc_link_add_server_text(link, "192.0.2.1");
	uc_link_add_server_text(link, "fe80::1");
	uc_link_add_server_text(link, "2001:db8::1");
	g_assert_cmpuint(link->name_servers->len, ==, 3);
	/* the loopback interface has index 1 everywhere */
	g_assert_cmpuint(
	    g_inet_socket_address_get_scope_id(g_ptr_array_index(link->name_servers, 1)),
	    ==,
	    1);
	g_assert_cmpuint(
	    g_inet_socket_address_get_scope_id(g_ptr_array_index(link->name_servers, 2)),
	    ==,
	    0);
}

static void
uc_link_test_tunnel(void)
{
	g_assert_false(uc_link_is_tunnel("lo"));
	g_assert_false(uc_link_is_tunnel("no-such-interface-at-all"));
	g_assert_false(uc_link_is_tunnel(""));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/link/limits", uc_link_test_limits);
	g_test_add_func("/link/match", uc_link_test_match);
	g_test_add_func("/link/servers", uc_link_test_servers);
	g_test_add_func("/link/tunnel", uc_link_test_tunnel);
	return g_test_run();
}
