/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-endpoint-boot.h"
#include "fuzz.h"

/* What the programs of GRUB and U-Boot print. */

gint
LLVMFuzzerTestOneInput(const guint8 *buf, gsize bufsz)
{
	g_autofree gchar *text = g_strndup((const gchar *)buf, bufsz);
	g_autofree gchar *value = fu_uc_endpoint_boot_find_variable(text, "uc_slot");

	g_assert_nonnull(value);
	g_assert_null(strchr(value, '\n'));
	return 0;
}
