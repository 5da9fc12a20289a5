/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include "fu-uc-bind-firmware.h"
#include "fu-uc-endpoint-device.h"
#include "fu-uc-endpoint-directory.h"
#include "fu-uc-endpoint-quirk.h"
#include "fu-uc-endpoint-sweep.h"
#include "fu-uc-endpoint-watch.h"
#include "fu-uc-rauc-firmware.h"

#define FU_UC_ENDPOINT_PLUGIN_CACHE_DIRECTORY "directory"
#define FU_UC_ENDPOINT_PLUGIN_CACHE_WATCH     "watch"

/* the interface for plugins changes with every release */
#ifndef FU_UC_ENDPOINT_PLUGIN_BUILT_FOR
#define FU_UC_ENDPOINT_PLUGIN_BUILT_FOR  \
	G_STRINGIFY(FWUPD_MAJOR_VERSION) \
	"." G_STRINGIFY(FWUPD_MINOR_VERSION) "." G_STRINGIFY(FWUPD_MICRO_VERSION)
#endif

static void
fu_uc_endpoint_plugin_revoke(FuUcEndpointDevice *device, const gchar *version)
{
	const gchar *endpoint = fu_device_get_logical_id(FU_DEVICE(device));
	g_autoptr(GError) error_local = NULL;

	if (!fu_uc_endpoint_state_revoke(fu_uc_endpoint_device_get_state(device),
					 version,
					 &error_local)) {
		g_warning("%s: version %s was withdrawn, and is staged still: %s",
			  endpoint,
			  version,
			  error_local->message);
		return;
	}
	fu_uc_endpoint_device_ensure_flags(device);
}

/* what the agent says, whenever it says it */
static void
fu_uc_endpoint_plugin_follow(FuUcEndpointDevice *device, FuUcEndpointWatch *watch)
{
	const gchar *withdrawn =
	    fu_uc_endpoint_watch_get_withdrawn(watch, fu_device_get_logical_id(FU_DEVICE(device)));

	fu_uc_endpoint_device_set_in_use(device, fu_uc_endpoint_watch_get_reason(watch));
	if (withdrawn != NULL)
		fu_uc_endpoint_plugin_revoke(device, withdrawn);
}

static void
fu_uc_endpoint_plugin_watch_changed_cb(FuUcEndpointWatch *watch, FuPlugin *plugin)
{
	GPtrArray *devices = fu_plugin_get_devices(plugin);

	for (guint i = 0; i < devices->len; i++) {
		FuDevice *device = g_ptr_array_index(devices, i);
		fu_uc_endpoint_plugin_follow(FU_UC_ENDPOINT_DEVICE(device), watch);
	}
}

static void
fu_uc_endpoint_plugin_device_added_cb(FuPlugin *plugin, FuDevice *device, FuUcEndpointWatch *watch)
{
	fu_uc_endpoint_plugin_follow(FU_UC_ENDPOINT_DEVICE(device), watch);
}

static gboolean
fu_uc_endpoint_plugin_startup(FuPlugin *plugin, FuProgress *progress, GError **error)
{
	g_autoptr(FuUcEndpointWatch) watch = fu_uc_endpoint_watch_new();

	g_signal_connect_object(watch,
				"changed",
				G_CALLBACK(fu_uc_endpoint_plugin_watch_changed_cb),
				plugin,
				0);
	g_signal_connect_object(plugin,
				"device-added",
				G_CALLBACK(fu_uc_endpoint_plugin_device_added_cb),
				watch,
				0);
	fu_plugin_cache_add(plugin, FU_UC_ENDPOINT_PLUGIN_CACHE_WATCH, watch);
	return TRUE;
}

static gboolean
fu_uc_endpoint_plugin_coldplug(FuPlugin *plugin, FuProgress *progress, GError **error)
{
	g_autofree gchar *path =
	    fu_path_build(FU_PATH_KIND_SYSCONFDIR, "ucupdates", "endpoints.d", NULL);
	g_autoptr(FuUcEndpointDirectory) directory = NULL;

	fu_uc_endpoint_sweep();
	directory = fu_uc_endpoint_directory_new(plugin, path);
	fu_plugin_cache_add(plugin, FU_UC_ENDPOINT_PLUGIN_CACHE_DIRECTORY, directory);
	fu_uc_endpoint_directory_load(directory);
	return TRUE;
}

static gboolean
fu_uc_endpoint_plugin_composite_cleanup(FuPlugin *plugin, GPtrArray *devices, GError **error)
{
	for (guint i = 0; i < devices->len; i++) {
		FuDevice *device = g_ptr_array_index(devices, i);
		if (FU_IS_UC_ENDPOINT_DEVICE(device))
			fu_uc_endpoint_device_finish_transaction(FU_UC_ENDPOINT_DEVICE(device));
	}
	return TRUE;
}

/* an error here keeps the engine from calling it a success because the new version runs */
static gboolean
fu_uc_endpoint_plugin_reboot_cleanup(FuPlugin *plugin, FuDevice *device, GError **error)
{
	return fu_uc_endpoint_device_check_confirmed(FU_UC_ENDPOINT_DEVICE(device), error);
}

static void
fu_uc_endpoint_plugin_constructed(GObject *obj)
{
	FuPlugin *plugin = FU_PLUGIN(obj);
	fu_uc_endpoint_quirk_add_keys(fu_plugin_get_context(plugin));
	fu_plugin_set_device_gtype_default(plugin, FU_TYPE_UC_ENDPOINT_DEVICE);
	fu_plugin_add_firmware_gtype(plugin, "uc-bind", FU_TYPE_UC_BIND_FIRMWARE);
	fu_plugin_add_firmware_gtype(plugin, "uc-rauc", FU_TYPE_UC_RAUC_FIRMWARE);

	/* without an id, as `auto` would take it for everything */
	g_type_ensure(FU_TYPE_UC_RAW_FIRMWARE);
}

void
fu_plugin_init_vfuncs(FuPluginVfuncs *vfuncs)
{
	if (!g_str_equal(fwupd_version_string(), FU_UC_ENDPOINT_PLUGIN_BUILT_FOR)) {
		g_warning("plugin built for fwupd %s, fwupd is %s: it does nothing",
			  FU_UC_ENDPOINT_PLUGIN_BUILT_FOR,
			  fwupd_version_string());
		return;
	}
	vfuncs->constructed = fu_uc_endpoint_plugin_constructed;
	vfuncs->startup = fu_uc_endpoint_plugin_startup;
	vfuncs->coldplug = fu_uc_endpoint_plugin_coldplug;
	vfuncs->reboot_cleanup = fu_uc_endpoint_plugin_reboot_cleanup;
	vfuncs->composite_cleanup = fu_uc_endpoint_plugin_composite_cleanup;
}
