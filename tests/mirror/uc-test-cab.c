/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Images and cabs for the tests of the mirror. */

#include <libgcab.h>
#include <string.h>

#include "uc-test-cab.h"

/* docs/firmware-format.md, "Test vector" */
static const gchar *const uc_test_bind_hex =
    "55432d42494e442101000500b50000000180040061636d650280070069636f6e"
    "34303004800300322e30058004000200030009805f0005000000000000002cf2"
    "4dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b98240500"
    "0000000000002cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e7304"
    "3362938b9824000b00006170706c69636174696f6e371621e571c426263104a8"
    "fc1c7ff8f62c11b4f03a6dcee786178869cef84ef068656c6c6f";

GBytes *
uc_test_bind_vector(void)
{
	gsize size_bytes = strlen(uc_test_bind_hex) / 2;
	guint8 *data = g_malloc(size_bytes);

	for (gsize i = 0; i < size_bytes; i++)
		data[i] = (guint8)(g_ascii_xdigit_value(uc_test_bind_hex[2 * i]) << 4 |
				   g_ascii_xdigit_value(uc_test_bind_hex[2 * i + 1]));
	return g_bytes_new_take(data, size_bytes);
}

/* the same with one byte changed and a header checksum that is right again */
GBytes *
uc_test_bind_resum(GBytes *image, gsize header_bytes, gsize offset, guint8 value)
{
	gsize size_bytes = 0;
	gconstpointer data = g_bytes_get_data(image, &size_bytes);
	guint8 *copy = g_memdup2(data, size_bytes);
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	gsize digest_bytes = 32;

	copy[offset] = value;
	g_checksum_update(sum, copy, (gssize)header_bytes - 32);
	g_checksum_get_digest(sum, copy + header_bytes - 32, &digest_bytes);
	return g_bytes_new_take(copy, size_bytes);
}

void
uc_test_cab_write(const gchar *path, const gchar *const *names, GBytes *const *contents)
{
	g_autoptr(GCabCabinet) cabinet = gcab_cabinet_new();
	g_autoptr(GCabFolder) folder = gcab_folder_new(GCAB_COMPRESSION_MSZIP);
	g_autoptr(GFile) file = g_file_new_for_path(path);
	g_autoptr(GFileOutputStream) stream = NULL;
	g_autoptr(GError) error = NULL;

	for (guint i = 0; names[i] != NULL; i++) {
		g_autoptr(GCabFile) member = gcab_file_new_with_bytes(names[i], contents[i]);

		g_assert_true(gcab_folder_add_file(folder, member, FALSE, NULL, &error));
	}
	g_assert_true(gcab_cabinet_add_folder(cabinet, folder, &error));
	stream = g_file_replace(file, NULL, FALSE, G_FILE_CREATE_NONE, NULL, &error);
	g_assert_no_error(error);
	gcab_cabinet_write_simple(cabinet, G_OUTPUT_STREAM(stream), NULL, NULL, NULL, &error);
	g_assert_no_error(error);
	g_output_stream_close(G_OUTPUT_STREAM(stream), NULL, &error);
	g_assert_no_error(error);
}
