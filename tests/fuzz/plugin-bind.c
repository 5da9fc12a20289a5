/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include "fu-uc-bind-firmware.h"
#include "fu-uc-sha256.h"
#include "fuzz.h"

#define FIXED_HEADER_SIZE 16 /* bytes */

/* A UC bind. A fuzzer finds no SHA-256: the checksum of the header is put right first if the header
 * size allows it, and those of the payloads do not count. */

static GBytes *
seal(const guint8 *buf, gsize bufsz)
{
	g_autofree guint8 *copy = g_memdup2(buf, bufsz);
	g_autofree gchar *sum = NULL;
	gsize headersz = bufsz >= FIXED_HEADER_SIZE ? fu_memread_uint32(buf + 12, G_LITTLE_ENDIAN)
						    : 0;

	if (headersz >= FIXED_HEADER_SIZE + FU_UC_SHA256_SIZE && headersz <= bufsz) {
		sum = fu_uc_sha256_of_buffer(copy, headersz - FU_UC_SHA256_SIZE);
		g_assert_true(fu_uc_sha256_from_string(sum, copy + headersz - FU_UC_SHA256_SIZE));
	}
	return g_bytes_new_take(g_steal_pointer(&copy), bufsz);
}

gint
LLVMFuzzerTestOneInput(const guint8 *buf, gsize bufsz)
{
	g_autoptr(FuFirmware) firmware = fu_uc_bind_firmware_new();
	g_autoptr(GBytes) blob = seal(buf, bufsz);
	g_autofree gchar *xml = NULL;

	g_type_ensure(FU_TYPE_UC_BIND_FIRMWARE);
	if (fu_firmware_parse_bytes(firmware,
				    blob,
				    0x0,
				    FU_FIRMWARE_PARSE_FLAG_NO_SEARCH |
					FU_FIRMWARE_PARSE_FLAG_CACHE_STREAM |
					FU_FIRMWARE_PARSE_FLAG_IGNORE_CHECKSUM,
				    NULL))
		xml = fu_firmware_export_to_xml(firmware, FU_FIRMWARE_EXPORT_FLAG_NONE, NULL);
	return 0;
}
