/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-bind-firmware.h"
#include "fu-uc-endpoint-identity.h"
#include "fu-uc-hardware-levels.h"
#include "fu-uc-locale.h"
#include "fu-uc-rauc-firmware.h"
#include "fu-uc-version.h"

/* What an endpoint is, from its file: names for people, and instance ids for releases. */

static void
fu_uc_endpoint_identity_add_instance_str(const gchar *name, const gchar *value, FuDevice *device)
{
	g_autofree gchar *lower = value != NULL ? g_ascii_strdown(value, -1) : NULL;
	fu_device_add_instance_strsafe(device, name, lower);
}

/* @last: (nullable): one more key, behind the others */
static gboolean
fu_uc_endpoint_identity_add_level_id(guint level,
				     FuDevice *device,
				     const gchar *last,
				     GError **error)
{
	g_autofree gchar *text = g_strdup_printf("%u", level);
	fu_device_add_instance_str(device, "HW", text);
	return fu_device_build_instance_id(device, error, "UC", "VEN", "MODEL", "HW", last, NULL);
}

/* levels that root has added are offered too */
static gboolean
fu_uc_endpoint_identity_add_override_ids(FuUcEndpointConfig *config,
					 FuDevice *device,
					 const gchar *last,
					 GError **error)
{
	GArray *override = fu_uc_endpoint_config_get_override_levels(config);

	for (guint i = 0; i < override->len; i++) {
		FuUcHardwareRange *range = &g_array_index(override, FuUcHardwareRange, i);
		for (guint level = range->first; level <= range->last; level++) {
			if (!fu_uc_endpoint_identity_add_level_id(level, device, last, error))
				return FALSE;
		}
	}
	return TRUE;
}

static gboolean
fu_uc_endpoint_identity_add_ids(FuUcEndpointConfig *config,
				FuDevice *device,
				const gchar *last,
				GError **error)
{
	const gchar *model = fu_uc_endpoint_config_get_value(config, "Model");
	const gchar *part_number = fu_uc_endpoint_config_get_value(config, "PartNumber");
	guint level = fu_uc_endpoint_config_get_hardware_level(config);

	if (model != NULL &&
	    !fu_device_build_instance_id(device, error, "UC", "VEN", "MODEL", last, NULL))
		return FALSE;
	if (model != NULL && level != FU_UC_ENDPOINT_HARDWARE_LEVEL_UNKNOWN &&
	    !fu_uc_endpoint_identity_add_level_id(level, device, last, error))
		return FALSE;
	if (part_number != NULL &&
	    !fu_device_build_instance_id(device, error, "UC", "VEN", "PN", last, NULL))
		return FALSE;
	return model == NULL ||
	       fu_uc_endpoint_identity_add_override_ids(config, device, last, error);
}

/**
 * fu_uc_endpoint_identity_add_instance_ids:
 * @config: an endpoint file
 * @device: the endpoint
 * @error: (nullable): optional return location for an error
 *
 * Adds what a release is matched by, most general first, and the levels that root has added behind
 * that; then the same for each language that the endpoint's locale is of. docs/firmware-format.md
 * has test vectors.
 *
 * Returns: %TRUE if all could be added
 **/
gboolean
fu_uc_endpoint_identity_add_instance_ids(FuUcEndpointConfig *config,
					 FuDevice *device,
					 GError **error)
{
	g_auto(GStrv) ranges =
	    fu_uc_locale_get_ranges(fu_uc_endpoint_config_get_value(config, "Locale"));

	fu_uc_endpoint_identity_add_instance_str("VEN",
						 fu_uc_endpoint_config_get_value(config, "Vendor"),
						 device);
	fu_uc_endpoint_identity_add_instance_str("MODEL",
						 fu_uc_endpoint_config_get_value(config, "Model"),
						 device);
	fu_uc_endpoint_identity_add_instance_str(
	    "PN",
	    fu_uc_endpoint_config_get_value(config, "PartNumber"),
	    device);
	if (!fu_uc_endpoint_identity_add_ids(config, device, NULL, error))
		return FALSE;
	for (guint i = 0; ranges[i] != NULL; i++) {
		fu_uc_endpoint_identity_add_instance_str("LOCALE", ranges[i], device);
		if (!fu_uc_endpoint_identity_add_ids(config, device, "LOCALE", error))
			return FALSE;
	}
	return TRUE;
}

static const gchar *
fu_uc_endpoint_identity_icon_for_type(const gchar *type)
{
	static const struct {
		const gchar *type;
		const gchar *icon;
	} icons[] = {
	    {"codec", "camera-video"},
	    {"camera", "camera-web"},
	    {"phone", "phone"},
	    {"panel", "input-tablet"},
	    {"microphone", "audio-input-microphone"},
	    {"speaker", "audio-card"},
	    {"kiosk", "computer"},
	    {FU_UC_ENDPOINT_IDENTITY_UPDATER, "drive-harddisk-solidstate"},
	};
	for (guint i = 0; i < G_N_ELEMENTS(icons); i++) {
		if (g_strcmp0(type, icons[i].type) == 0)
			return icons[i].icon;
	}
	return "computer";
}

/**
 * fu_uc_endpoint_identity_set:
 * @config: an endpoint file
 * @device: the endpoint
 *
 * Sets what people see, and what does not change.
 **/
void
fu_uc_endpoint_identity_set(FuUcEndpointConfig *config, FuDevice *device)
{
	const gchar *vendor = fu_uc_endpoint_config_get_value(config, "Vendor");
	const gchar *model = fu_uc_endpoint_config_get_value(config, "Model");
	const gchar *part_number = fu_uc_endpoint_config_get_value(config, "PartNumber");
	const gchar *name = fu_uc_endpoint_config_get_value(config, "Name");
	const gchar *serial = fu_uc_endpoint_config_get_value(config, "Serial");
	const gchar *type = fu_uc_endpoint_config_get_value(config, "DeviceType");
	const gchar *updater = fu_uc_endpoint_config_get_value(config, "UpdaterVersion");
	g_autofree gchar *vendor_lower = g_ascii_strdown(vendor, -1);

	fu_device_set_physical_id(device, "uc-endpoint");
	fu_device_set_logical_id(device, fu_uc_endpoint_config_get_id(config));
	fu_device_set_name(device, name != NULL ? name : model != NULL ? model : part_number);
	fu_device_set_vendor(device, vendor);
	fu_device_build_vendor_id(device, "UC", vendor_lower);
	if (updater != NULL) {
		g_autofree gchar *version = fu_uc_version_normalize(updater);
		fu_device_set_version_bootloader(device, version);
	}
	if (serial != NULL)
		fu_device_set_serial(device, serial);
	fu_device_add_icon(device, fu_uc_endpoint_identity_icon_for_type(type));
}

/**
 * fu_uc_endpoint_identity_add_flags:
 * @config: an endpoint file
 * @device: the endpoint, which knows its firmware GType
 *
 * What runs is overwritten by some kinds of installers only, and images are checked against the
 * vendor's keys on the endpoint only where it has some.
 **/
void
fu_uc_endpoint_identity_add_flags(FuUcEndpointConfig *config, FuDevice *device)
{
	const gchar *type = fu_uc_endpoint_config_get_install_type(config);
	g_autofree gchar *keys = fu_uc_endpoint_config_get_install(config, "VendorKeys", NULL);

	if (g_strcmp0(type, "slots") == 0 || g_strcmp0(type, "rauc") == 0) {
		fu_device_add_flag(device, FWUPD_DEVICE_FLAG_DUAL_IMAGE);
		fu_device_add_flag(device, FWUPD_DEVICE_FLAG_USABLE_DURING_UPDATE);
	}
	if (keys != NULL || fu_device_get_firmware_gtype(device) == FU_TYPE_UC_RAUC_FIRMWARE)
		fu_device_add_flag(device, FWUPD_DEVICE_FLAG_SIGNED_PAYLOAD);
	else
		fu_device_add_flag(device, FWUPD_DEVICE_FLAG_UNSIGNED_PAYLOAD);
}

/* for people: where it is, what it takes, and what the version is called by its vendor */
static gchar *
fu_uc_endpoint_identity_format_summary(FuUcEndpointConfig *config,
				       const gchar *spelling,
				       const gchar *version)
{
	guint level = fu_uc_endpoint_config_get_hardware_level(config);
	GArray *override = fu_uc_endpoint_config_get_override_levels(config);
	const gchar *room = fu_uc_endpoint_config_get_value(config, "Room");
	g_autoptr(GString) str = g_string_new("UC endpoint");

	if (room != NULL)
		g_string_append_printf(str, " in %s", room);
	if (level != FU_UC_ENDPOINT_HARDWARE_LEVEL_UNKNOWN)
		g_string_append_printf(str, ", hardware level %u", level);
	if (override->len > 0) {
		g_autofree gchar *levels = fu_uc_hardware_levels_to_string(override);
		g_string_append_printf(str, " (overridden, takes firmware for %s too)", levels);
	}
	if (g_strcmp0(spelling, version) != 0)
		g_string_append_printf(str, ", software %s", spelling);
	return g_string_free(g_steal_pointer(&str), FALSE);
}

/**
 * fu_uc_endpoint_identity_set_software:
 * @config: an endpoint file
 * @device: the endpoint, with its version
 * @spelling: the version in the vendor's spelling
 *
 * Sets what people see of the software that runs, and the oldest one that can be installed. fwupd
 * itself refuses what is older than that, so it is said to fwupd only where it is true for each
 * image: for one without our header. A header that names hardware levels counts alone, whatever its
 * version is, so that for UC bind it is only in the summary.
 **/
void
fu_uc_endpoint_identity_set_software(FuUcEndpointConfig *config,
				     FuDevice *device,
				     const gchar *spelling)
{
	const gchar *minimum = fu_uc_endpoint_config_get_value(config, "MinimumSoftware");
	g_autofree gchar *summary =
	    fu_uc_endpoint_identity_format_summary(config, spelling, fu_device_get_version(device));

	if (minimum == NULL) {
		fu_device_set_summary(device, summary);
	} else if (fu_device_get_firmware_gtype(device) == FU_TYPE_UC_BIND_FIRMWARE) {
		g_autofree gchar *longer =
		    g_strdup_printf("%s, takes firmware that names no level from %s on",
				    summary,
				    minimum);
		fu_device_set_summary(device, longer);
	} else {
		g_autofree gchar *lowest = fu_uc_version_normalize(minimum);
		fu_device_set_summary(device, summary);
		fu_device_set_version_lowest(device, lowest);
	}
}
