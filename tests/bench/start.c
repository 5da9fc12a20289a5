/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>
#include <time.h>

#include "fu-context-private.h"
#include "fu-plugin-private.h"

#include "fu-uc-endpoint-directory.h"

/* The plugin's own share of a daemon's start: all endpoint files of a directory are read and set
 * up, without daemon and engine, which do more than the plugin with each device.
 *
 *   start DIRECTORY
 *
 * Prints the number of endpoints and the milliseconds of the processor, which other load beside it
 * does not change; nothing is waited for. */

static void
start_device_added_cb(FuPlugin *plugin, FuDevice *device, guint *count)
{
	(*count)++;
}

/* the daemon has them loaded by then, and sorted by its own devices */
static void
start_load_quirks(FuContext *ctx)
{
	g_autoptr(GError) error = NULL;

	if (!fu_context_load_quirks(ctx, FU_QUIRKS_LOAD_FLAG_NO_CACHE, &error))
		g_error("no quirks: %s", error->message);
	(void)fu_context_lookup_quirk_by_id(ctx, "00000000-0000-0000-0000-000000000000", "Name");
}

gint
main(gint argc, gchar *argv[])
{
	guint count = 0;
	clock_t start = 0;
	g_autoptr(FuContext) ctx = fu_context_new();
	g_autoptr(FuPlugin) plugin = fu_plugin_new(ctx);
	g_autoptr(FuUcEndpointDirectory) directory = NULL;

	if (argc != 2) {
		g_printerr("usage: start DIRECTORY\n");
		return 2;
	}
	fu_plugin_set_name(plugin, "uc_endpoint");
	start_load_quirks(ctx);
	g_signal_connect(plugin, "device-added", G_CALLBACK(start_device_added_cb), &count);
	start = clock();
	directory = fu_uc_endpoint_directory_new(plugin, argv[1]);
	fu_uc_endpoint_directory_load(directory);
	g_print("%u %.3f\n", count, (gdouble)(clock() - start) * 1000 / CLOCKS_PER_SEC);
	return 0;
}
