/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-endpoint-struct.h"
#include "fu-uc-rauc-firmware.h"

/* A RAUC bundle: the payload, a CMS signature, and the size of the signature in the last 8 bytes.
 * Only that frame is checked here, so that a cut file is refused before it is copied; what is in
 * the bundle is read by RAUC alone. The payload of an encrypted bundle has no magic number. */

#define FU_UC_RAUC_FIRMWARE_SIGNATURE_MAX (64 * 1024) /* bytes, as RAUC has it */
#define FU_UC_RAUC_FIRMWARE_DER_SEQUENCE  0x30	      /* a CMS signature begins with it */

struct _FuUcRaucFirmware {
	FuUcRawFirmware parent_instance;
};

G_DEFINE_TYPE(FuUcRaucFirmware, fu_uc_rauc_firmware, FU_TYPE_UC_RAW_FIRMWARE)

static gboolean
fu_uc_rauc_firmware_check_signature(GInputStream *stream, gsize offset, GError **error)
{
	guint8 first = 0;

	if (!fu_input_stream_read_u8(stream, offset, &first, error))
		return FALSE;
	if (first == FU_UC_RAUC_FIRMWARE_DER_SEQUENCE)
		return TRUE;
	g_set_error_literal(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_FILE,
			    "not a RAUC bundle: there is no CMS signature at its end; get the file "
			    "again");
	return FALSE;
}

static gboolean
fu_uc_rauc_firmware_check_trailer(GInputStream *stream, gsize streamsz, GError **error)
{
	gsize trailer_offset = 0;
	guint64 size = 0;
	g_autoptr(FuStructUcRaucTrailer) st = NULL;

	if (streamsz > FU_STRUCT_UC_RAUC_TRAILER_SIZE) {
		trailer_offset = streamsz - FU_STRUCT_UC_RAUC_TRAILER_SIZE;
		st = fu_struct_uc_rauc_trailer_parse_stream(stream, trailer_offset, error);
		if (st == NULL)
			return FALSE;
		size = fu_struct_uc_rauc_trailer_get_signature_size(st);
	}
	if (size == 0 || size > FU_UC_RAUC_FIRMWARE_SIGNATURE_MAX || size >= trailer_offset) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_FILE,
			    "not a RAUC bundle: the size of its signature is %" G_GUINT64_FORMAT
			    " bytes, expected 1 to %d; get the file again",
			    size,
			    FU_UC_RAUC_FIRMWARE_SIGNATURE_MAX);
		return FALSE;
	}
	return fu_uc_rauc_firmware_check_signature(stream, trailer_offset - (gsize)size, error);
}

static gboolean
fu_uc_rauc_firmware_parse(FuFirmware *firmware,
			  GInputStream *stream,
			  FuFirmwareParseFlags flags,
			  GError **error)
{
	gsize streamsz = 0;

	if (!fu_input_stream_size(stream, &streamsz, error))
		return FALSE;
	if (!fu_uc_rauc_firmware_check_trailer(stream, streamsz, error))
		return FALSE;
	return FU_FIRMWARE_CLASS(fu_uc_rauc_firmware_parent_class)
	    ->parse(firmware, stream, flags, error);
}

static void
fu_uc_rauc_firmware_class_init(FuUcRaucFirmwareClass *klass)
{
	FU_FIRMWARE_CLASS(klass)->parse = fu_uc_rauc_firmware_parse;
}

static void
fu_uc_rauc_firmware_init(FuUcRaucFirmware *self)
{
}
