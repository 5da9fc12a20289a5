/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include "fu-uc-endpoint-kernel.h"

/**
 * fu_uc_endpoint_kernel_get_boot_id:
 * @error: (nullable): optional return location for an error
 *
 * The boot id, rather than the boot time, which moves when the clock is set.
 *
 * Returns: (transfer full): what the kernel made up for this boot
 **/
gchar *
fu_uc_endpoint_kernel_get_boot_id(GError **error)
{
	g_autofree gchar *boot_id = NULL;
	g_autofree gchar *path =
	    fu_path_build(FU_PATH_KIND_PROCFS, "sys", "kernel", "random", "boot_id", NULL);

	if (!g_file_get_contents(path, &boot_id, NULL, error)) {
		fwupd_error_convert(error);
		return NULL;
	}
	return g_strdup(g_strstrip(boot_id));
}

/**
 * fu_uc_endpoint_kernel_get_parameter:
 * @name: name of a parameter on the kernel's command line
 * @error: (nullable): optional return location for an error
 *
 * Returns: (transfer full): its last value, or %NULL with %FWUPD_ERROR_NOT_FOUND
 **/
gchar *
fu_uc_endpoint_kernel_get_parameter(const gchar *name, GError **error)
{
	g_autofree gchar *cmdline = NULL;
	g_autofree gchar *value = NULL;
	g_autofree gchar *prefix = g_strdup_printf("%s=", name);
	g_autofree gchar *path = fu_path_build(FU_PATH_KIND_PROCFS, "cmdline", NULL);
	g_auto(GStrv) words = NULL;

	if (!g_file_get_contents(path, &cmdline, NULL, error)) {
		fwupd_error_convert(error);
		return NULL;
	}
	words = g_strsplit_set(cmdline, " \t\n", -1);
	for (guint i = 0; words[i] != NULL; i++) {
		if (g_str_has_prefix(words[i], prefix)) {
			g_free(value);
			value = g_strdup(words[i] + strlen(prefix));
		}
	}
	if (value == NULL) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_NOT_FOUND,
			    "the kernel command line in %s has no %s",
			    path,
			    name);
		return NULL;
	}
	return g_steal_pointer(&value);
}
