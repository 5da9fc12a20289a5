/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-redact.h"

static void
test_names(void)
{
	static const struct {
		const gchar *text;
		const gchar *expected;
	} rows[] = {
	    {"", ""},
	    {"Password=hunter22\nIdleSec=5\n", "Password=(private)\nIdleSec=5\n"},
	    {"  password = hunter 22\n", "  password = (private)\n"},
	    {"{ \"Password\" : \"hunter\\\"22\", \"a\" : 1 }",
	     "{ \"Password\" : \"(private)\", \"a\" : 1 }"},
	    {"{\"password\":\"x\"}", "{\"password\":\"(private)\"}"},
	    {"User=alice\nHello alice\n", "User=(private)\nHello alice\n"},
	    {"Pin=sha256//abc\n", "Pin=sha256//abc\n"},
	    {"ClientPin=123456\n123456", "ClientPin=(private)\n(private)"},
	    {"Serial=AC0001\n", "Serial=(private)\n"},
	    {"\"serial\" : 1763830000", "\"serial\" : 1763830000"},
	    {"SerialFile=/sys/x\n", "SerialFile=/sys/x\n"},
	    {"MacAddress=00:04:f2:00:00:01", "MacAddress=(private)"},
	    {"at 00:04:F2:00:00:01 and 10:20:30", "at (private) and 10:20:30"},
	    {"https://alice:hunter22@host/x", "https://(private)@host/x"},
	    {"pkcs11:token=a;pin-value=1234&x=y", "pkcs11:token=a;pin-value=(private)&x=y"},
	    {"> Authorization: Basic YWxpY2U6eA==\n", "> Authorization: (private)\n"},
	    {"-----BEGIN EC PRIVATE KEY-----\nabc\n-----END EC PRIVATE KEY-----\nrest",
	     "(private)\nrest"},
	    {"the room is in use: board meeting\nx", "the room is in use: (private)\nx"},
	    {"\"use_reason\" : \"the source of calls alsa does not answer\"",
	     "\"use_reason\" : \"the source of calls alsa does not answer\""},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(UcRedact) redact = uc_redact_new(FALSE);
		g_autofree gchar *text = NULL;

		uc_redact_learn(redact, rows[i].text);
		text = uc_redact_apply(redact, rows[i].text);
		g_assert_cmpstr(text, ==, rows[i].expected);
	}
}

/* a value that has its name in one file stands without it in another */
static void
test_elsewhere(void)
{
	g_autoptr(UcRedact) redact = uc_redact_new(FALSE);
	g_autofree gchar *text = NULL;

	uc_redact_learn(redact, "[Endpoint]\nSerial=AC0001\n");
	uc_redact_learn(redact, "{\"machine_id\" : \"0123456789abcdef\"}");
	uc_redact_add_secret(redact, "hunter22\n");
	uc_redact_add_secret(redact, "abc");
	text =
	    uc_redact_apply(redact, "device AC0001 of 0123456789abcdef said 'hunter22', not abc");
	g_assert_cmpstr(text, ==, "device (private) of (private) said '(private)', not abc");
}

static void
test_with_serials(void)
{
	g_autoptr(UcRedact) redact = uc_redact_new(TRUE);
	const gchar *text = "Serial=AC0001\nPassword=hunter22\n00:04:f2:00:00:01\n";
	g_autofree gchar *redacted = NULL;

	uc_redact_learn(redact, text);
	redacted = uc_redact_apply(redact, text);
	g_assert_cmpstr(redacted, ==, "Serial=AC0001\nPassword=(private)\n00:04:f2:00:00:01\n");
}

/* nothing of it is quoted back, and it ends */
static void
test_large(void)
{
	g_autoptr(UcRedact) redact = uc_redact_new(FALSE);
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree gchar *redacted = NULL;

	for (guint i = 0; i < 20000; i++)
		g_string_append_printf(text, "line %u\n\"password\" : \"hunter%u\",\n", i, i);
	redacted = uc_redact_apply(redact, text->str);
	g_assert_null(strstr(redacted, "hunter"));
	g_assert_nonnull(strstr(redacted, "line 19999\n"));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/redact/names", test_names);
	g_test_add_func("/redact/elsewhere", test_elsewhere);
	g_test_add_func("/redact/with-serials", test_with_serials);
	g_test_add_func("/redact/large", test_large);
	return g_test_run();
}
