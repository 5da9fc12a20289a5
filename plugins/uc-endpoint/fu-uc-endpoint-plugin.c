/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include "fu-uc-bind-firmware.h"
#include "fu-uc-endpoint-device.h"
#include "fu-uc-endpoint-watch.h"

#define FU_UC_ENDPOINT_PLUGIN_CACHE_WATCH "watch"

/* a module has to show this to the daemon */
void
fu_plugin_init_vfuncs(FuPluginVfuncs *vfuncs);

static void
fu_uc_endpoint_plugin_watch_changed_cb(FuUcEndpointWatch *watch, FuPlugin *plugin)
{
	GPtrArray *devices = fu_plugin_get_devices(plugin);

	for (guint i = 0; i < devices->len; i++) {
		FuDevice *device = g_ptr_array_index(devices, i);
		fu_uc_endpoint_device_set_in_use(FU_UC_ENDPOINT_DEVICE(device),
						 fu_uc_endpoint_watch_get_reason(watch));
	}
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
	fu_plugin_cache_add(plugin, FU_UC_ENDPOINT_PLUGIN_CACHE_WATCH, watch);
	return TRUE;
}

static gboolean
fu_uc_endpoint_plugin_check_unique(FuPlugin *plugin, FuUcEndpointConfig *config, GError **error)
{
	GPtrArray *devices = fu_plugin_get_devices(plugin);

	for (guint i = 0; i < devices->len; i++) {
		FuDevice *device = g_ptr_array_index(devices, i);
		if (g_strcmp0(fu_device_get_logical_id(device),
			      fu_uc_endpoint_config_get_id(config)) == 0) {
			g_set_error(error,
				    FWUPD_ERROR,
				    FWUPD_ERROR_INVALID_DATA,
				    "%s: [Endpoint] Id: another endpoint file has '%s' already, "
				    "expected one of its own",
				    fu_uc_endpoint_config_get_filename(config),
				    fu_uc_endpoint_config_get_id(config));
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean
fu_uc_endpoint_plugin_add_file(FuPlugin *plugin, const gchar *filename, GError **error)
{
	FuUcEndpointWatch *watch =
	    fu_plugin_cache_lookup(plugin, FU_UC_ENDPOINT_PLUGIN_CACHE_WATCH);
	g_autoptr(FuUcEndpointConfig) config = NULL;
	g_autoptr(FuUcEndpointDevice) device = NULL;

	config = fu_uc_endpoint_config_new_from_file(filename, error);
	if (config == NULL)
		return FALSE;
	if (!fu_uc_endpoint_plugin_check_unique(plugin, config, error))
		return FALSE;
	device = fu_uc_endpoint_device_new(fu_plugin_get_context(plugin), config, error);
	if (device == NULL)
		return FALSE;
	if (!fu_device_setup(FU_DEVICE(device), error)) {
		g_prefix_error(error, "%s: ", filename);
		return FALSE;
	}
	if (watch != NULL)
		fu_uc_endpoint_device_set_in_use(device, fu_uc_endpoint_watch_get_reason(watch));
	fu_plugin_device_add(plugin, FU_DEVICE(device));
	return TRUE;
}

static gint
fu_uc_endpoint_plugin_sort_cb(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(*((const gchar **)a), *((const gchar **)b));
}

static gboolean
fu_uc_endpoint_plugin_coldplug(FuPlugin *plugin, FuProgress *progress, GError **error)
{
	g_autofree gchar *path =
	    fu_path_build(FU_PATH_KIND_SYSCONFDIR, "ucupdates", "endpoints.d", NULL);
	g_autoptr(GPtrArray) files = NULL;

	/* nothing there is nothing to do */
	files = fu_path_glob(path, "*.conf", NULL);
	if (files == NULL)
		return TRUE;
	g_ptr_array_sort(files, fu_uc_endpoint_plugin_sort_cb);
	for (guint i = 0; i < files->len; i++) {
		const gchar *filename = g_ptr_array_index(files, i);
		g_autoptr(GError) error_local = NULL;
		if (!fu_uc_endpoint_plugin_add_file(plugin, filename, &error_local))
			g_warning("endpoint is disabled: %s", error_local->message);
	}
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

static void
fu_uc_endpoint_plugin_constructed(GObject *obj)
{
	FuPlugin *plugin = FU_PLUGIN(obj);
	fu_plugin_set_device_gtype_default(plugin, FU_TYPE_UC_ENDPOINT_DEVICE);
	fu_plugin_add_firmware_gtype(plugin, "uc-bind", FU_TYPE_UC_BIND_FIRMWARE);
}

void
fu_plugin_init_vfuncs(FuPluginVfuncs *vfuncs)
{
	vfuncs->constructed = fu_uc_endpoint_plugin_constructed;
	vfuncs->startup = fu_uc_endpoint_plugin_startup;
	vfuncs->coldplug = fu_uc_endpoint_plugin_coldplug;
	vfuncs->composite_cleanup = fu_uc_endpoint_plugin_composite_cleanup;
}
