/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <fwupd.h>

/**
 * UcPluginPresence:
 * @UC_PLUGIN_MISSING: fwupd has no such plugin
 * @UC_PLUGIN_DISABLED: by `DisabledPlugins=` of fwupd.conf
 * @UC_PLUGIN_BROKEN: fwupd could not open it
 * @UC_PLUGIN_LOADED: it works
 *
 * What fwupd says of our plugin.
 */
typedef enum {
	UC_PLUGIN_MISSING,
	UC_PLUGIN_DISABLED,
	UC_PLUGIN_BROKEN,
	UC_PLUGIN_LOADED,
} UcPluginPresence;

gchar *
uc_plugin_get_built_for(void) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_plugin_explain(const gchar *built_for,
		  const gchar *running,
		  UcPluginPresence presence) G_GNUC_WARN_UNUSED_RESULT;
void
uc_plugin_check_async(FwupdClient *client,
		      GCancellable *cancellable,
		      GAsyncReadyCallback callback,
		      gpointer user_data);
gboolean
uc_plugin_check_finish(GAsyncResult *result,
		       gchar **problem_out,
		       GError **error) G_GNUC_WARN_UNUSED_RESULT;
