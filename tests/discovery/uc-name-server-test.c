/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-error.h"
#include "uc-name-server.h"

static void
uc_name_server_test_malformed(void)
{
	static const gchar *const table[] = {"",
					     "here",
					     "192.0.2",
					     "192.0.2.1:",
					     "192.0.2.1:0",
					     "192.0.2.1:65536",
					     "192.0.2.1:53x",
					     "192.0.2.1:+53",
					     "[192.0.2.1]:53",
					     "[::1",
					     "[::1]x",
					     "[::1]:",
					     "[]:53",
					     "]",
					     "::1]:53",
					     "fe80::1%",
					     "fe80::1%nowhere",
					     "fe80::1%0",
					     "2001:db8::1%lo",
					     "192.0.2.1%lo",
					     "2001:db8::1:99999"};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GInetSocketAddress) server = uc_name_server_parse(table[i], &error);

		g_test_message("%s", table[i]);
		g_assert_null(server);
		g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
		g_assert_true(g_pattern_match_simple("* is not a name server, *", error->message));
	}
}

static void
uc_name_server_test_parsed(void)
{
	static const struct {
		const gchar *text;
		const gchar *address;
		guint port;
	} table[] = {
	    {"192.0.2.1", "192.0.2.1", 53},
	    {"192.0.2.1:5353", "192.0.2.1", 5353},
	    {"::1", "::1", 53},
	    {"[::1]", "::1", 53},
	    {"[::1]:53", "::1", 53},
	    {"[2001:db8::1]:65535", "2001:db8::1", 65535},
	    {"fe80::1%lo", "fe80::1", 53},
	    {"[fe80::1%1]:5353", "fe80::1", 5353},
	};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GInetSocketAddress) server = uc_name_server_parse(table[i].text, &error);
		g_autofree gchar *address = NULL;

		g_assert_no_error(error);
		address = g_inet_address_to_string(g_inet_socket_address_get_address(server));
		g_assert_cmpstr(address, ==, table[i].address);
		g_assert_cmpuint(g_inet_socket_address_get_port(server), ==, table[i].port);
	}
}

static void
uc_name_server_test_too_many(void)
{
	static const gchar *const texts[] =
	    {"::1", "::2", "::3", "::4", "::5", "::6", "::7", "::8", "::9", NULL};
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) none = uc_name_server_parse_all(texts, &error);
	g_autoptr(GPtrArray) eight = NULL;

	g_assert_null(none);
	g_assert_error(error, UC_ERROR, UC_ERROR_LIMIT);
	g_clear_error(&error);
	eight = uc_name_server_parse_all(texts + 1, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(eight->len, ==, 8);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/name-server/malformed", uc_name_server_test_malformed);
	g_test_add_func("/name-server/parsed", uc_name_server_test_parsed);
	g_test_add_func("/name-server/too-many", uc_name_server_test_too_many);
	return g_test_run();
}
