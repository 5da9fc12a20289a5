/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-bind-check.h"
#include "fu-uc-bind-firmware.h"
#include "fu-uc-bind-signature.h"
#include "fu-uc-endpoint-raw.h"
#include "fu-uc-rauc-firmware.h"
#include "fu-uc-version.h"

/* Images without a header of ours, which have one format for each endpoint: a RAUC bundle with
 * `Type=rauc`, a raw image with `Format=raw`. Each has a protocol of its own, so that the engine
 * offers no other.
 *
 * The engine does not tell a plugin which release it installs (2.0.20), and the state has to know
 * which version is to run after the restart. So a raw image has to contain its version, and the
 * endpoint file says where; the version of a bundle is read by RAUC. The version of the release is
 * compared with what runs by the engine (without restart) or seen by everybody (after it). */

#define FU_UC_ENDPOINT_RAW_WINDOW      (64 * 1024) /* bytes that are searched for the version */
#define FU_UC_ENDPOINT_RAW_VERSION_MAX 255	   /* bytes */

static GRegex *
fu_uc_endpoint_raw_get_pattern(FuUcEndpointConfig *config, GError **error)
{
	g_autofree gchar *pattern =
	    fu_uc_endpoint_config_get_install(config, "RawVersionPattern", NULL);
	g_autoptr(GError) error_local = NULL;
	g_autoptr(GRegex) regex = NULL;

	if (pattern != NULL)
		regex = g_regex_new(pattern, G_REGEX_RAW | G_REGEX_OPTIMIZE, 0, &error_local);
	if (regex != NULL && g_regex_get_capture_count(regex) == 1)
		return g_steal_pointer(&regex);
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_INVALID_DATA,
		    "%s: [Install] RawVersionPattern: %s%s%s, expected a regular expression with "
		    "the version in its one pair of parentheses%s%s",
		    fu_uc_endpoint_config_get_filename(config),
		    pattern != NULL ? "found '" : "is missing",
		    pattern != NULL ? pattern : "",
		    pattern != NULL ? "'" : "",
		    error_local != NULL ? ": " : "",
		    error_local != NULL ? error_local->message : "");
	return NULL;
}

static gboolean
fu_uc_endpoint_raw_get_offset(FuUcEndpointConfig *config, guint *offset_out, GError **error)
{
	return fu_uc_endpoint_config_get_install_uint(config,
						      "RawVersionOffset",
						      0,
						      G_MAXINT32,
						      offset_out,
						      error);
}

static gboolean
fu_uc_endpoint_raw_check_keys(FuUcEndpointConfig *config, GError **error)
{
	guint offset = 0;
	g_autoptr(GRegex) regex = fu_uc_endpoint_raw_get_pattern(config, error);

	return regex != NULL && fu_uc_endpoint_raw_get_offset(config, &offset, error);
}

/* nobody may believe that a signature is checked which is not */
static gboolean
fu_uc_endpoint_raw_check_vendor_keys(FuUcEndpointConfig *config, GError **error)
{
	g_autofree gchar *keys = fu_uc_endpoint_config_get_install(config, "VendorKeys", NULL);

	if (keys == NULL)
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_INVALID_DATA,
		    "%s: [Install] VendorKeys: found '%s', expected it with Format=bind only",
		    fu_uc_endpoint_config_get_filename(config),
		    keys);
	return FALSE;
}

/**
 * fu_uc_endpoint_raw_get_firmware_gtype:
 * @config: an endpoint file
 * @error: (nullable): optional return location for an error
 *
 * Returns: the kind of firmware that the endpoint takes, or %G_TYPE_INVALID with
 * %FWUPD_ERROR_INVALID_DATA and a sentence that names file and key
 **/
GType
fu_uc_endpoint_raw_get_firmware_gtype(FuUcEndpointConfig *config, GError **error)
{
	gboolean rauc = g_strcmp0(fu_uc_endpoint_config_get_install_type(config), "rauc") == 0;
	g_autofree gchar *format =
	    fu_uc_endpoint_config_get_install(config, "Format", rauc ? "rauc" : "bind");

	if (!rauc && g_str_equal(format, "bind"))
		return fu_uc_bind_signature_check_keys(config, error) ? FU_TYPE_UC_BIND_FIRMWARE
								      : G_TYPE_INVALID;
	if (!fu_uc_endpoint_raw_check_vendor_keys(config, error))
		return G_TYPE_INVALID;
	if (rauc && g_str_equal(format, "rauc"))
		return FU_TYPE_UC_RAUC_FIRMWARE;
	if (!rauc && g_str_equal(format, "raw"))
		return fu_uc_endpoint_raw_check_keys(config, error) ? FU_TYPE_UC_RAW_FIRMWARE
								    : G_TYPE_INVALID;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_INVALID_DATA,
		    "%s: [Install] Format: found '%s', expected %s",
		    fu_uc_endpoint_config_get_filename(config),
		    format,
		    rauc ? "rauc with Type=rauc" : "bind or raw");
	return G_TYPE_INVALID;
}

/**
 * fu_uc_endpoint_raw_get_protocol:
 * @gtype: of fu_uc_endpoint_raw_get_firmware_gtype()
 *
 * Returns: what the metadata of a release calls it
 **/
const gchar *
fu_uc_endpoint_raw_get_protocol(GType gtype)
{
	if (gtype == FU_TYPE_UC_RAUC_FIRMWARE)
		return "org.ucupdates.rauc";
	if (gtype == FU_TYPE_UC_RAW_FIRMWARE)
		return "org.ucupdates.raw";
	return "org.ucupdates.bind";
}

static GBytes *
fu_uc_endpoint_raw_read_window(FuUcEndpointConfig *config, GInputStream *stream, GError **error)
{
	gsize streamsz = 0;
	guint offset = 0;

	if (!fu_uc_endpoint_raw_get_offset(config, &offset, error))
		return NULL;
	if (!fu_input_stream_size(stream, &streamsz, error))
		return NULL;
	if (offset >= streamsz)
		return g_bytes_new(NULL, 0);
	return fu_input_stream_read_bytes(stream,
					  offset,
					  MIN(streamsz - offset, FU_UC_ENDPOINT_RAW_WINDOW),
					  NULL,
					  error);
}

static gboolean
fu_uc_endpoint_raw_is_version(const gchar *text)
{
	gsize len = strlen(text);

	if (len == 0 || len > FU_UC_ENDPOINT_RAW_VERSION_MAX)
		return FALSE;
	for (gsize i = 0; i < len; i++) {
		if (!g_ascii_isprint(text[i]))
			return FALSE;
	}
	return TRUE;
}

/**
 * fu_uc_endpoint_raw_find_version:
 * @config: an endpoint file with `Format=raw`
 * @stream: an image
 * @error: (nullable): optional return location for an error
 *
 * Looks for the first match of `RawVersionPattern` in the 64 KiB from `RawVersionOffset` on.
 *
 * Returns: (transfer full): the version in the vendor's spelling, 1 to 255 printable ASCII
 * characters, or %NULL with %FWUPD_ERROR_INVALID_FILE
 **/
gchar *
fu_uc_endpoint_raw_find_version(FuUcEndpointConfig *config, GInputStream *stream, GError **error)
{
	gsize bufsz = 0;
	const gchar *buf = NULL;
	g_autofree gchar *version = NULL;
	g_autoptr(GBytes) window = fu_uc_endpoint_raw_read_window(config, stream, error);
	g_autoptr(GMatchInfo) match = NULL;
	g_autoptr(GRegex) regex = NULL;

	if (window == NULL)
		return NULL;
	regex = fu_uc_endpoint_raw_get_pattern(config, error);
	if (regex == NULL)
		return NULL;
	buf = g_bytes_get_data(window, &bufsz);
	if (bufsz > 0 && g_regex_match_full(regex, buf, (gssize)bufsz, 0, 0, &match, NULL))
		version = g_match_info_fetch(match, 1);
	if (version != NULL && fu_uc_endpoint_raw_is_version(version))
		return g_steal_pointer(&version);
	g_set_error_literal(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_FILE,
			    "raw image has no version where RawVersionPattern of the endpoint file "
			    "looks for it; is it for another model?");
	return NULL;
}

static gchar *
fu_uc_endpoint_raw_identify(FuUcEndpointInstaller *installer, FuFirmware *firmware, GError **error)
{
	FuUcEndpointInstallerClass *klass = FU_UC_ENDPOINT_INSTALLER_GET_CLASS(installer);
	g_autoptr(GInputStream) stream = fu_firmware_get_stream(firmware, error);

	if (stream == NULL)
		return NULL;
	if (klass->identify != NULL)
		return klass->identify(installer,
				       stream,
				       fu_uc_raw_firmware_get_size(FU_UC_RAW_FIRMWARE(firmware)),
				       error);
	return fu_uc_endpoint_raw_find_version(fu_uc_endpoint_installer_get_config(installer),
					       stream,
					       error);
}

/**
 * fu_uc_endpoint_raw_prepare:
 * @installer: a #FuUcEndpointInstaller
 * @gtype: of fu_uc_endpoint_raw_get_firmware_gtype()
 * @stream: the image
 * @flags: as the engine has them
 * @forced: whether a human said `--force`
 * @error: (nullable): optional return location for an error
 *
 * Finds out all that can be wrong before a byte is written.
 *
 * Returns: (transfer full): the firmware with its version, or %NULL with a sentence
 **/
FuFirmware *
fu_uc_endpoint_raw_prepare(FuUcEndpointInstaller *installer,
			   GType gtype,
			   GInputStream *stream,
			   FuFirmwareParseFlags flags,
			   gboolean forced,
			   GError **error)
{
	FuUcEndpointInstallerClass *klass = FU_UC_ENDPOINT_INSTALLER_GET_CLASS(installer);
	FuUcEndpointConfig *config = fu_uc_endpoint_installer_get_config(installer);
	g_autoptr(FuFirmware) firmware = g_object_new(gtype, NULL);
	g_autofree gchar *version = NULL;

	if (!fu_firmware_parse_stream(firmware,
				      stream,
				      0x0,
				      flags | FU_FIRMWARE_PARSE_FLAG_NO_SEARCH,
				      error))
		return NULL;
	if (!fu_uc_endpoint_installer_check_failed(
		installer,
		fu_uc_raw_firmware_get_sha256(FU_UC_RAW_FIRMWARE(firmware)),
		forced,
		error))
		return NULL;
	if (!fu_uc_endpoint_installer_check(
		installer,
		fu_uc_raw_firmware_get_size(FU_UC_RAW_FIRMWARE(firmware)),
		error))
		return NULL;
	version = fu_uc_endpoint_raw_identify(installer, firmware, error);
	if (version == NULL)
		return NULL;
	if (!fu_uc_bind_check_without_levels(version, config, forced, error)) {
		if (klass->discard != NULL)
			klass->discard(installer);
		return NULL;
	}
	fu_firmware_set_version(firmware, version); /* nocheck:set-version */
	return g_steal_pointer(&firmware);
}

/**
 * fu_uc_endpoint_raw_write:
 * @installer: a #FuUcEndpointInstaller
 * @firmware: of fu_uc_endpoint_raw_prepare()
 * @forced: whether a human said `--force`
 * @progress: a #FuProgress
 * @error: (nullable): optional return location for an error
 *
 * Returns: as fu_uc_endpoint_installer_write()
 **/
gboolean
fu_uc_endpoint_raw_write(FuUcEndpointInstaller *installer,
			 FuFirmware *firmware,
			 gboolean forced,
			 FuProgress *progress,
			 GError **error)
{
	FuUcEndpointImage image = {.forced = forced};
	g_autofree gchar *version = fu_uc_version_normalize(fu_firmware_get_version(firmware));
	g_autoptr(GInputStream) stream = fu_firmware_get_stream(firmware, error);

	if (stream == NULL)
		return FALSE;
	image.stream = stream;
	image.size = fu_uc_raw_firmware_get_size(FU_UC_RAW_FIRMWARE(firmware));
	image.sha256 = fu_uc_raw_firmware_get_sha256(FU_UC_RAW_FIRMWARE(firmware));
	image.version = version;
	return fu_uc_endpoint_installer_write(installer, &image, progress, error);
}
