/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-dns-message.h"
#include "uc-error.h"

#define NAME "a.example"

/* header with one question and @answers records, then the question a.example A IN */
#define HEADER(flags, answers)                                         \
	"\x12\x34\x81" flags "\x00\x01\x00" answers "\x00\x00\x00\x00" \
	"\x01"                                                         \
	"a\x07"                                                        \
	"example\x00\x00\x01\x00\x01"
#define RECORD_A "\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x01"
#define RECORD_A_OF_B \
	"\x01"        \
	"b\xc0\x0e\x00\x01\x00\x01\x00\x00\x01\x00\x00\x04\xc0\x00\x02\x02"
#define RECORD_CNAME_TO_B                                      \
	"\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x0a\x00\x04\x01" \
	"b\xc0\x0e"
#define RECORD_CNAME_LOOP "\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x0a\x00\x02\xc0\x0c"
/* no answer, and b.example NS c.example in the authority section */
#define REFERRAL(flags)                                                                   \
	"\x12\x34" flags "\x80\x00\x01\x00\x00\x00\x01\x00\x00\x01"                       \
	"a\x07"                                                                           \
	"example\x00\x00\x01\x00\x01\xc0\x0e\x00\x02\x00\x01\x00\x00\x0e\x10\x00\x04\x01" \
	"c\xc0\x0e"
#define BYTES(text) text, sizeof(text) - 1

static UcDnsAnswer *
uc_dns_message_test_parse(const gchar *data, gsize size_bytes, UcDnsType type, GError **error)
{
	/* a copy of its own, so that a sanitizer sees every read beyond the end */
	g_autoptr(GBytes) bytes = g_bytes_new(data, size_bytes);

	return uc_dns_message_parse(bytes, NAME, type, error);
}

static void
uc_dns_message_test_malformed(void)
{
	static const struct {
		const gchar *data;
		gsize size_bytes;
		const gchar *message;
	} table[] = {
	    {BYTES(""), "*no header of an answer*"},
	    {BYTES("\x12\x34\x81\x80\x00\x01\x00\x00\x00\x00\x00"), "*no header of an answer*"},
	    {BYTES("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"), "*no header*"},
	    {BYTES("\x12\x34\x81\x80\x00\x00\x00\x00\x00\x00\x00\x00"), "*exactly one question*"},
	    {BYTES("\x12\x34\x81\x80\x00\x01\x00\x00\x00\x00\x00\x00"), "*malformed name*"},
	    {BYTES("\x12\x34\x81\x80\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00"),
	     "*truncated question*"},
	    {BYTES(HEADER("\x80", "\x01")), "*malformed name*"},
	    {BYTES(HEADER("\x80", "\x01") "\xc0\x0c\x00\x01\x00\x01"), "*truncated record*"},
	    {BYTES(HEADER("\x80", "\x01") "\xc0\xff"), "*malformed name*"},
	    {BYTES(
		 HEADER("\x80",
			"\x01") "\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x05\xc0\x00\x02\x01"),
	     "*truncated record*"},
	    {BYTES(HEADER("\x80",
			  "\x01") "\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x03\xc0\x00\x02"),
	     "*wrong size*"},
	    {BYTES(HEADER("\x80", "\x01") RECORD_CNAME_LOOP), "*more than 8 CNAMEs*"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(UcDnsAnswer) answer = uc_dns_message_test_parse(table[i].data,
									  table[i].size_bytes,
									  UC_DNS_TYPE_A,
									  &error);

		g_test_message("row %u", i);
		g_assert_null(answer);
		g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
		if (!g_pattern_match_simple(table[i].message, error->message))
			g_error("row %u: %s", i, error->message);
	}
}

static void
uc_dns_message_test_results(void)
{
	static const struct {
		const gchar *data;
		gsize size_bytes;
		UcDnsResult result;
	} table[] = {
	    {BYTES("\x12\x34\x81\x82\x00\x00\x00\x00\x00\x00\x00\x00"), UC_DNS_RESULT_SERVFAIL},
	    {BYTES("\x12\x34\x81\x81\x00\x00\x00\x00\x00\x00\x00\x00"), UC_DNS_RESULT_SERVFAIL},
	    {BYTES("\x12\x34\x81\x85\x00\x00\x00\x00\x00\x00\x00\x00"), UC_DNS_RESULT_REFUSED},
	    {BYTES(HEADER("\x83", "\x00")), UC_DNS_RESULT_NXDOMAIN},
	    {BYTES(HEADER("\x80", "\x00")), UC_DNS_RESULT_NODATA},
	    {BYTES(HEADER("\x80", "\x01") RECORD_A_OF_B), UC_DNS_RESULT_NODATA},
	    {BYTES(HEADER("\x80", "\x01") RECORD_CNAME_TO_B), UC_DNS_RESULT_NODATA},
	    {BYTES(REFERRAL("\x81")), UC_DNS_RESULT_SERVFAIL},
	    {BYTES(REFERRAL("\x85")), UC_DNS_RESULT_NODATA}, /* it is about its own zone */
	    {BYTES(HEADER("\x80", "\x01") RECORD_A), UC_DNS_RESULT_NOERROR},
	    {BYTES(HEADER("\x80", "\x02") RECORD_A_OF_B RECORD_CNAME_TO_B), UC_DNS_RESULT_NOERROR},
	};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(UcDnsAnswer) answer = uc_dns_message_test_parse(table[i].data,
									  table[i].size_bytes,
									  UC_DNS_TYPE_A,
									  &error);

		g_test_message("row %u", i);
		g_assert_no_error(error);
		g_assert_cmpint(answer->result, ==, table[i].result);
		g_assert_cmpuint(answer->records->len,
				 ==,
				 table[i].result == UC_DNS_RESULT_NOERROR ? 1 : 0);
		g_assert_false(answer->authenticated);
	}
}

/* a time to live is the least of the chain's, and a negative one is the SOA's */
static void
uc_dns_message_test_ttl(void)
{
	static const gchar chain[] = HEADER("\xa0", "\x02") RECORD_CNAME_TO_B RECORD_A_OF_B;
	static const gchar negative[] =
	    "\x12\x34\x81\x83\x00\x01\x00\x00\x00\x01\x00\x00\x01"
	    "a\x07"
	    "example\x00\x00\x01\x00\x01\xc0\x0e\x00\x06\x00\x01\x00\x00\x0e\x10\x00\x16\x00\x00"
	    "\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00\x04\x00\x00\x02\x58";
	g_autoptr(GError) error = NULL;
	g_autoptr(UcDnsAnswer) answer =
	    uc_dns_message_test_parse(BYTES(chain), UC_DNS_TYPE_A, &error);
	g_autoptr(UcDnsAnswer) none = NULL;

	g_assert_no_error(error);
	g_assert_true(answer->authenticated);
	g_assert_cmpuint(((UcDnsRecord *)g_ptr_array_index(answer->records, 0))->ttl_secs, ==, 10);
	none = uc_dns_message_test_parse(BYTES(negative), UC_DNS_TYPE_A, &error);
	g_assert_no_error(error);
	g_assert_cmpint(none->result, ==, UC_DNS_RESULT_NXDOMAIN);
	g_assert_cmpuint(none->negative_ttl_secs, ==, 600);
}

/* any prefix and any single changed octet of a good answer ends in an answer or an error */
static void
uc_dns_message_test_damaged(void)
{
	static const gchar good[] = HEADER("\x80", "\x03") RECORD_CNAME_TO_B RECORD_A_OF_B RECORD_A;
	guint parsed = 0;

	for (gsize size = 0; size < sizeof(good) - 1; size++) {
		g_autoptr(UcDnsAnswer) answer =
		    uc_dns_message_test_parse(good, size, UC_DNS_TYPE_A, NULL);

		g_assert_null(answer);
	}
	for (gsize i = 0; i < sizeof(good) - 1; i++) {
		g_autofree gchar *copy = g_memdup2(good, sizeof(good) - 1);

		for (guint value = 0; value < 256; value++) {
			g_autoptr(UcDnsAnswer) answer = NULL;

			copy[i] = (gchar)value;
			answer =
			    uc_dns_message_test_parse(copy, sizeof(good) - 1, UC_DNS_TYPE_A, NULL);
			parsed += answer != NULL;
		}
	}
	g_assert_cmpuint(parsed, >, 0);
}

static void
uc_dns_message_test_query(void)
{
	static const gchar expected[] = "\xbe\xef\x01\x20\x00\x01\x00\x00\x00\x00\x00\x01\x01"
					"a\x07"
					"example\x00\x00\x21\x00\x01"
					"\x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x00";
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) query = uc_dns_message_new_query(NAME, UC_DNS_TYPE_SRV, 0xbeef, &error);

	g_assert_no_error(error);
	g_assert_cmpmem(g_bytes_get_data(query, NULL),
			g_bytes_get_size(query),
			expected,
			sizeof(expected) - 1);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/dns-message/malformed", uc_dns_message_test_malformed);
	g_test_add_func("/dns-message/results", uc_dns_message_test_results);
	g_test_add_func("/dns-message/ttl", uc_dns_message_test_ttl);
	g_test_add_func("/dns-message/damaged", uc_dns_message_test_damaged);
	g_test_add_func("/dns-message/query", uc_dns_message_test_query);
	return g_test_run();
}
