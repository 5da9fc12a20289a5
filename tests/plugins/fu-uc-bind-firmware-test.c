/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include "fu-uc-bind-firmware.h"
#include "fu-uc-bind-payload.h"
#include "fu-uc-hardware-levels.h"
#include "fu-uc-sha256.h"

#define FIXED_HEADER_SIZE    16 /* bytes */
#define HEADER_CHECKSUM_SIZE 32 /* bytes */

static const gchar *builder_xml = "<firmware gtype=\"FuUcBindFirmware\">"
				  "<version>V3 R5.12.0</version>"
				  "<vendor>acme</vendor>"
				  "<model>icon400</model>"
				  "<model>icon600</model>"
				  "<part_number>3111-44500-001</part_number>"
				  "<hardware_levels>2,3,5-7</hardware_levels>"
				  "<minimum_version>3.0</minimum_version>"
				  "<locale>de</locale>"
				  "<kind>firmware</kind>"
				  "<firmware gtype=\"FuUcBindPayload\">"
				  "<id>application</id>"
				  "<target>rootfs</target>"
				  "<data>aGVsbG8=</data>"
				  "</firmware>"
				  "<firmware gtype=\"FuUcBindPayload\">"
				  "<id>updater</id>"
				  "<data>d29ybGQh</data>"
				  "</firmware>"
				  "</firmware>";

static GBytes *
build(const gchar *xml)
{
	g_autoptr(FuFirmware) firmware = fu_uc_bind_firmware_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) blob = NULL;

	g_assert_true(fu_firmware_build_from_xml(firmware, xml, &error));
	g_assert_no_error(error);
	blob = fu_firmware_write(firmware, &error);
	g_assert_no_error(error);
	return g_steal_pointer(&blob);
}

static FuFirmware *
parse(GBytes *blob, GError **error)
{
	g_autoptr(FuFirmware) firmware = fu_uc_bind_firmware_new();
	if (!fu_firmware_parse_bytes(firmware,
				     blob,
				     0x0,
				     FU_FIRMWARE_PARSE_FLAG_NO_SEARCH |
					 FU_FIRMWARE_PARSE_FLAG_CACHE_STREAM,
				     error))
		return NULL;
	return g_steal_pointer(&firmware);
}

static gsize
get_header_size(GBytes *blob)
{
	const guint8 *buf = g_bytes_get_data(blob, NULL);
	return fu_memread_uint32(buf + 12, G_LITTLE_ENDIAN);
}

/* puts a right checksum at the end of a changed header */
static GBytes *
seal(GByteArray *buf, gsize headersz)
{
	g_autofree gchar *sum = fu_uc_sha256_of_buffer(buf->data, headersz - HEADER_CHECKSUM_SIZE);
	g_assert_true(fu_uc_sha256_from_string(sum, buf->data + headersz - HEADER_CHECKSUM_SIZE));
	return g_bytes_new(buf->data, buf->len);
}

static GByteArray *
to_array(GBytes *blob)
{
	GByteArray *buf = g_byte_array_new();
	fu_byte_array_append_bytes(buf, blob);
	return buf;
}

static void
test_parse(void)
{
	const FuUcBindHeader *header = NULL;
	g_autoptr(GBytes) blob = build(builder_xml);
	g_autoptr(GBytes) payload = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(FuFirmware) firmware = parse(blob, &error);
	g_autoptr(FuFirmware) img = NULL;
	g_autofree gchar *levels = NULL;

	g_assert_no_error(error);
	header = fu_uc_bind_firmware_get_header(FU_UC_BIND_FIRMWARE(firmware));
	g_assert_cmpstr(header->vendor, ==, "acme");
	g_assert_cmpstr(header->version, ==, "V3 R5.12.0");
	g_assert_cmpuint(header->models->len, ==, 2);
	g_assert_cmpstr(header->minimum_version, ==, "3.0");
	levels = fu_uc_hardware_levels_to_string(header->levels);
	g_assert_cmpstr(levels, ==, "2,3,5-7");
	img = fu_firmware_get_image_by_id(firmware, "updater", &error);
	g_assert_no_error(error);
	payload = fu_firmware_write(img, &error);
	g_assert_cmpmem(g_bytes_get_data(payload, NULL), g_bytes_get_size(payload), "world!", 6);
}

static void
test_round_trip(void)
{
	g_autoptr(GBytes) blob = build(builder_xml);
	g_autoptr(GBytes) again = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(FuFirmware) firmware = parse(blob, &error);
	g_autofree gchar *xml = NULL;

	g_assert_no_error(error);
	xml = fu_firmware_export_to_xml(firmware, FU_FIRMWARE_EXPORT_FLAG_NONE, &error);
	g_assert_no_error(error);
	again = build(xml);
	g_assert_true(g_bytes_equal(blob, again));
}

static void
test_signatures(void)
{
	const FuUcBindHeader *header = NULL;
	GBytes *signature = NULL;
	g_autofree gchar *xml = NULL;
	g_autoptr(FuFirmware) firmware = NULL;
	g_autoptr(GBytes) again = NULL;
	g_autoptr(GBytes) blob = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) source = g_string_new(builder_xml);

	g_string_replace(source,
			 "<kind>",
			 "<signature>Zmlyc3Q=</signature><signature>c2Vjb25k</signature><kind>",
			 1);
	blob = build(source->str);
	firmware = parse(blob, &error);
	g_assert_no_error(error);
	header = fu_uc_bind_firmware_get_header(FU_UC_BIND_FIRMWARE(firmware));
	g_assert_cmpuint(header->signatures->len, ==, 2);
	signature = g_ptr_array_index(header->signatures, 1);
	g_assert_cmpmem(g_bytes_get_data(signature, NULL),
			g_bytes_get_size(signature),
			"second",
			6);
	xml = fu_firmware_export_to_xml(firmware, FU_FIRMWARE_EXPORT_FLAG_NONE, &error);
	g_assert_no_error(error);
	again = build(xml);
	g_assert_true(g_bytes_equal(blob, again));
}

/* "hello" as a zstd frame */
#define ZSTD_HELLO "KLUv/QRYKQAAaGVsbG+jbZ+I"

static gchar *
make_zstd_xml(const gchar *compression, const gchar *data)
{
	return g_strdup_printf("<firmware gtype=\"FuUcBindFirmware\"><version>2.0</version>"
			       "<vendor>acme</vendor><model>icon400</model>"
			       "<firmware gtype=\"FuUcBindPayload\"><id>application</id>"
			       "<compression>%s</compression><data>%s</data></firmware>"
			       "</firmware>",
			       compression,
			       data);
}

static void
test_zstd_round_trip(void)
{
	FuUcBindEntry *entry = NULL;
	g_autofree gchar *sha256 = fu_uc_sha256_of_buffer((const guint8 *)"hello", 5);
	g_autofree gchar *source = make_zstd_xml("zstd", ZSTD_HELLO);
	g_autofree gchar *xml = NULL;
	g_autoptr(GBytes) blob = build(source);
	g_autoptr(GBytes) again = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(FuFirmware) firmware = parse(blob, &error);
	g_autoptr(FuFirmware) img = NULL;

	g_assert_no_error(error);
	entry = g_ptr_array_index(
	    fu_uc_bind_firmware_get_header(FU_UC_BIND_FIRMWARE(firmware))->entries,
	    0);
	g_assert_cmpuint(entry->installed_size, ==, 5);
	g_assert_cmpstr(entry->installed_sha256, ==, sha256);
	g_assert_cmpstr(entry->sha256, !=, sha256);
	img = fu_firmware_get_image_by_id(firmware, "application", &error);
	g_assert_no_error(error);
	g_assert_true(fu_uc_bind_payload_check_installed(FU_UC_BIND_PAYLOAD(img), &error));
	g_assert_no_error(error);
	xml = fu_firmware_export_to_xml(firmware, FU_FIRMWARE_EXPORT_FLAG_NONE, &error);
	g_assert_no_error(error);
	again = build(xml);
	g_assert_true(g_bytes_equal(blob, again));
}

static void
test_zstd_that_is_none(void)
{
	g_autofree gchar *xml = make_zstd_xml("zstd", "aGVsbG8=");
	g_autofree gchar *unknown = make_zstd_xml("lzma", "aGVsbG8=");
	g_autoptr(FuFirmware) firmware = fu_uc_bind_firmware_new();
	g_autoptr(FuFirmware) firmware_unknown = fu_uc_bind_firmware_new();
	g_autoptr(GBytes) blob = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) error_unknown = NULL;

	g_assert_true(fu_firmware_build_from_xml(firmware, xml, &error));
	g_assert_no_error(error);
	blob = fu_firmware_write(firmware, &error);
	g_assert_null(blob);
	g_assert_error(error, FWUPD_ERROR, FWUPD_ERROR_INVALID_FILE);
	g_assert_false(fu_firmware_build_from_xml(firmware_unknown, unknown, &error_unknown));
	g_assert_error(error_unknown, FWUPD_ERROR, FWUPD_ERROR_INVALID_DATA);
	g_assert_nonnull(
	    strstr(error_unknown->message, "compression: found 'lzma', expected none or zstd"));
}

static void
test_truncated(void)
{
	g_autoptr(GBytes) blob = build(builder_xml);

	for (gsize len = 1; len < g_bytes_get_size(blob); len++) {
		g_autoptr(GBytes) part = g_bytes_new_from_bytes(blob, 0, len);
		g_autoptr(GError) error = NULL;
		g_autoptr(FuFirmware) firmware = parse(part, &error);
		g_assert_error(error, FWUPD_ERROR, FWUPD_ERROR_INVALID_FILE);
		g_assert_null(firmware);
		if (len >= FIXED_HEADER_SIZE)
			g_assert_true(g_str_has_prefix(error->message, "UC bind is truncated: "));
	}
}

static void
test_bit_flips(void)
{
	g_autoptr(GBytes) blob = build(builder_xml);

	for (gsize bit = 0; bit < g_bytes_get_size(blob) * 8; bit++) {
		g_autoptr(GByteArray) buf = to_array(blob);
		g_autoptr(GBytes) flipped = NULL;
		g_autoptr(GError) error = NULL;
		g_autoptr(FuFirmware) firmware = NULL;

		buf->data[bit / 8] ^= (guint8)(1 << (bit % 8));
		flipped = g_bytes_new(buf->data, buf->len);
		firmware = parse(flipped, &error);
		g_assert_error(error, FWUPD_ERROR, FWUPD_ERROR_INVALID_FILE);
		g_assert_null(firmware);
	}
}

static void
test_oversized(void)
{
	g_autoptr(GBytes) blob = build(builder_xml);
	g_autoptr(GByteArray) longer = to_array(blob);
	g_autoptr(GByteArray) header = to_array(blob);
	g_autoptr(GBytes) longer_blob = NULL;
	g_autoptr(GBytes) header_blob = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) error_header = NULL;
	g_autoptr(FuFirmware) firmware = NULL;

	fu_byte_array_append_uint8(longer, 0);
	longer_blob = g_bytes_new(longer->data, longer->len);
	firmware = parse(longer_blob, &error);
	g_assert_error(error, FWUPD_ERROR, FWUPD_ERROR_INVALID_FILE);
	g_assert_true(g_str_has_prefix(error->message, "UC bind is oversized: "));

	fu_memwrite_uint32(header->data + 12, 65537, G_LITTLE_ENDIAN);
	header_blob = g_bytes_new(header->data, header->len);
	firmware = parse(header_blob, &error_header);
	g_assert_error(error_header, FWUPD_ERROR, FWUPD_ERROR_INVALID_FILE);
	g_assert_cmpstr(error_header->message,
			==,
			"UC bind header is oversized or damaged: it says that it has 65537 bytes, "
			"expected 48 to 65536");
}

/* appends a field to the header, with everything else in order */
static GBytes *
with_field(GBytes *blob, guint16 type, const gchar *value)
{
	gsize headersz = get_header_size(blob);
	gsize valuesz = strlen(value);
	g_autoptr(GByteArray) buf = g_byte_array_new();
	const guint8 *old = g_bytes_get_data(blob, NULL);

	g_byte_array_append(buf, old, headersz - HEADER_CHECKSUM_SIZE);
	fu_byte_array_append_uint16(buf, type, G_LITTLE_ENDIAN);
	fu_byte_array_append_uint16(buf, (guint16)valuesz, G_LITTLE_ENDIAN);
	g_byte_array_append(buf, (const guint8 *)value, valuesz);
	g_byte_array_append(buf,
			    old + headersz - HEADER_CHECKSUM_SIZE,
			    g_bytes_get_size(blob) - headersz + HEADER_CHECKSUM_SIZE);
	headersz += 4 + valuesz;
	fu_memwrite_uint16(buf->data + 10,
			   fu_memread_uint16(old + 10, G_LITTLE_ENDIAN) + 1,
			   G_LITTLE_ENDIAN);
	fu_memwrite_uint32(buf->data + 12, headersz, G_LITTLE_ENDIAN);
	return seal(buf, headersz);
}

static void
test_fields(void)
{
	static const struct {
		guint16 type;
		const gchar *value;
		FwupdError code;
		const gchar *message; /* NULL is "accepted" */
	} table[] = {
	    {0x0042, "whatever", 0, NULL},
	    {0x8042,
	     "whatever",
	     FWUPD_ERROR_NOT_SUPPORTED,
	     "UC bind header has the critical field 0x8042, which this version does not know; "
	     "update the endpoint's ucupdates first"},
	    {0x8002, "icon800", 0, NULL},
	    {0x8001,
	     "other",
	     FWUPD_ERROR_INVALID_FILE,
	     "vendor is in the UC bind header more than once"},
	    {0x8002,
	     "",
	     FWUPD_ERROR_INVALID_FILE,
	     "model in the UC bind header is not 1 to 255 bytes of UTF-8"},
	    {0x8002,
	     "\xff",
	     FWUPD_ERROR_INVALID_FILE,
	     "model in the UC bind header is not 1 to 255 bytes of UTF-8"},
	    {0x8002,
	     "a\nb",
	     FWUPD_ERROR_INVALID_FILE,
	     "model in the UC bind header has a control character"},
	    {0x8005,
	     "abc",
	     FWUPD_ERROR_INVALID_FILE,
	     "hardware-levels in the UC bind header has 3 bytes, expected 4"},
	    {0x8005,
	     "\x05\x01\x04\x01",
	     FWUPD_ERROR_INVALID_DATA,
	     "hardware levels 261-260 are no range, expected numbers from 0 to 65535, the lower "
	     "one first"},
	    {0x8009,
	     "short",
	     FWUPD_ERROR_INVALID_FILE,
	     "payload in the UC bind header has 5 bytes, expected 84"},
	};
	g_autoptr(GBytes) blob = build(builder_xml);

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GBytes) changed = with_field(blob, table[i].type, table[i].value);
		g_autoptr(GError) error = NULL;
		g_autoptr(FuFirmware) firmware = parse(changed, &error);
		if (table[i].message == NULL) {
			g_assert_no_error(error);
			continue;
		}
		g_assert_error(error, FWUPD_ERROR, (gint)table[i].code);
		g_assert_cmpstr(error->message, ==, table[i].message);
	}
}

static void
test_later_format(void)
{
	g_autoptr(GBytes) blob = build(builder_xml);
	g_autoptr(GByteArray) buf = to_array(blob);
	g_autoptr(GBytes) later = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(FuFirmware) firmware = NULL;

	fu_memwrite_uint16(buf->data + 8, 2, G_LITTLE_ENDIAN);
	later = seal(buf, get_header_size(blob));
	firmware = parse(later, &error);
	g_assert_error(error, FWUPD_ERROR, FWUPD_ERROR_NOT_SUPPORTED);
	g_assert_cmpstr(error->message,
			==,
			"UC bind has format version 2, this version knows only 1");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_type_ensure(FU_TYPE_UC_BIND_FIRMWARE);
	g_type_ensure(FU_TYPE_UC_BIND_PAYLOAD);
	g_test_add_func("/bind/parse", test_parse);
	g_test_add_func("/bind/round-trip", test_round_trip);
	g_test_add_func("/bind/round-trip/zstd", test_zstd_round_trip);
	g_test_add_func("/bind/round-trip/zstd-that-is-none", test_zstd_that_is_none);
	g_test_add_func("/bind/signatures", test_signatures);
	g_test_add_func("/bind/truncated", test_truncated);
	g_test_add_func("/bind/bit-flips", test_bit_flips);
	g_test_add_func("/bind/oversized", test_oversized);
	g_test_add_func("/bind/fields", test_fields);
	g_test_add_func("/bind/later-format", test_later_format);
	return g_test_run();
}
