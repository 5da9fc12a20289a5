/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-endpoint-config-keys.h"
#include "fu-uc-endpoint-value.h"

/* The keys of an endpoint file; docs/endpoint-file.md has what they mean. */

static const gchar *const fu_uc_endpoint_config_keys_endpoint[] = {
    "Id",
    "Name",
    "DeviceType",
    "Vendor",
    "Model",
    "Serial",
    "Revision",
    "PartNumber",
    "Locale",
    "HardwareLevel",
    "HardwareLevelByPartNumber",
    "OverrideHardwareLevel",
    "Room",
    "Version",
    "UpdaterVersion",
    "MacAddress",
    "Parent",
    "MinimumSoftware",
    NULL,
};

static const gchar *const fu_uc_endpoint_config_keys_install[] = {
    "Type",
    "Health",
    "ConfirmSec",
    "VendorKeys",
    "Led",
    "SlotA",
    "SlotB",
    "RunningParameter",
    "Boot",
    "GrubEnv",
    "GrubVariable",
    "UBootConfig",
    "UBootVariable",
    "BootProgram",
    "Target",
    "Restart",
    "Program",
    "TimeoutSec",
    "Format",
    "RawVersionPattern",
    "RawVersionOffset",
    NULL,
};

/**
 * fu_uc_endpoint_config_keys_get_values:
 *
 * Returns: (transfer none): what is known about an endpoint, each in the file or elsewhere
 **/
const gchar *const *
fu_uc_endpoint_config_keys_get_values(void)
{
	return fu_uc_endpoint_config_keys_endpoint;
}

/**
 * fu_uc_endpoint_config_keys_contain:
 * @group: a group of an endpoint file
 * @key: a key in it
 *
 * Returns: whether an endpoint file may have it
 **/
gboolean
fu_uc_endpoint_config_keys_contain(const gchar *group, const gchar *key)
{
	if (g_str_equal(group, "Endpoint")) {
		for (guint i = 0; fu_uc_endpoint_config_keys_endpoint[i] != NULL; i++) {
			if (fu_uc_endpoint_value_is_key(key,
							fu_uc_endpoint_config_keys_endpoint[i]))
				return TRUE;
		}
	}
	if (g_str_equal(group, "Install"))
		return g_strv_contains(fu_uc_endpoint_config_keys_install, key);
	return FALSE;
}

/**
 * fu_uc_endpoint_config_keys_foreach:
 * @func: called with each key
 * @user_data: for @func
 *
 * Also those that say where a value is kept.
 **/
void
fu_uc_endpoint_config_keys_foreach(FuUcEndpointConfigKeysFunc func, gpointer user_data)
{
	for (guint i = 0; fu_uc_endpoint_config_keys_endpoint[i] != NULL; i++) {
		g_auto(GStrv) keys =
		    fu_uc_endpoint_value_get_keys(fu_uc_endpoint_config_keys_endpoint[i]);
		for (guint j = 0; keys[j] != NULL; j++)
			func("Endpoint", keys[j], user_data);
	}
	for (guint i = 0; fu_uc_endpoint_config_keys_install[i] != NULL; i++)
		func("Install", fu_uc_endpoint_config_keys_install[i], user_data);
}
