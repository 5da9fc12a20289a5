/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-endpoint-config.h"

/* Values of the group Install that are more than text: each is checked when its installer is made,
 * and the sentence names the file, the key and what was expected. */

#define FU_UC_ENDPOINT_CONFIG_CONFIRM_SEC 300
#define FU_UC_ENDPOINT_CONFIG_CONFIRM_MAX 3600 /* seconds */

/**
 * fu_uc_endpoint_config_get_install_path:
 * @self: a #FuUcEndpointConfig
 * @key: a key of the group `Install`
 * @fallback: (nullable): what it is if the file does not say
 * @error: (nullable): optional return location for an error
 *
 * Returns: (transfer full): an absolute path, or %NULL with %FWUPD_ERROR_INVALID_DATA and a
 * sentence that names the key
 **/
gchar *
fu_uc_endpoint_config_get_install_path(FuUcEndpointConfig *self, /* nocheck:name */
				       const gchar *key,
				       const gchar *fallback,
				       GError **error)
{
	g_autofree gchar *value = fu_uc_endpoint_config_get_install(self, key, fallback);

	if (value != NULL && g_path_is_absolute(value))
		return g_steal_pointer(&value);
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_INVALID_DATA,
		    "%s: [Install] %s: %s%s%s, expected an absolute path",
		    fu_uc_endpoint_config_get_filename(self),
		    key,
		    value != NULL ? "found '" : "is missing",
		    value != NULL ? value : "",
		    value != NULL ? "'" : "");
	return NULL;
}

/**
 * fu_uc_endpoint_config_get_install_boolean:
 * @self: a #FuUcEndpointConfig
 * @key: a key of the group `Install`
 * @value_out: (inout): the value, which stays as it is if the file does not say
 * @error: (nullable): optional return location for an error
 *
 * Returns: %TRUE, or %FALSE with %FWUPD_ERROR_INVALID_DATA if it is neither `yes` nor `no`
 **/
gboolean
fu_uc_endpoint_config_get_install_boolean(FuUcEndpointConfig *self, /* nocheck:name */
					  const gchar *key,
					  gboolean *value_out,
					  GError **error)
{
	g_autofree gchar *value = fu_uc_endpoint_config_get_install(self, key, NULL);

	if (value == NULL)
		return TRUE;
	*value_out = g_str_equal(value, "yes");
	if (*value_out || g_str_equal(value, "no"))
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_INVALID_DATA,
		    "%s: [Install] %s: found '%s', expected yes or no",
		    fu_uc_endpoint_config_get_filename(self),
		    key,
		    value);
	return FALSE;
}

/**
 * fu_uc_endpoint_config_get_install_uint:
 * @self: a #FuUcEndpointConfig
 * @key: a key of the group `Install`
 * @min: lowest value
 * @max: highest value
 * @value_out: (inout): the value, which stays as it is if the file does not say
 * @error: (nullable): optional return location for an error
 *
 * Returns: %TRUE, or %FALSE with %FWUPD_ERROR_INVALID_DATA and a sentence with the range
 **/
gboolean
fu_uc_endpoint_config_get_install_uint(FuUcEndpointConfig *self, /* nocheck:name */
				       const gchar *key,
				       guint min,
				       guint max,
				       guint *value_out,
				       GError **error)
{
	g_autofree gchar *value = fu_uc_endpoint_config_get_install(self, key, NULL);
	guint64 number = 0;

	if (value == NULL)
		return TRUE;
	if (fu_strtoull(value, &number, min, max, FU_INTEGER_BASE_10, NULL)) {
		*value_out = (guint)number;
		return TRUE;
	}
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_INVALID_DATA,
		    "%s: [Install] %s: found '%s', expected a number from %u to %u",
		    fu_uc_endpoint_config_get_filename(self),
		    key,
		    value,
		    min,
		    max);
	return FALSE;
}

/**
 * fu_uc_endpoint_config_get_confirm_secs:
 * @self: a #FuUcEndpointConfig
 * @secs_out: (out): within how many seconds a start of new firmware has to be confirmed; 0 if it
 * counts as good at once, which is so without `Health` and `ConfirmSec`
 * @error: (nullable): optional return location for an error
 *
 * Returns: %TRUE, or %FALSE with %FWUPD_ERROR_INVALID_DATA
 **/
gboolean
fu_uc_endpoint_config_get_confirm_secs(FuUcEndpointConfig *self, /* nocheck:name */
				       guint *secs_out,
				       GError **error)
{
	g_autofree gchar *health = fu_uc_endpoint_config_get_install(self, "Health", NULL);

	*secs_out = 0;
	if (health != NULL) {
		g_autofree gchar *path =
		    fu_uc_endpoint_config_get_install_path(self, "Health", NULL, error);
		if (path == NULL)
			return FALSE;
		*secs_out = FU_UC_ENDPOINT_CONFIG_CONFIRM_SEC;
	}
	return fu_uc_endpoint_config_get_install_uint(self,
						      "ConfirmSec",
						      1,
						      FU_UC_ENDPOINT_CONFIG_CONFIRM_MAX,
						      secs_out,
						      error);
}
