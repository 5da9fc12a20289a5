/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-raw-firmware.h"
#include "fu-uc-sha256.h"

/* An image without a header of ours: all of its bytes are what is installed. Only the metadata of
 * the release says what it is for. Parsing reads it once as a stream, for its SHA-256. */

typedef struct {
	gchar *sha256; /* (nullable): until it is parsed */
	guint64 size;  /* bytes */
} FuUcRawFirmwarePrivate;

G_DEFINE_TYPE_WITH_PRIVATE(FuUcRawFirmware, fu_uc_raw_firmware, FU_TYPE_FIRMWARE)

#define GET_PRIVATE(o) (fu_uc_raw_firmware_get_instance_private(o))

/**
 * fu_uc_raw_firmware_get_sha256:
 * @self: a #FuUcRawFirmware
 *
 * Returns: (nullable): the SHA-256 of all bytes, in lower-case hexadecimal
 **/
const gchar *
fu_uc_raw_firmware_get_sha256(FuUcRawFirmware *self)
{
	FuUcRawFirmwarePrivate *priv = GET_PRIVATE(self);
	g_return_val_if_fail(FU_IS_UC_RAW_FIRMWARE(self), NULL);
	return priv->sha256;
}

/**
 * fu_uc_raw_firmware_get_size:
 * @self: a #FuUcRawFirmware
 *
 * Returns: bytes, 0 until it is parsed
 **/
guint64
fu_uc_raw_firmware_get_size(FuUcRawFirmware *self)
{
	FuUcRawFirmwarePrivate *priv = GET_PRIVATE(self);
	g_return_val_if_fail(FU_IS_UC_RAW_FIRMWARE(self), 0);
	return priv->size;
}

static gboolean
fu_uc_raw_firmware_parse(FuFirmware *firmware,
			 GInputStream *stream,
			 FuFirmwareParseFlags flags,
			 GError **error)
{
	FuUcRawFirmwarePrivate *priv = GET_PRIVATE(FU_UC_RAW_FIRMWARE(firmware));
	gsize streamsz = 0;
	g_autofree gchar *sha256 = NULL;

	if (!fu_input_stream_size(stream, &streamsz, error))
		return FALSE;
	sha256 = fu_uc_sha256_of_stream(stream, error);
	if (sha256 == NULL)
		return FALSE;
	if (!fu_firmware_set_stream(firmware, stream, error))
		return FALSE;
	g_free(priv->sha256);
	priv->sha256 = g_steal_pointer(&sha256);
	priv->size = streamsz;
	return TRUE;
}

static void
fu_uc_raw_firmware_export(FuFirmware *firmware, FuFirmwareExportFlags flags, XbBuilderNode *bn)
{
	FuUcRawFirmwarePrivate *priv = GET_PRIVATE(FU_UC_RAW_FIRMWARE(firmware));

	if (flags & FU_FIRMWARE_EXPORT_FLAG_INCLUDE_DEBUG)
		fu_xmlb_builder_insert_kv(bn, "sha256", priv->sha256);
}

static void
fu_uc_raw_firmware_finalize(GObject *object)
{
	FuUcRawFirmwarePrivate *priv = GET_PRIVATE(FU_UC_RAW_FIRMWARE(object));
	g_free(priv->sha256);
	G_OBJECT_CLASS(fu_uc_raw_firmware_parent_class)->finalize(object);
}

static void
fu_uc_raw_firmware_class_init(FuUcRawFirmwareClass *klass)
{
	FuFirmwareClass *firmware_class = FU_FIRMWARE_CLASS(klass);
	firmware_class->parse = fu_uc_raw_firmware_parse;
	firmware_class->export = fu_uc_raw_firmware_export;
	G_OBJECT_CLASS(klass)->finalize = fu_uc_raw_firmware_finalize;
}

static void
fu_uc_raw_firmware_init(FuUcRawFirmware *self)
{
}
