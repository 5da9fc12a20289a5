/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-error.h"
#include "uc-limits.h"
#include "uc-sha256.h"
#include "uc-test-ca.h"

static void
check_refused(GBytes *pem, UcError code, const gchar *message)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(uc_ca_parse(pem, &error));
	g_assert_error(error, UC_ERROR, (gint)code);
	if (!g_pattern_match_simple(message, error->message))
		g_error("'%s' does not match '%s'", error->message, message);
}

static GBytes *
join(GBytes *a, GBytes *b)
{
	GByteArray *array = g_byte_array_new();

	g_byte_array_append(array, g_bytes_get_data(a, NULL), (guint)g_bytes_get_size(a));
	g_byte_array_append(array, g_bytes_get_data(b, NULL), (guint)g_bytes_get_size(b));
	return g_byte_array_free_to_bytes(array);
}

static void
test_refused(void)
{
	g_autoptr(UcX509) ca = uc_test_new_ca("CA");
	g_autoptr(UcX509) leaf = uc_test_new_signer(ca);
	g_autoptr(GBytes) with_key = join(ca->certificate, ca->key);
	g_autoptr(GBytes) two = join(ca->certificate, leaf->certificate);
	g_autoptr(GBytes) empty = g_bytes_new(NULL, 0);
	g_autoptr(GBytes) cut =
	    g_bytes_new_from_bytes(ca->certificate, 0, g_bytes_get_size(ca->certificate) / 2);
	g_autoptr(GBytes) huge = g_bytes_new_take(g_malloc0(UC_LIMIT_CERTIFICATE_BYTES + 1),
						  UC_LIMIT_CERTIFICATE_BYTES + 1);

	check_refused(leaf->certificate, UC_ERROR_REFUSED, "the certificate is no CA's (basic *");
	check_refused(ca->key, UC_ERROR_REFUSED, "it holds a private key, which must never be *");
	check_refused(with_key, UC_ERROR_REFUSED, "it holds a private key, which must never be *");
	check_refused(two, UC_ERROR_INVALID, "expected one certificate in PEM");
	check_refused(empty, UC_ERROR_INVALID, "expected one certificate in PEM");
	check_refused(cut, UC_ERROR_INVALID, "no certificate in PEM as expected: *");
	check_refused(huge, UC_ERROR_LIMIT, "expected a certificate of at most 16384 bytes");
}

static void
test_good(void)
{
	g_autoptr(UcX509) pair = uc_test_new_ca("CA");
	g_autoptr(UcX509) other_pair = uc_test_new_ca("CA");
	g_autoptr(GError) error = NULL;
	g_autoptr(UcCa) ca = uc_ca_parse(pair->certificate, &error);
	g_autoptr(UcCa) again = uc_ca_parse(pair->certificate, &error);
	g_autoptr(UcCa) other = uc_ca_parse(other_pair->certificate, &error);
	g_autofree gchar *sha256 = NULL;

	g_assert_no_error(error);
	sha256 = uc_sha256_for_bytes(ca->der);
	g_assert_cmpstr(ca->sha256, ==, sha256);
	g_assert_true(uc_sha256_is_hex(ca->key_sha256));
	g_assert_cmpstr(ca->key_sha256, ==, again->key_sha256);
	g_assert_cmpstr(ca->key_sha256, !=, ca->sha256);
	g_assert_cmpstr(ca->key_sha256, !=, other->key_sha256);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/ca/refused", test_refused);
	g_test_add_func("/ca/good", test_good);
	return g_test_run();
}
