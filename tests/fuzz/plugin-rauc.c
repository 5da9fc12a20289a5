/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include "fu-uc-rauc-firmware.h"
#include "fu-uc-rauc-slots.h"
#include "fuzz.h"

/* A RAUC bundle, and the same bytes as what RAUC says about its slots. */

static void
try_slots(const guint8 *buf, gsize bufsz)
{
	g_autoptr(GBytes) blob = g_bytes_new(buf, bufsz);
	g_autoptr(GVariant) value =
	    g_variant_new_from_bytes(G_VARIANT_TYPE("(a(sa{sv}))"), blob, FALSE);
	g_autoptr(GPtrArray) slots = NULL;

	g_variant_ref_sink(value);
	slots = fu_uc_rauc_slots_from_variant(value, NULL);
	if (slots == NULL)
		return;
	(void)!fu_uc_rauc_slots_find_booted(slots, NULL);
	(void)!fu_uc_rauc_slots_find_other(slots, NULL);
}

gint
LLVMFuzzerTestOneInput(const guint8 *buf, gsize bufsz)
{
	g_autoptr(FuFirmware) firmware = g_object_new(FU_TYPE_UC_RAUC_FIRMWARE, NULL);
	g_autoptr(GBytes) blob = g_bytes_new(buf, bufsz);
	g_autoptr(GBytes) written = NULL;

	try_slots(buf, bufsz);
	if (fu_firmware_parse_bytes(firmware,
				    blob,
				    0x0,
				    FU_FIRMWARE_PARSE_FLAG_NO_SEARCH |
					FU_FIRMWARE_PARSE_FLAG_CACHE_STREAM,
				    NULL)) {
		written = fu_firmware_write(firmware, NULL);
		g_assert_true(written != NULL && g_bytes_equal(written, blob));
	}
	return 0;
}
