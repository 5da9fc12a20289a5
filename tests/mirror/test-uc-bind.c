/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-bind.h"
#include "uc-error.h"
#include "uc-test-cab.h"

#define HEADER_BYTES 181

static void
test_bind_refuses(void)
{
	const struct {
		const gchar *what;
		gsize offset;
		guint8 value;
		gint code;
	} cases[] = {
	    {"format version", 8, 2, UC_ERROR_INVALID},
	    {"fewer fields", 10, 4, UC_ERROR_INVALID},
	    {"more fields", 10, 6, UC_ERROR_INVALID},
	    {"too many fields", 11, 2, UC_ERROR_LIMIT},
	    {"unknown critical field", 16, 0x77, UC_ERROR_INVALID},
	    {"field past the end", 19, 0xff, UC_ERROR_INVALID},
	    {"control character", 20, 7, UC_ERROR_INVALID},
	    {"not UTF-8", 20, 0xff, UC_ERROR_INVALID},
	    {"vendor twice", 24, 1, UC_ERROR_INVALID},
	    {"levels upside down", 46, 9, UC_ERROR_INVALID},
	    {"payload's name too long", 135, 12, UC_ERROR_INVALID},
	    {"payload too large", 61, 1, UC_ERROR_INVALID},
	    {"no version", 36, 8, UC_ERROR_INVALID},
	};
	g_autoptr(GBytes) vector = uc_test_bind_vector();

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GBytes) image =
		    uc_test_bind_resum(vector, HEADER_BYTES, cases[i].offset, cases[i].value);
		g_autoptr(GError) error = NULL;
		g_autoptr(UcBind) bind = uc_bind_parse(image, &error);

		g_test_message("%s: %s", cases[i].what, error != NULL ? error->message : "taken");
		g_assert_null(bind);
		g_assert_error(error, UC_ERROR, cases[i].code);
	}
}

static void
test_bind_bit_flips(void)
{
	g_autoptr(GBytes) vector = uc_test_bind_vector();

	for (gsize i = 0; i < HEADER_BYTES * 8; i++) {
		gsize size_bytes = 0;
		gconstpointer data = g_bytes_get_data(vector, &size_bytes);
		guint8 *copy = g_memdup2(data, size_bytes);
		g_autoptr(GBytes) image = NULL;
		g_autoptr(GError) error = NULL;
		g_autoptr(UcBind) bind = NULL;

		copy[i / 8] ^= (guint8)(1u << (i % 8));
		image = g_bytes_new_take(copy, size_bytes);
		bind = uc_bind_parse(image, &error);
		g_assert_null(bind);
		g_assert_true(uc_error_is_refusal(error));
	}
}

static void
test_bind_truncated(void)
{
	g_autoptr(GBytes) vector = uc_test_bind_vector();

	for (gsize length = 0; length < HEADER_BYTES; length++) {
		g_autoptr(GBytes) part = g_bytes_new_from_bytes(vector, 0, length);
		g_autoptr(GInputStream) stream = g_memory_input_stream_new_from_bytes(part);
		g_autoptr(GError) error = NULL;
		g_autoptr(UcBind) bind = uc_bind_read(stream, &error);

		g_assert_null(bind);
		g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
	}
}

static void
test_bind_payload(void)
{
	const gchar *const tails[] = {"", "hell", "hellO", "hello!"};
	g_autoptr(GBytes) vector = uc_test_bind_vector();
	g_autoptr(UcBind) bind = uc_bind_parse(vector, NULL);

	g_assert_nonnull(bind);
	for (guint i = 0; i < G_N_ELEMENTS(tails); i++) {
		g_autoptr(GInputStream) stream =
		    g_memory_input_stream_new_from_data(tails[i], -1, NULL);
		g_autoptr(GError) error = NULL;

		g_assert_false(uc_bind_check_payloads(bind, stream, &error));
		g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
	}
}

static void
test_bind_vector(void)
{
	g_autoptr(GBytes) vector = uc_test_bind_vector();
	g_autoptr(GInputStream) stream = g_memory_input_stream_new_from_bytes(vector);
	g_autoptr(GError) error = NULL;
	g_autoptr(UcBind) bind = uc_bind_read(stream, &error);

	g_assert_no_error(error);
	g_assert_cmpstr(bind->vendor, ==, "acme");
	g_assert_cmpuint(bind->models->len, ==, 1);
	g_assert_cmpstr(g_ptr_array_index(bind->models, 0), ==, "icon400");
	g_assert_cmpstr(bind->version, ==, "2.0");
	g_assert_cmpuint(bind->header_bytes, ==, HEADER_BYTES);
	g_assert_false(uc_bind_has_level(bind, 1));
	g_assert_true(uc_bind_has_level(bind, 2));
	g_assert_true(uc_bind_has_level(bind, 3));
	g_assert_false(uc_bind_has_level(bind, 4));
	g_assert_true(uc_bind_check_payloads(bind, stream, &error));
	g_assert_no_error(error);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/bind/refuses", test_bind_refuses);
	g_test_add_func("/bind/bit-flips", test_bind_bit_flips);
	g_test_add_func("/bind/truncated", test_bind_truncated);
	g_test_add_func("/bind/payload", test_bind_payload);
	g_test_add_func("/bind/vector", test_bind_vector);
	return g_test_run();
}
