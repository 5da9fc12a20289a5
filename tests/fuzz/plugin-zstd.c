/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include "fu-uc-sha256.h"
#include "fu-uc-zstd-stream.h"
#include "fuzz.h"

#define UNPACKED_MAX (64 * 1024) /* bytes */

/* A compressed payload: never more comes out than was promised, and the second time the same. */

gint
LLVMFuzzerTestOneInput(const guint8 *buf, gsize bufsz)
{
	g_autofree gchar *again = NULL;
	g_autofree gchar *sha256 = NULL;
	g_autoptr(GBytes) blob = g_bytes_new(buf, bufsz);
	g_autoptr(GInputStream) base = g_memory_input_stream_new_from_bytes(blob);
	g_autoptr(GInputStream) stream = fu_uc_zstd_stream_new(base, UNPACKED_MAX);

	sha256 = fu_uc_sha256_of_stream(stream, NULL);
	if (sha256 == NULL)
		return 0;
	again = fu_uc_sha256_of_stream(stream, NULL);
	g_assert_cmpstr(sha256, ==, again);
	return 0;
}
