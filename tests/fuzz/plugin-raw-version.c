/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-endpoint-raw.h"
#include "fu-uc-version.h"
#include "fuzz.h"

/* The version in a raw image: whatever is found is short, printable and normalises. */

static const gchar *endpoint_file = "[Endpoint]\nId=a\nVendor=a\nModel=a\nVersion=1\n"
				    "[Install]\nType=slots\nFormat=raw\nRawVersionOffset=4\n"
				    "RawVersionPattern=(?i)version[ =]*(.*?)(?:[\\\\x00\\n]|$)\n";

gint
LLVMFuzzerTestOneInput(const guint8 *buf, gsize bufsz)
{
	g_autofree gchar *again = NULL;
	g_autofree gchar *normal = NULL;
	g_autofree gchar *version = NULL;
	g_autoptr(FuUcEndpointConfig) config = NULL;
	g_autoptr(GBytes) blob = g_bytes_new(buf, bufsz);
	g_autoptr(GError) error = NULL;
	g_autoptr(GInputStream) stream = g_memory_input_stream_new_from_bytes(blob);

	config = fu_uc_endpoint_config_new_from_data("a.conf",
						     endpoint_file,
						     strlen(endpoint_file),
						     &error);
	g_assert_no_error(error);
	version = fu_uc_endpoint_raw_find_version(config, stream, NULL);
	if (version == NULL)
		return 0;
	g_assert_cmpuint(strlen(version), <=, 255);
	for (const gchar *c = version; *c != '\0'; c++)
		g_assert_true(g_ascii_isprint(*c));
	normal = fu_uc_version_normalize(version);
	again = fu_uc_version_normalize(normal);
	g_assert_cmpstr(normal, ==, again);
	return 0;
}
