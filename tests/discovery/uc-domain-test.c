/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-domain.h"
#include "uc-error.h"

static void
uc_domain_test_refused(void)
{
	static const struct {
		const gchar *text;
		const gchar *message;
	} table[] = {
	    {"", "*it is empty"},
	    {".", "*not a legal host name"},
	    {"example", "*single label"},
	    {"example.", "*single label"},
	    {"a..example", "*not a legal host name"},
	    {".a.example", "*not a legal host name"},
	    {"a.example..", "*not a legal host name"},
	    {"-a.example", "*not a legal host name"},
	    {"a-.example", "*not a legal host name"},
	    {"a_b.example", "*not a legal host name"},
	    {"a b.example", "*not a legal host name"},
	    {"a.example\n", "*not a legal host name"},
	    {"a.example/x", "*not a legal host name"},
	    {"user@a.example", "*expected a domain, which is what comes after the @"},
	    {"https://a.example/", "*it is a URL, expected a domain such as room.example"},
	    {"*.example", "*not a legal host name"},
	    {"\xff\xfe.example", "*not a legal host name"},
	    {"xn--\xc3\xa4.example", "*not a legal host name"},
	    {"192.0.2.1", "*it is an IP address"},
	    {"::1", "*it is an IP address"},
	    {"2001:db8::1", "*it is an IP address"},
	    {"192.0.2.1.", "*reads as an IP address"},
	    {"1.2.3", "*reads as an IP address"},
	    {"127.0x1", "*reads as an IP address"},
	    {"room.0x", "*reads as an IP address"},
	    {"room.local", "*names in 'local'*"},
	    {"ROOM.LOCALHOST.", "*names in 'localhost'*"},
	    {"x.invalid", "*names in 'invalid'*"},
	    {"x.onion", "*names in 'onion'*"},
	    {"x.alt", "*names in 'alt'*"},
	    {"home.arpa", "*names in 'arpa'*"},
	    {"2.0.192.in-addr.arpa", "*names in 'arpa'*"},
	    {"local", "*names in 'local'*"},
	    {"co.uk", "*public suffix*"},
	    {"CO.UK", "*public suffix*"},
	    {"co.uk.", "*public suffix*"},
	    {"GITHUB.IO.", "*public suffix*"},
	    {"anything.ck", "*public suffix*"},			/* *.ck */
	    {"\xe5\x85\xac\xe5\x8f\xb8.cn", "*public suffix*"}, /* U+516C U+53F8 */
	    {"xn--55qx5d.cn", "*public suffix*"},
	    {"co\xe3\x80\x82uk", "*public suffix*"}, /* an ideographic full stop */
	    {"\xef\xbd\x83o.uk", "*public suffix*"}, /* a full-width c */
	};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree gchar *domain = uc_domain_canonicalise(table[i].text, NULL, &error);

		g_assert_null(domain);
		g_assert_error(error, UC_ERROR, UC_ERROR_REFUSED);
		if (!g_pattern_match_simple(table[i].message, error->message))
			g_error("'%s': %s", table[i].text, error->message);
	}
}

static void
uc_domain_test_canonical(void)
{
	static const struct {
		const gchar *text;
		const gchar *domain;
	} table[] = {
	    {"room.example", "room.example"},
	    {"ROOM.Example.", "room.example"},
	    {"a.b.c.example", "a.b.c.example"},
	    {"example.co.uk", "example.co.uk"},
	    {"www.ck", "www.ck"}, /* !www.ck */
	    {"acme.github.io", "acme.github.io"},
	    {"3com.example", "3com.example"},
	    {"localhost.example", "localhost.example"},
	    {"notlocal.example", "notlocal.example"},
	    {"m\xc3\xbcnchen.example", "xn--mnchen-3ya.example"},
	    {"M\xc3\x9cNCHEN.example", "xn--mnchen-3ya.example"},
	    {"XN--MNCHEN-3YA.example", "xn--mnchen-3ya.example"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree gchar *domain = uc_domain_canonicalise(table[i].text, NULL, &error);
		g_autofree gchar *again = NULL;

		g_assert_no_error(error);
		g_assert_cmpstr(domain, ==, table[i].domain);
		again = uc_domain_canonicalise(domain, NULL, &error);
		g_assert_cmpstr(again, ==, domain);
	}
}

/* 237 octets fit, so that the SRV name has 253; 238 do not */
static void
uc_domain_test_length(void)
{
	g_autoptr(GString) text = g_string_new("example");
	g_autofree gchar *srv = NULL;
	g_autofree gchar *fits = NULL;
	g_autofree gchar *refused = NULL;
	g_autoptr(GError) error = NULL;

	while (text->len < 235)
		g_string_prepend(text, "a.");
	g_string_prepend(text, text->len == 235 ? "a." : "");
	g_assert_cmpuint(text->len, ==, 237);
	fits = uc_domain_canonicalise(text->str, NULL, &error);
	g_assert_no_error(error);
	srv = uc_domain_get_srv_name(fits);
	g_assert_cmpuint(strlen(srv), ==, 253);
	g_string_prepend(text, "b");
	refused = uc_domain_canonicalise(text->str, NULL, &error);
	g_assert_null(refused);
	g_assert_error(error, UC_ERROR, UC_ERROR_REFUSED);
}

static void
uc_domain_test_contains(void)
{
	g_assert_false(uc_domain_contains("room.example", "example"));
	g_assert_false(uc_domain_contains("room.example", "broom.example"));
	g_assert_false(uc_domain_contains("room.example", "room.example.org"));
	g_assert_false(uc_domain_contains("room.example", ""));
	g_assert_true(uc_domain_contains("room.example", "room.example"));
	g_assert_true(uc_domain_contains("room.example", "a.b.room.example"));
}

/* only what no organisation can own, and what cannot be asked, is no value of AllowedDomains= */
static void
uc_domain_test_allowed_malformed(void)
{
	static const gchar *const table[] = {"",
					     ".",
					     "a b",
					     "192.0.2.1",
					     "1.2",
					     "a.0x1f",
					     "localhost",
					     "a.localhost.",
					     "a.invalid",
					     "x.ONION",
					     "a.alt",
					     "*.corp.local",
					     "::1"};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree gchar *domain = uc_domain_canonicalise_allowed(table[i], &error);

		g_assert_null(domain);
		g_assert_error(error, UC_ERROR, UC_ERROR_REFUSED);
	}
}

/* exactly the name, in any spelling, and nothing below or above it */
static void
uc_domain_test_allowed(void)
{
	static const gchar *const allowed[] =
	    {"corp.local", "co.uk", "corp", "xn--55qx5d.cn", "a.onion", NULL};
	static const struct {
		const gchar *text;
		const gchar *domain;
	} table[] = {
	    {"a.onion", NULL},
	    {"local", NULL},
	    {"room.corp.local", NULL},
	    {"xcorp.local", NULL},
	    {"org.uk", NULL},
	    {"corp.local", "corp.local"},
	    {"CORP.Local.", "corp.local"},
	    {"co.uk", "co.uk"},
	    {"corp", "corp"},
	    {"公司.cn", "xn--55qx5d.cn"},
	    {"a.co.uk", "a.co.uk"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree gchar *domain = uc_domain_canonicalise(table[i].text, allowed, &error);
		g_autofree gchar *value = NULL;

		g_test_message("%s", table[i].text);
		g_assert_cmpstr(domain, ==, table[i].domain);
		if (domain == NULL) {
			g_assert_error(error, UC_ERROR, UC_ERROR_REFUSED);
			continue;
		}
		value = uc_domain_canonicalise_allowed(table[i].text, &error);
		g_assert_cmpstr(value, ==, domain);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/domain/refused", uc_domain_test_refused);
	g_test_add_func("/domain/canonical", uc_domain_test_canonical);
	g_test_add_func("/domain/length", uc_domain_test_length);
	g_test_add_func("/domain/contains", uc_domain_test_contains);
	g_test_add_func("/domain/allowed-malformed", uc_domain_test_allowed_malformed);
	g_test_add_func("/domain/allowed", uc_domain_test_allowed);
	return g_test_run();
}
