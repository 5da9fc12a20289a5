/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Whether fwupd has our plugin. The interface for plugins changes with every release of fwupd, so
 * a plugin fits exactly one, and another fwupd does not load it. Without it there are no endpoints:
 * nothing is wrong that a device could tell. So the agent does, from the version that the plugin's
 * package wrote down and the one that fwupd says it is.
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "uc-deadline.h"
#include "uc-error.h"
#include "uc-paths.h"
#include "uc-plugin.h"

#define UC_PLUGIN_NAME	   "uc_endpoint"
#define UC_PLUGIN_CHECK_MS (30 * 1000)

/**
 * uc_plugin_get_built_for:
 *
 * Reads `plugin.conf` below the vendor's directory, which the plugin's package brings.
 *
 * Returns: (transfer full) (nullable): the version of fwupd that it is for; %NULL without a plugin
 */
gchar *
uc_plugin_get_built_for(void)
{
	g_autofree gchar *path = uc_path_vendor("plugin.conf");
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autoptr(GError) error = NULL;
	gchar *version = NULL;

	if (g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &error))
		version = g_key_file_get_string(file, "Plugin", "Fwupd", &error);
	if (version == NULL && !g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
		g_warning("%s: %s", path, error->message);
	return version;
}

/**
 * uc_plugin_explain:
 * @built_for: (nullable): as uc_plugin_get_built_for()
 * @running: (nullable): the version of fwupd that runs, if it is known
 * @presence: what that fwupd says of the plugin
 *
 * Returns: (transfer full) (nullable): a sentence for people on why there are no endpoints, and
 * what to do; %NULL if the plugin works
 */
gchar *
uc_plugin_explain(const gchar *built_for, const gchar *running, UcPluginPresence presence)
{
	if (built_for != NULL && running != NULL && !g_str_equal(built_for, running))
		return g_strdup_printf(_("plugin built for fwupd %s, fwupd is %s: updates wait; "
					 "run ucupdates-rebuild-plugin as root"),
				       built_for,
				       running);
	switch (presence) {
	case UC_PLUGIN_MISSING:
		if (built_for == NULL)
			return g_strdup(
			    _("fwupd has no plugin uc_endpoint: updates wait; install the package "
			      "fwupd-plugin-uc-endpoint, or run ucupdates-rebuild-plugin as root"));
		break;
	case UC_PLUGIN_DISABLED:
		return g_strdup(_("fwupd's plugin uc_endpoint is disabled: updates wait; see "
				  "DisabledPlugins= in fwupd.conf"));
	case UC_PLUGIN_LOADED:
		return NULL;
	default:
		break;
	}
	return g_strdup(_("fwupd did not load the plugin uc_endpoint: updates wait; see "
			  "journalctl --unit=fwupd"));
}

static UcPluginPresence
uc_plugin_find(GPtrArray *plugins)
{
	for (guint i = 0; i < plugins->len; i++) {
		FwupdPlugin *plugin = g_ptr_array_index(plugins, i);

		if (g_strcmp0(fwupd_plugin_get_name(plugin), UC_PLUGIN_NAME) != 0)
			continue;
		if (fwupd_plugin_has_flag(plugin, FWUPD_PLUGIN_FLAG_FAILED_OPEN))
			return UC_PLUGIN_BROKEN;
		if (fwupd_plugin_has_flag(plugin, FWUPD_PLUGIN_FLAG_DISABLED))
			return UC_PLUGIN_DISABLED;
		return UC_PLUGIN_LOADED;
	}
	return UC_PLUGIN_MISSING;
}

static void
uc_plugin_listed_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	FwupdClient *client = FWUPD_CLIENT(source);
	g_autofree gchar *built_for = uc_plugin_get_built_for();
	g_autoptr(GPtrArray) plugins = NULL;
	GError *error = NULL;

	plugins = fwupd_client_get_plugins_finish(client, result, &error);
	if (plugins == NULL) {
		uc_deadline_convert_error(g_task_get_task_data(task), &error);
		g_prefix_error(&error, "cannot list fwupd's plugins: ");
		g_task_return_error(task, error);
		return;
	}
	g_task_return_pointer(task,
			      uc_plugin_explain(built_for,
						fwupd_client_get_daemon_version(client),
						uc_plugin_find(plugins)),
			      g_free);
}

/**
 * uc_plugin_check_async:
 * @client: one that is connected
 *
 * Asks fwupd for its plugins, within half a minute.
 */
void
uc_plugin_check_async(FwupdClient *client,
		      GCancellable *cancellable,
		      GAsyncReadyCallback callback,
		      gpointer user_data)
{
	GTask *task = g_task_new(client, cancellable, callback, user_data);
	UcDeadline *deadline = uc_deadline_new(UC_PLUGIN_CHECK_MS, cancellable);

	g_task_set_task_data(task, deadline, (GDestroyNotify)uc_deadline_free);
	fwupd_client_get_plugins_async(client,
				       uc_deadline_get_cancellable(deadline),
				       uc_plugin_listed_cb,
				       task);
}

/**
 * uc_plugin_check_finish:
 * @problem_out: (out) (transfer full) (nullable): as uc_plugin_explain()
 * @error: set to an error of fwupd, or to %UC_ERROR_TEMPORARY when it did not answer
 */
gboolean
uc_plugin_check_finish(GAsyncResult *result, gchar **problem_out, GError **error)
{
	g_autoptr(GError) error_check = NULL;

	*problem_out = g_task_propagate_pointer(G_TASK(result), &error_check);
	if (error_check == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&error_check));
	return FALSE;
}
