/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What `[Agent]` of the configuration says about updates; the sources are uc-sources.c's. */

#include "uc-agent-private.h"
#include "uc-device-pattern.h"
#include "uc-error.h"

/* without any, the organisation's windows are all that counts */
static gboolean
uc_agent_configure_windows(UcAgent *self, UcConfig *config, GError **error)
{
	g_auto(GStrv) texts = uc_config_get_strv(config, "Agent", "Windows");
	g_autofree gchar *text = NULL;

	if (texts[0] == NULL)
		return TRUE;
	self->windows = uc_window_parse_list((const gchar *const *)texts);
	if (self->windows != NULL && self->windows->len <= UC_POLICY_WINDOWS_MAX)
		return TRUE;
	text = g_strjoinv(";", texts);
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    " is '%s', expected up to %d windows HH:MM-HH:MM, separated by ';', each with "
		    "the days before it if it is not for all, such as 'sat,sun 08:00-20:00'",
		    text,
		    UC_POLICY_WINDOWS_MAX);
	uc_config_prefix_error(config, "Agent", "Windows", error);
	return FALSE;
}

static gboolean
uc_agent_configure_updates(UcAgent *self, UcConfig *config, GError **error)
{
	g_autofree gchar *restart = uc_config_get_string(config, "Agent", "Restart");
	g_autofree gchar *group = NULL;
	g_autofree gchar *first_update = NULL;

	if (!g_str_equal(restart, "logind") && !g_str_equal(restart, "none")) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    " is '%s', expected logind or none",
			    restart);
		uc_config_prefix_error(config, "Agent", "Restart", error);
		return FALSE;
	}
	self->restart_by_agent = g_str_equal(restart, "logind");
	group = uc_config_get_string(config, "Agent", "Group");
	first_update = uc_config_get_string(config, "Agent", "FirstUpdate");
	self->group = group[0] != '\0' ? g_steal_pointer(&group) : NULL;
	if (!g_str_equal(first_update, "mandatory") && !g_str_equal(first_update, "normal")) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    " is '%s', expected mandatory or normal",
			    first_update);
		uc_config_prefix_error(config, "Agent", "FirstUpdate", error);
		return FALSE;
	}
	self->first_update_normal = g_str_equal(first_update, "normal");
	self->idle_min_secs = (gint64)uc_config_get_uint(config, "Agent", "IdleSec");
	self->retry_max_secs = (gint64)uc_config_get_uint(config, "Agent", "RetryMaxSec");
	return uc_agent_configure_windows(self, config, error);
}

/* none by default: what belongs to the room is for the administrator to say */
static gboolean
uc_agent_configure_devices(UcAgent *self, UcConfig *config, GError **error)
{
	g_auto(GStrv) patterns = uc_config_get_strv(config, "Agent", "Devices");

	if (!uc_device_pattern_check((const gchar *const *)patterns, error)) {
		uc_config_prefix_error(config, "Agent", "Devices", error);
		return FALSE;
	}
	uc_fwupd_set_others(self->fwupd, (const gchar *const *)patterns);
	return TRUE;
}

/**
 * uc_agent_configure:
 * @config: of which the values are copied
 * @error: set to %UC_ERROR_INVALID for a value that is not one of those expected
 */
gboolean
uc_agent_configure(UcAgent *self, UcConfig *config, GError **error)
{
	return uc_agent_configure_updates(self, config, error) &&
	       uc_agent_configure_devices(self, config, error);
}
