/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include "fu-uc-bind-check.h"
#include "fu-uc-bind-signature.h"
#include "fu-uc-hardware-levels.h"
#include "fu-uc-locale.h"
#include "fu-uc-version.h"

/* May this image go onto this hardware? The rule of the OpenScape administration manual, chapter
 * 3.9.3: an image whose header has hardware levels is compared with the hardware; one without is
 * compared by its version with the oldest that the hardware supports; `--force` overrides both.
 * Vendor, model and the vendor's signature have no override: another maker's image can never be
 * right. */

static gboolean
fu_uc_bind_check_equal(const gchar *a, const gchar *b)
{
	return a != NULL && b != NULL && g_ascii_strcasecmp(a, b) == 0;
}

static gboolean
fu_uc_bind_check_vendor(const FuUcBindHeader *header, FuUcEndpointConfig *config, GError **error)
{
	const gchar *vendor = fu_uc_endpoint_config_get_value(config, "Vendor");

	if (fu_uc_bind_check_equal(header->vendor, vendor))
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_NOT_SUPPORTED,
		    "firmware is from vendor %s, this endpoint is from vendor %s",
		    header->vendor,
		    vendor);
	return FALSE;
}

static gboolean
fu_uc_bind_check_any(GPtrArray *values, const gchar *value)
{
	for (guint i = 0; i < values->len; i++) {
		if (fu_uc_bind_check_equal(g_ptr_array_index(values, i), value))
			return TRUE;
	}
	return FALSE;
}

static void
fu_uc_bind_check_append(GString *str, const gchar *what, const gchar *value)
{
	if (value != NULL)
		g_string_append_printf(str, "%s%s %s", str->len > 0 ? ", " : "", what, value);
}

static gboolean
fu_uc_bind_check_model(const FuUcBindHeader *header, FuUcEndpointConfig *config, GError **error)
{
	const gchar *model = fu_uc_endpoint_config_get_value(config, "Model");
	const gchar *part_number = fu_uc_endpoint_config_get_value(config, "PartNumber");
	g_autoptr(GString) wanted = g_string_new(NULL);
	g_autoptr(GString) found = g_string_new(NULL);

	if (fu_uc_bind_check_any(header->models, model) ||
	    fu_uc_bind_check_any(header->part_numbers, part_number))
		return TRUE;
	for (guint i = 0; i < header->models->len; i++)
		fu_uc_bind_check_append(wanted, "model", g_ptr_array_index(header->models, i));
	for (guint i = 0; i < header->part_numbers->len; i++)
		fu_uc_bind_check_append(wanted,
					"part number",
					g_ptr_array_index(header->part_numbers, i));
	fu_uc_bind_check_append(found, "model", model);
	fu_uc_bind_check_append(found, "part number", part_number);
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_NOT_SUPPORTED,
		    "firmware is for %s, this endpoint is %s",
		    wanted->str,
		    found->str);
	return FALSE;
}

static gboolean
fu_uc_bind_check_hardware_level(const FuUcBindHeader *header,
				FuUcEndpointConfig *config,
				GError **error)
{
	guint level = fu_uc_endpoint_config_get_hardware_level(config);
	g_autofree gchar *levels = NULL;
	g_autofree gchar *own = NULL;

	if (level != FU_UC_ENDPOINT_HARDWARE_LEVEL_UNKNOWN &&
	    fu_uc_hardware_levels_contains(header->levels, level))
		return TRUE;
	if (fu_uc_hardware_levels_overlap(header->levels,
					  fu_uc_endpoint_config_get_override_levels(config)))
		return TRUE;
	levels = fu_uc_hardware_levels_to_string(header->levels);
	own = level == FU_UC_ENDPOINT_HARDWARE_LEVEL_UNKNOWN
		  ? g_strdup("an unknown hardware level")
		  : g_strdup_printf("hardware level %u", level);
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_NOT_SUPPORTED,
		    "firmware is for hardware level%s %s, this endpoint has %s",
		    fu_uc_hardware_levels_is_single(header->levels) ? "" : "s",
		    levels,
		    own);
	return FALSE;
}

static gboolean
fu_uc_bind_check_minimum_software(const gchar *version, FuUcEndpointConfig *config, GError **error)
{
	const gchar *minimum = fu_uc_endpoint_config_get_value(config, "MinimumSoftware");

	if (minimum == NULL || fu_uc_version_compare(version, minimum) >= 0)
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_NOT_SUPPORTED,
		    "firmware names no hardware level and is version %s, this endpoint needs at "
		    "least version %s",
		    version,
		    minimum);
	return FALSE;
}

static gboolean
fu_uc_bind_check_hardware(const FuUcBindHeader *header, FuUcEndpointConfig *config, GError **error)
{
	if (header->levels->len > 0)
		return fu_uc_bind_check_hardware_level(header, config, error);
	return fu_uc_bind_check_minimum_software(header->version, config, error);
}

static gboolean
fu_uc_bind_check_force(GError *error_local, gboolean forced, GError **error)
{
	if (!forced) {
		g_propagate_error(error, error_local);
		return FALSE;
	}
	g_warning("forced: %s", error_local->message);
	g_error_free(error_local);
	return TRUE;
}

static gboolean
fu_uc_bind_check_running(const FuUcBindHeader *header, const gchar *running, GError **error)
{
	if (header->minimum_version == NULL ||
	    fu_uc_version_compare(running, header->minimum_version) >= 0)
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_NOT_SUPPORTED,
		    "firmware version %s can only follow version %s or later, this endpoint runs "
		    "version %s; install version %s first",
		    header->version,
		    header->minimum_version,
		    running,
		    header->minimum_version);
	return FALSE;
}

static gboolean
fu_uc_bind_check_kind(const FuUcBindHeader *header, GError **error)
{
	if (header->kind == NULL || g_str_equal(header->kind, "firmware"))
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_NOT_SUPPORTED,
		    "UC bind is of kind %s, expected firmware",
		    header->kind);
	return FALSE;
}

static gboolean
fu_uc_bind_check_locale(const FuUcBindHeader *header, FuUcEndpointConfig *config, GError **error)
{
	const gchar *locale = fu_uc_endpoint_config_get_value(config, "Locale");

	if (header->locale == NULL || fu_uc_locale_matches(header->locale, locale))
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_NOT_SUPPORTED,
		    "firmware is for locale %s, this endpoint has %s%s",
		    header->locale,
		    locale != NULL ? "locale " : "none",
		    locale != NULL ? locale : "");
	return FALSE;
}

/**
 * fu_uc_bind_check:
 * @header: what the image says
 * @config: what the endpoint is
 * @running_version: the version that runs
 * @forced: whether a human said `--force`, which overrides hardware level and oldest supported
 * version, and nothing else
 * @error: (nullable): optional return location for an error
 *
 * Returns: %TRUE if the image may be installed, otherwise %FALSE with %FWUPD_ERROR_NOT_SUPPORTED or
 * %FWUPD_ERROR_SIGNATURE_INVALID and a sentence that names what the image is for and what the
 *endpoint is
 **/
gboolean
fu_uc_bind_check(const FuUcBindHeader *header,
		 FuUcEndpointConfig *config,
		 const gchar *running_version,
		 gboolean forced,
		 GError **error)
{
	g_autoptr(GError) error_local = NULL;

	if (!fu_uc_bind_check_kind(header, error) ||
	    !fu_uc_bind_check_vendor(header, config, error) ||
	    !fu_uc_bind_check_model(header, config, error) ||
	    !fu_uc_bind_check_locale(header, config, error) ||
	    !fu_uc_bind_signature_check(header, config, error) ||
	    !fu_uc_bind_check_running(header, running_version, error))
		return FALSE;
	if (fu_uc_bind_check_hardware(header, config, &error_local))
		return TRUE;
	return fu_uc_bind_check_force(g_steal_pointer(&error_local), forced, error);
}

/**
 * fu_uc_bind_check_without_levels:
 * @version: of an image without a header that names hardware levels
 * @config: what the endpoint is
 * @forced: whether a human said `--force`
 * @error: (nullable): optional return location for an error
 *
 * Returns: %TRUE if the image may be installed, otherwise %FALSE with %FWUPD_ERROR_NOT_SUPPORTED
 **/
gboolean
fu_uc_bind_check_without_levels(const gchar *version,
				FuUcEndpointConfig *config,
				gboolean forced,
				GError **error)
{
	g_autoptr(GError) error_local = NULL;

	if (fu_uc_bind_check_minimum_software(version, config, &error_local))
		return TRUE;
	return fu_uc_bind_check_force(g_steal_pointer(&error_local), forced, error);
}
