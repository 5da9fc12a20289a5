/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-bind-firmware.h"
#include "fu-uc-bind-payload.h"
#include "fu-uc-endpoint-struct.h"
#include "fu-uc-hardware-levels.h"
#include "fu-uc-sha256.h"

/* A UC bind, docs/firmware-format.md. Parsing reads the header into memory (at most 64 KiB) and the
 * payloads once as a stream, to check their SHA-256; the payload images are windows onto the
 * stream. Writing, which only fwupdtool does, has all in memory, as fwupd's interface wants it. */
struct _FuUcBindFirmware {
	FuFirmware parent_instance;
	FuUcBindHeader *header;
};

G_DEFINE_TYPE(FuUcBindFirmware, fu_uc_bind_firmware, FU_TYPE_FIRMWARE)

/**
 * fu_uc_bind_firmware_get_header:
 * @self: a #FuUcBindFirmware
 *
 * Returns: (transfer none): what the header says; valid as long as @self
 **/
const FuUcBindHeader *
fu_uc_bind_firmware_get_header(FuUcBindFirmware *self)
{
	g_return_val_if_fail(FU_IS_UC_BIND_FIRMWARE(self), NULL);
	return self->header;
}

static gboolean
fu_uc_bind_firmware_validate(FuFirmware *firmware,
			     GInputStream *stream,
			     gsize offset,
			     GError **error)
{
	if (fu_struct_uc_bind_validate_stream(stream, offset, NULL))
		return TRUE;
	g_set_error_literal(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_FILE,
			    "not a UC bind: the file does not begin with UC-BIND!");
	return FALSE;
}

static gboolean
fu_uc_bind_firmware_check_size(guint64 found, guint64 expected, const gchar *what, GError **error)
{
	if (found == expected)
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_INVALID_FILE,
		    "UC bind is %s: the file has %" G_GUINT64_FORMAT
		    " bytes, but %s %" G_GUINT64_FORMAT "; get the file again",
		    found < expected ? "truncated" : "oversized",
		    found,
		    what,
		    expected);
	return FALSE;
}

static FuUcBindHeader *
fu_uc_bind_firmware_read_header(GInputStream *stream,
				gsize streamsz,
				gsize *headersz_out,
				GError **error)
{
	gsize headersz = FU_STRUCT_UC_BIND_SIZE;
	g_autoptr(FuStructUcBind) st = NULL;
	g_autoptr(GByteArray) buf = NULL;

	if (streamsz < headersz) {
		(void)fu_uc_bind_firmware_check_size(streamsz,
						     headersz,
						     "the fixed header has",
						     error);
		return NULL;
	}
	st = fu_struct_uc_bind_parse_stream(stream, 0x0, error);
	if (st == NULL)
		return NULL;
	headersz = fu_struct_uc_bind_get_header_size(st);
	if (headersz < FU_STRUCT_UC_BIND_SIZE + FU_UC_SHA256_SIZE ||
	    headersz > FU_UC_BIND_HEADER_SIZE_MAX) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_FILE,
			    "UC bind header is oversized or damaged: it says that it has %u bytes, "
			    "expected %u to %u",
			    (guint)headersz,
			    (guint)(FU_STRUCT_UC_BIND_SIZE + FU_UC_SHA256_SIZE),
			    (guint)FU_UC_BIND_HEADER_SIZE_MAX);
		return NULL;
	}
	if (streamsz < headersz) {
		(void)fu_uc_bind_firmware_check_size(streamsz, headersz, "the header says", error);
		return NULL;
	}
	buf = fu_input_stream_read_byte_array(stream, 0x0, headersz, NULL, error);
	if (buf == NULL)
		return NULL;
	*headersz_out = headersz;
	return fu_uc_bind_header_parse(buf->data, buf->len, error);
}

static gboolean
fu_uc_bind_firmware_check_payload(GInputStream *stream, const FuUcBindEntry *entry, GError **error)
{
	g_autofree gchar *sha256 = fu_uc_sha256_of_stream(stream, error);

	if (sha256 == NULL)
		return FALSE;
	if (g_str_equal(sha256, entry->sha256))
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_INVALID_FILE,
		    "payload %s is damaged: its SHA-256 is %s, the UC bind header says %s; "
		    "get the file again",
		    entry->name,
		    sha256,
		    entry->sha256);
	return FALSE;
}

static gboolean
fu_uc_bind_firmware_parse_payload(FuUcBindFirmware *self,
				  GInputStream *stream,
				  gsize offset,
				  const FuUcBindEntry *entry,
				  FuFirmwareParseFlags flags,
				  GError **error)
{
	g_autoptr(FuFirmware) img = fu_uc_bind_payload_new_from_entry(entry);
	g_autoptr(GInputStream) partial = NULL;

	partial = fu_partial_input_stream_new(stream, offset, entry->size, error);
	if (partial == NULL)
		return FALSE;
	if ((flags & FU_FIRMWARE_PARSE_FLAG_IGNORE_CHECKSUM) == 0 &&
	    !fu_uc_bind_firmware_check_payload(partial, entry, error))
		return FALSE;
	if (!fu_firmware_set_stream(img, partial, error))
		return FALSE;
	fu_firmware_set_offset(img, offset);
	return fu_firmware_add_image(FU_FIRMWARE(self), img, error);
}

static gboolean
fu_uc_bind_firmware_parse(FuFirmware *firmware,
			  GInputStream *stream,
			  FuFirmwareParseFlags flags,
			  GError **error)
{
	FuUcBindFirmware *self = FU_UC_BIND_FIRMWARE(firmware);
	gsize streamsz = 0;
	gsize offset = 0;
	guint64 total;
	g_autoptr(FuUcBindHeader) header = NULL;

	if (!fu_input_stream_size(stream, &streamsz, error))
		return FALSE;
	header = fu_uc_bind_firmware_read_header(stream, streamsz, &offset, error);
	if (header == NULL)
		return FALSE;

	/* 8 payloads of at most 1 TiB each: no overflow */
	total = offset;
	for (guint i = 0; i < header->entries->len; i++) {
		FuUcBindEntry *entry = g_ptr_array_index(header->entries, i);
		total += entry->size;
	}
	if (!fu_uc_bind_firmware_check_size(streamsz, total, "header and payloads have", error))
		return FALSE;
	for (guint i = 0; i < header->entries->len; i++) {
		FuUcBindEntry *entry = g_ptr_array_index(header->entries, i);
		if (!fu_uc_bind_firmware_parse_payload(self, stream, offset, entry, flags, error))
			return FALSE;
		offset += entry->size;
	}
	fu_firmware_set_version(firmware, header->version); /* nocheck:set-version */
	g_clear_pointer(&self->header, fu_uc_bind_header_free);
	self->header = g_steal_pointer(&header);
	return TRUE;
}

static GByteArray *
fu_uc_bind_firmware_write(FuFirmware *firmware, GError **error)
{
	FuUcBindFirmware *self = FU_UC_BIND_FIRMWARE(firmware);
	g_autoptr(GPtrArray) images = fu_firmware_get_images(firmware);
	g_autoptr(GByteArray) payloads = g_byte_array_new();
	g_autoptr(GByteArray) buf = NULL;

	g_free(self->header->version);
	self->header->version = g_strdup(fu_firmware_get_version(firmware));
	g_ptr_array_set_size(self->header->entries, 0);
	for (guint i = 0; i < images->len; i++) {
		FuFirmware *img = g_ptr_array_index(images, i);
		g_autoptr(GBytes) blob = fu_firmware_write(img, error);
		g_autoptr(FuUcBindEntry) entry = NULL;
		if (blob == NULL)
			return NULL;
		if (!FU_IS_UC_BIND_PAYLOAD(img)) {
			g_set_error_literal(error,
					    FWUPD_ERROR,
					    FWUPD_ERROR_INVALID_DATA,
					    "an image of a UC bind has to be a FuUcBindPayload");
			return NULL;
		}
		entry = fu_uc_bind_payload_to_entry(FU_UC_BIND_PAYLOAD(img), blob, error);
		if (entry == NULL)
			return NULL;
		g_ptr_array_add(self->header->entries, g_steal_pointer(&entry));
		fu_byte_array_append_bytes(payloads, blob);
	}
	buf = fu_uc_bind_header_write(self->header, error);
	if (buf == NULL)
		return NULL;
	g_byte_array_append(buf, payloads->data, payloads->len);
	return g_steal_pointer(&buf);
}

static void
fu_uc_bind_firmware_build_strings(XbNode *n, const gchar *name, GPtrArray *values)
{
	g_autoptr(GPtrArray) nodes = xb_node_query(n, name, 0, NULL);

	for (guint i = 0; nodes != NULL && i < nodes->len; i++) {
		XbNode *node = g_ptr_array_index(nodes, i);
		g_ptr_array_add(values, g_strdup(xb_node_get_text(node)));
	}
}

/* those of the same fields, as fu_uc_bind_firmware_export() has them */
static gboolean
fu_uc_bind_firmware_build_signatures(XbNode *n, FuUcBindHeader *header, GError **error)
{
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);

	fu_uc_bind_firmware_build_strings(n, "signature", texts);
	for (guint i = 0; i < texts->len; i++) {
		const gchar *text = g_ptr_array_index(texts, i);
		gsize bufsz = 0;
		g_autofree guchar *buf = g_base64_decode(text != NULL ? text : "", &bufsz);
		if (!fu_uc_bind_header_add_signature(header, buf, bufsz, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
fu_uc_bind_firmware_build(FuFirmware *firmware, XbNode *n, GError **error)
{
	FuUcBindFirmware *self = FU_UC_BIND_FIRMWARE(firmware);
	const gchar *levels = xb_node_query_text(n, "hardware_levels", NULL);
	g_autoptr(FuUcBindHeader) header = fu_uc_bind_header_new();

	header->vendor = g_strdup(xb_node_query_text(n, "vendor", NULL));
	header->minimum_version = g_strdup(xb_node_query_text(n, "minimum_version", NULL));
	header->locale = g_strdup(xb_node_query_text(n, "locale", NULL));
	header->kind = g_strdup(xb_node_query_text(n, "kind", NULL));
	fu_uc_bind_firmware_build_strings(n, "model", header->models);
	fu_uc_bind_firmware_build_strings(n, "part_number", header->part_numbers);
	if (levels != NULL) {
		g_array_unref(header->levels);
		header->levels = fu_uc_hardware_levels_from_string(levels, error);
		if (header->levels == NULL) {
			header->levels = fu_uc_hardware_levels_new();
			return FALSE;
		}
	}
	if (!fu_uc_bind_firmware_build_signatures(n, header, error))
		return FALSE;
	fu_uc_bind_header_free(self->header);
	self->header = g_steal_pointer(&header);
	return TRUE;
}

static void
fu_uc_bind_firmware_export_signatures(FuUcBindFirmware *self, XbBuilderNode *bn)
{
	for (guint i = 0; i < self->header->signatures->len; i++) {
		gsize bufsz = 0;
		const guint8 *buf =
		    g_bytes_get_data(g_ptr_array_index(self->header->signatures, i), &bufsz);
		g_autofree gchar *text = g_base64_encode(buf, bufsz);
		fu_xmlb_builder_insert_kv(bn, "signature", text);
	}
}

static void
fu_uc_bind_firmware_export(FuFirmware *firmware, FuFirmwareExportFlags flags, XbBuilderNode *bn)
{
	FuUcBindFirmware *self = FU_UC_BIND_FIRMWARE(firmware);

	fu_xmlb_builder_insert_kv(bn, "vendor", self->header->vendor);
	for (guint i = 0; i < self->header->models->len; i++)
		fu_xmlb_builder_insert_kv(bn, "model", g_ptr_array_index(self->header->models, i));
	for (guint i = 0; i < self->header->part_numbers->len; i++)
		fu_xmlb_builder_insert_kv(bn,
					  "part_number",
					  g_ptr_array_index(self->header->part_numbers, i));
	if (self->header->levels->len > 0) {
		g_autofree gchar *str = fu_uc_hardware_levels_to_string(self->header->levels);
		fu_xmlb_builder_insert_kv(bn, "hardware_levels", str);
	}
	fu_xmlb_builder_insert_kv(bn, "minimum_version", self->header->minimum_version);
	fu_xmlb_builder_insert_kv(bn, "locale", self->header->locale);
	fu_xmlb_builder_insert_kv(bn, "kind", self->header->kind);
	fu_uc_bind_firmware_export_signatures(self, bn);
}

static void
fu_uc_bind_firmware_finalize(GObject *object)
{
	FuUcBindFirmware *self = FU_UC_BIND_FIRMWARE(object);
	g_clear_pointer(&self->header, fu_uc_bind_header_free);
	G_OBJECT_CLASS(fu_uc_bind_firmware_parent_class)->finalize(object);
}

static void
fu_uc_bind_firmware_class_init(FuUcBindFirmwareClass *klass)
{
	FuFirmwareClass *firmware_class = FU_FIRMWARE_CLASS(klass);
	firmware_class->validate = fu_uc_bind_firmware_validate;
	firmware_class->parse = fu_uc_bind_firmware_parse;
	firmware_class->write = fu_uc_bind_firmware_write;
	firmware_class->build = fu_uc_bind_firmware_build;
	firmware_class->export = fu_uc_bind_firmware_export;
	G_OBJECT_CLASS(klass)->finalize = fu_uc_bind_firmware_finalize;
	g_type_ensure(FU_TYPE_UC_BIND_PAYLOAD);
}

static void
fu_uc_bind_firmware_init(FuUcBindFirmware *self)
{
	self->header = fu_uc_bind_header_new();
	fu_firmware_add_flag(FU_FIRMWARE(self), FU_FIRMWARE_FLAG_HAS_CHECKSUM);
	fu_firmware_add_flag(FU_FIRMWARE(self), FU_FIRMWARE_FLAG_HAS_VID_PID);
	fu_firmware_set_images_max(FU_FIRMWARE(self), FU_UC_BIND_PAYLOADS_MAX);
}

/**
 * fu_uc_bind_firmware_new:
 *
 * Returns: (transfer full): an empty UC bind
 **/
FuFirmware *
fu_uc_bind_firmware_new(void)
{
	return g_object_new(FU_TYPE_UC_BIND_FIRMWARE, NULL);
}
