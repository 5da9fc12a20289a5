/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-discover-options.h"
#include "uc-error.h"

static UcDiscoverOptions *
uc_discover_options_test_parse(const gchar *text, GError **error)
{
	g_auto(GStrv) arguments = g_strsplit(text, " ", -1);

	return uc_discover_options_parse(&arguments, error);
}

static void
uc_discover_options_test_refused(void)
{
	static const struct {
		const gchar *text;
		const gchar *message;
	} table[] = {
	    {"x --bogus", "Unknown option --bogus"},
	    {"x --domain", "Missing argument for --domain"},
	    {"x room.example", "'room.example' is not an option*"},
	    {"x --timeout-ms=", "--timeout-ms is ''*"},
	    {"x --timeout-ms=0", "--timeout-ms is '0'*"},
	    {"x --timeout-ms=-1", "--timeout-ms is '-1'*"},
	    {"x --timeout-ms=1s", "--timeout-ms is '1s', expected a number from 1 to 600000"},
	    {"x --timeout-ms=600001", "--timeout-ms is '600001'*"},
	    {"x --timeout-ms=18446744073709551617", "--timeout-ms is*"},
	    {"x --nameserver=", "--nameserver: '' is not a name server*"},
	    {"x --nameserver=192.0.2.1:", "--nameserver: '192.0.2.1:' is not a name server*"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(UcDiscoverOptions) options =
		    uc_discover_options_test_parse(table[i].text, &error);

		g_test_message("%s", table[i].text);
		g_assert_null(options);
		g_assert_nonnull(error);
		if (!g_pattern_match_simple(table[i].message, error->message))
			g_error("%s: %s", table[i].text, error->message);
	}
}

static void
uc_discover_options_test_parsed(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(UcDiscoverOptions) none = uc_discover_options_test_parse("x", &error);
	g_autoptr(UcDiscoverOptions) all = NULL;

	g_assert_no_error(error);
	g_assert_null(none->discovery.domains);
	g_assert_null(none->discovery.name_servers);
	g_assert_cmpuint(none->discovery.timeout_ms, ==, 0);
	g_assert_true(none->discovery.fetch);
	g_assert_false(none->json);
	all =
	    uc_discover_options_test_parse("x --domain=a.example --domain= --domain=\xff "
					   "--nameserver=[::1]:53 --timeout-ms=1 --no-fetch --json",
					   &error);
	g_assert_no_error(error);
	g_assert_cmpuint(g_strv_length(all->discovery.domains), ==, 3);
	g_assert_cmpstr(all->discovery.domains[2], ==, "\xff");
	g_assert_cmpuint(g_strv_length(all->discovery.name_servers), ==, 1);
	g_assert_cmpuint(all->discovery.timeout_ms, ==, 1);
	g_assert_false(all->discovery.fetch);
	g_assert_true(all->json);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/discover-options/refused", uc_discover_options_test_refused);
	g_test_add_func("/discover-options/parsed", uc_discover_options_test_parsed);
	return g_test_run();
}
