/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>

#include "uc-sha256.h"

/* vectors of FIPS 180-2, appendix B */
static void
uc_sha256_test_vectors(void)
{
	static const struct {
		const gchar *text;
		const gchar *hex;
	} table[] = {
	    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GBytes) bytes = g_bytes_new(table[i].text, strlen(table[i].text));
		g_autofree gchar *hex = uc_sha256_for_bytes(bytes);

		g_assert_cmpstr(hex, ==, table[i].hex);
	}
}

static void
uc_sha256_test_goes_on(void)
{
	g_autoptr(UcSha256) self = uc_sha256_new();
	g_autofree gchar *before = NULL;
	g_autofree gchar *after = NULL;

	uc_sha256_update(self, "a", 1);
	before = uc_sha256_to_hex(self);
	uc_sha256_update(self, "bc", 2);
	after = uc_sha256_to_hex(self);
	g_assert_cmpstr(before, !=, after);
	g_assert_cmpstr(after,
			==,
			"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void
uc_sha256_test_begins_anew(void)
{
	g_autoptr(UcSha256) self = uc_sha256_new();
	guint8 one[UC_SHA256_BYTES];
	guint8 other[UC_SHA256_BYTES];
	g_autofree gchar *hex = NULL;

	uc_sha256_update(self, "abc", 3);
	uc_sha256_to_bytes(self, one);
	uc_sha256_finish(self, other);
	g_assert_cmpmem(one, sizeof(one), other, sizeof(other));
	hex = uc_sha256_to_hex(self);
	g_assert_cmpstr(hex,
			==,
			"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void
uc_sha256_test_file(void)
{
	g_autofree gchar *dir = g_dir_make_tmp("uc-sha256-XXXXXX", NULL);
	g_autofree gchar *path = g_build_filename(dir, "file", NULL);
	g_autofree gchar *hex = NULL;
	g_autoptr(GError) error = NULL;
	guint64 size_bytes = 0;

	hex = uc_sha256_for_file(path, &size_bytes, &error);
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
	g_assert_null(hex);
	g_clear_error(&error);
	g_assert_true(g_file_set_contents(path, "abc", 3, NULL));
	hex = uc_sha256_for_file(path, &size_bytes, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(size_bytes, ==, 3);
	g_assert_true(uc_sha256_is_hex(hex));
	g_assert_cmpint(g_remove(path), ==, 0);
	g_assert_cmpint(g_rmdir(dir), ==, 0);
}

static void
uc_sha256_test_is_hex(void)
{
	g_assert_false(uc_sha256_is_hex(NULL));
	g_assert_false(uc_sha256_is_hex(""));
	g_assert_false(uc_sha256_is_hex("ba7816bf"));
	g_assert_false(
	    uc_sha256_is_hex("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"));
	g_assert_false(
	    uc_sha256_is_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0"));
	g_assert_false(
	    uc_sha256_is_hex("../816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0"));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/sha256/vectors", uc_sha256_test_vectors);
	g_test_add_func("/sha256/goes-on", uc_sha256_test_goes_on);
	g_test_add_func("/sha256/begins-anew", uc_sha256_test_begins_anew);
	g_test_add_func("/sha256/file", uc_sha256_test_file);
	g_test_add_func("/sha256/is-hex", uc_sha256_test_is_hex);
	return g_test_run();
}
