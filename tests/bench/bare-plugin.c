/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

/* The least that a plugin for fwupd can do: as many devices as UC_BENCH_DEVICES says, with what
 * each device must have and nothing read or written. What a daemon with it takes to start is the
 * engine's part, with which ours is compared. */

#define BARE_PLUGIN_DEVICES_MAX 10000

static void
bare_plugin_add(FuPlugin *plugin, guint number)
{
	g_autofree gchar *id = g_strdup_printf("bare%u", number);
	g_autofree gchar *general = g_strdup_printf("UC\\VEN_acme&MODEL_%s", id);
	g_autofree gchar *level = g_strdup_printf("%s&HW_2", general);
	g_autoptr(FuDevice) device = fu_device_new(fu_plugin_get_context(plugin));

	fu_device_set_physical_id(device, "bare");
	fu_device_set_logical_id(device, id);
	fu_device_set_name(device, id);
	fu_device_set_vendor(device, "acme");
	fu_device_build_vendor_id(device, "UC", "acme");
	fu_device_add_protocol(device, "org.ucupdates.bind");
	fu_device_add_instance_id(device, general);
	fu_device_add_instance_id(device, level);
	fu_device_set_version_format(device, FWUPD_VERSION_FORMAT_TRIPLET);
	fu_device_set_version(device, "1.0.0"); /* nocheck:set-version */
	fu_device_add_flag(device, FWUPD_DEVICE_FLAG_UPDATABLE);
	fu_device_add_flag(device, FWUPD_DEVICE_FLAG_UNSIGNED_PAYLOAD);
	fu_plugin_device_add(plugin, device);
}

static gboolean
bare_plugin_coldplug(FuPlugin *plugin, FuProgress *progress, GError **error)
{
	guint64 count = 0;

	if (!g_ascii_string_to_unsigned(g_getenv("UC_BENCH_DEVICES"),
					10,
					0,
					BARE_PLUGIN_DEVICES_MAX,
					&count,
					error))
		return FALSE;
	for (guint i = 0; i < count; i++)
		bare_plugin_add(plugin, i);
	return TRUE;
}

void
fu_plugin_init_vfuncs(FuPluginVfuncs *vfuncs)
{
	vfuncs->coldplug = bare_plugin_coldplug;
}
