/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include "fu-uc-rauc-firmware.h"
#include "fu-uc-rauc-slots.h"
#include "fu-uc-sha256.h"

static GPtrArray *
slots_from_text(const gchar *text, GError **error)
{
	g_autoptr(GVariant) value = g_variant_new_parsed(text);
	g_variant_ref_sink(value);
	return fu_uc_rauc_slots_from_variant(value, error);
}

#define BOOTED "('rootfs.0', {'class': <'rootfs'>, 'bootname': <'A'>, 'state': <'booted'>})"
#define OTHER                                                                           \
	"('rootfs.1', {'class': <'rootfs'>, 'bootname': <'B'>, 'state': <'inactive'>, " \
	"'bundle.version': <'1.1'>, 'installed.timestamp': <'2026-01-02T03:04:05Z'>, "  \
	"'installed.count': <uint32 7>, 'sha256': <'aabb'>})"

static void
test_slots(void)
{
	const FuUcRaucSlot *slot = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) slots = NULL;

	slots = slots_from_text("([('appfs.0', {'class': <'appfs'>, 'state': <'active'>}), " BOOTED
				", " OTHER
				", ('rescue.0', {'class': <'rescue'>, 'bootname': <'R'>})],)",
				&error);
	g_assert_no_error(error);
	g_assert_cmpuint(slots->len, ==, 4);
	slot = fu_uc_rauc_slots_find_booted(slots, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(slot->name, ==, "rootfs.0");
	g_assert_null(slot->content);
	slot = fu_uc_rauc_slots_find_other(slots, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(slot->name, ==, "rootfs.1");
	g_assert_cmpstr(slot->bundle_version, ==, "1.1");
	g_assert_cmpstr(slot->content, ==, "2026-01-02T03:04:05Z 7 aabb");
}

static void
test_slots_that_do_not_fit(void)
{
	static const struct {
		const gchar *text;
		const gchar *sentence;
	} cases[] = {
	    {"(@a(sa{sv}) [],)",
	     "RAUC does not know which slot runs; compare its system.conf with the kernel command "
	     "line"},
	    {"([" BOOTED "],)",
	     "RAUC has 0 other slots with a bootname of class rootfs beside rootfs.0, expected "
	     "one"},
	    {"([" BOOTED ", " OTHER ", " OTHER "],)",
	     "RAUC has 2 other slots with a bootname of class rootfs beside rootfs.0, expected "
	     "one"},
	    {"([('rootfs.0', {'state': <3>})],)",
	     "RAUC does not know which slot runs; compare its system.conf with the kernel command "
	     "line"},
	};
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GPtrArray) slots = slots_from_text(cases[i].text, &error);
		g_assert_no_error(error);
		g_assert_null(fu_uc_rauc_slots_find_other(slots, &error));
		g_assert_error(error, FWUPD_ERROR, FWUPD_ERROR_NOT_SUPPORTED);
		g_assert_cmpstr(error->message, ==, cases[i].sentence);
	}
}

static void
test_slots_of_another_type(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) slots = slots_from_text("('rootfs.0',)", &error);

	g_assert_error(error, FWUPD_ERROR, FWUPD_ERROR_INVALID_DATA);
	g_assert_cmpstr(error->message,
			==,
			"RAUC's GetSlotStatus has type (s), expected (a(sa{sv}))");
	g_assert_null(slots);
}

static void
test_too_many_slots(void)
{
	GVariantBuilder builder;
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) value = NULL;
	g_autoptr(GPtrArray) slots = NULL;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a(sa{sv})"));
	for (guint i = 0; i < 65; i++)
		g_variant_builder_add(&builder, "(sa{sv})", "x", NULL);
	value = g_variant_ref_sink(g_variant_new("(a(sa{sv}))", &builder));
	slots = fu_uc_rauc_slots_from_variant(value, &error);
	g_assert_error(error, FWUPD_ERROR, FWUPD_ERROR_INVALID_DATA);
	g_assert_cmpstr(error->message, ==, "RAUC has 65 slots, expected at most 64");
	g_assert_null(slots);
}

static FuFirmware *
parse(GType gtype, const guint8 *buf, gsize bufsz, GError **error)
{
	g_autoptr(FuFirmware) firmware = g_object_new(gtype, NULL);
	g_autoptr(GBytes) blob = g_bytes_new(buf, bufsz);
	if (!fu_firmware_parse_bytes(firmware,
				     blob,
				     0x0,
				     FU_FIRMWARE_PARSE_FLAG_NO_SEARCH |
					 FU_FIRMWARE_PARSE_FLAG_CACHE_STREAM,
				     error))
		return NULL;
	return g_steal_pointer(&firmware);
}

/* payload, a signature of two bytes, and its size */
static const guint8 bundle[] = {'h', 's', 'q', 's', 0x30, 0x00, 0, 0, 0, 0, 0, 0, 0, 2};

static void
test_bundle(void)
{
	g_autofree gchar *sha256 = fu_uc_sha256_of_buffer(bundle, sizeof(bundle));
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) blob = NULL;
	g_autoptr(FuFirmware) firmware =
	    parse(FU_TYPE_UC_RAUC_FIRMWARE, bundle, sizeof(bundle), &error);

	g_assert_no_error(error);
	g_assert_cmpstr(fu_uc_raw_firmware_get_sha256(FU_UC_RAW_FIRMWARE(firmware)), ==, sha256);
	g_assert_cmpuint(fu_uc_raw_firmware_get_size(FU_UC_RAW_FIRMWARE(firmware)),
			 ==,
			 sizeof(bundle));
	blob = fu_firmware_write(firmware, &error);
	g_assert_no_error(error);
	g_assert_cmpmem(g_bytes_get_data(blob, NULL),
			g_bytes_get_size(blob),
			bundle,
			sizeof(bundle));
}

static void
test_no_bundle(void)
{
	/* cut at every length: what is left has a size that cannot be */
	for (gsize len = 1; len < sizeof(bundle); len++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(FuFirmware) firmware =
		    parse(FU_TYPE_UC_RAUC_FIRMWARE, bundle, len, &error);
		g_assert_error(error, FWUPD_ERROR, FWUPD_ERROR_INVALID_FILE);
		g_assert_true(g_str_has_prefix(error->message, "not a RAUC bundle: "));
		g_assert_null(firmware);
	}
}

static void
test_bundle_sizes(void)
{
	static const struct {
		guint64 size;
		const gchar *sentence;
	} cases[] = {
	    {0,
	     "not a RAUC bundle: the size of its signature is 0 bytes, expected 1 to 65536; get "
	     "the file again"},
	    {6,
	     "not a RAUC bundle: the size of its signature is 6 bytes, expected 1 to 65536; get "
	     "the file again"},
	    {G_MAXUINT64,
	     "not a RAUC bundle: the size of its signature is 18446744073709551615 bytes, expected "
	     "1 to 65536; get the file again"},
	    {1, "not a RAUC bundle: there is no CMS signature at its end; get the file again"},
	};
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		guint8 buf[sizeof(bundle)];
		g_autoptr(GError) error = NULL;
		g_autoptr(FuFirmware) firmware = NULL;

		memcpy(buf, bundle, sizeof(bundle));
		fu_memwrite_uint64(buf + sizeof(buf) - 8, cases[i].size, G_BIG_ENDIAN);
		firmware = parse(FU_TYPE_UC_RAUC_FIRMWARE, buf, sizeof(buf), &error);
		g_assert_error(error, FWUPD_ERROR, FWUPD_ERROR_INVALID_FILE);
		g_assert_cmpstr(error->message, ==, cases[i].sentence);
		g_assert_null(firmware);
	}
}

static void
test_raw_round_trip(void)
{
	const gchar *xml = "<firmware gtype=\"FuUcRawFirmware\"><data>aGVsbG8=</data></firmware>";
	g_autoptr(GError) error = NULL;
	g_autoptr(FuFirmware) firmware = g_object_new(FU_TYPE_UC_RAW_FIRMWARE, NULL);
	g_autoptr(FuFirmware) parsed = NULL;
	g_autoptr(GBytes) blob = NULL;
	g_autoptr(GBytes) again = NULL;

	g_assert_true(fu_firmware_build_from_xml(firmware, xml, &error));
	g_assert_no_error(error);
	blob = fu_firmware_write(firmware, &error);
	g_assert_no_error(error);
	parsed = parse(FU_TYPE_UC_RAW_FIRMWARE,
		       g_bytes_get_data(blob, NULL),
		       g_bytes_get_size(blob),
		       &error);
	g_assert_no_error(error);
	again = fu_firmware_write(parsed, &error);
	g_assert_no_error(error);
	g_assert_true(g_bytes_equal(blob, again));
}

gint
main(gint argc, gchar **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/uc/rauc/slots", test_slots);
	g_test_add_func("/uc/rauc/slots/do-not-fit", test_slots_that_do_not_fit);
	g_test_add_func("/uc/rauc/slots/type", test_slots_of_another_type);
	g_test_add_func("/uc/rauc/slots/too-many", test_too_many_slots);
	g_test_add_func("/uc/rauc/firmware", test_bundle);
	g_test_add_func("/uc/rauc/firmware/cut", test_no_bundle);
	g_test_add_func("/uc/rauc/firmware/sizes", test_bundle_sizes);
	g_test_add_func("/uc/raw/firmware/round-trip", test_raw_round_trip);
	return g_test_run();
}
