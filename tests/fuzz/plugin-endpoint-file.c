/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-endpoint-config.h"
#include "fu-uc-endpoint-installer.h"
#include "fuzz.h"

/* An endpoint file, and the installer that it asks for. Only root writes one, so that what it
 * refers to is not the parser's to refuse; a device that never ends or never answers is left out
 * here. */

gint
LLVMFuzzerTestOneInput(const guint8 *buf, gsize bufsz)
{
	g_autoptr(FuUcEndpointConfig) config = NULL;
	g_autoptr(FuUcEndpointInstaller) installer = NULL;

	if (g_strstr_len((const gchar *)buf, (gssize)bufsz, "/dev") != NULL ||
	    g_strstr_len((const gchar *)buf, (gssize)bufsz, "/proc") != NULL)
		return 0;
	config = fu_uc_endpoint_config_new_from_data("a.conf", (const gchar *)buf, bufsz, NULL);
	if (config != NULL)
		installer = fu_uc_endpoint_installer_new(config, NULL);
	return 0;
}
