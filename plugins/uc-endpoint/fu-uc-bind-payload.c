/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-bind-payload.h"
#include "fu-uc-endpoint-struct.h"
#include "fu-uc-sha256.h"
#include "fu-uc-zstd-stream.h"

/* one payload of a UC bind; its name is the id of the image, its bytes are the image's stream */
struct _FuUcBindPayload {
	FuFirmware parent_instance;
	gchar *target;		/* (nullable) */
	gchar *sha256;		/* (nullable): of what is installed; NULL until parsed */
	guint64 installed_size; /* bytes; 0 until parsed */
	guint8 compression;	/* FuUcBindCompression, or a number that is not known */
};

G_DEFINE_TYPE(FuUcBindPayload, fu_uc_bind_payload, FU_TYPE_FIRMWARE)

/**
 * fu_uc_bind_payload_get_target:
 * @self: a #FuUcBindPayload
 *
 * Returns: (nullable): where the payload goes, for installers with more than one place
 **/
const gchar *
fu_uc_bind_payload_get_target(FuUcBindPayload *self)
{
	g_return_val_if_fail(FU_IS_UC_BIND_PAYLOAD(self), NULL);
	return self->target;
}

/**
 * fu_uc_bind_payload_get_sha256:
 * @self: a #FuUcBindPayload
 *
 * Returns: (nullable): the SHA-256 of what is installed, in lower-case hexadecimal
 **/
const gchar *
fu_uc_bind_payload_get_sha256(FuUcBindPayload *self)
{
	g_return_val_if_fail(FU_IS_UC_BIND_PAYLOAD(self), NULL);
	return self->sha256;
}

guint8
fu_uc_bind_payload_get_compression(FuUcBindPayload *self)
{
	g_return_val_if_fail(FU_IS_UC_BIND_PAYLOAD(self), 0);
	return self->compression;
}

guint64
fu_uc_bind_payload_get_installed_size(FuUcBindPayload *self)
{
	g_return_val_if_fail(FU_IS_UC_BIND_PAYLOAD(self), 0);
	return self->installed_size;
}

/**
 * fu_uc_bind_payload_open:
 * @self: a #FuUcBindPayload that was parsed
 * @error: (nullable): optional return location for an error
 *
 * Returns: (transfer full): what is installed, as a stream that can go back to its start; %NULL
 *with %FWUPD_ERROR_NOT_SUPPORTED if the compression is not known
 **/
GInputStream *
fu_uc_bind_payload_open(FuUcBindPayload *self, GError **error)
{
	g_autoptr(GInputStream) stream = NULL;

	g_return_val_if_fail(FU_IS_UC_BIND_PAYLOAD(self), NULL);
	stream = fu_firmware_get_stream(FU_FIRMWARE(self), error);
	if (stream == NULL)
		return NULL;
	if (self->compression == FU_UC_BIND_COMPRESSION_NONE)
		return g_steal_pointer(&stream);
	if (self->compression == FU_UC_BIND_COMPRESSION_ZSTD)
		return fu_uc_zstd_stream_new(stream, self->installed_size);
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_NOT_SUPPORTED,
		    "payload %s has compression %u, expected 0 (none) or 1 (zstd)",
		    fu_firmware_get_id(FU_FIRMWARE(self)),
		    self->compression);
	return NULL;
}

/**
 * fu_uc_bind_payload_check_installed:
 * @self: a #FuUcBindPayload that was parsed
 * @error: (nullable): optional return location for an error
 *
 * Unpacks a compressed payload, so that nothing is written before it is known to be whole. What is
 * not compressed was checked when it was parsed.
 *
 * Returns: %TRUE if what is installed will have the SHA-256 in the header
 **/
gboolean
fu_uc_bind_payload_check_installed(FuUcBindPayload *self, GError **error)
{
	g_autofree gchar *sha256 = NULL;
	g_autoptr(GInputStream) stream = NULL;

	g_return_val_if_fail(FU_IS_UC_BIND_PAYLOAD(self), FALSE);
	if (self->compression == FU_UC_BIND_COMPRESSION_NONE)
		return TRUE;
	stream = fu_uc_bind_payload_open(self, error);
	if (stream == NULL)
		return FALSE;
	sha256 = fu_uc_sha256_of_stream(stream, error);
	if (sha256 == NULL)
		return FALSE;
	if (g_str_equal(sha256, self->sha256))
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_INVALID_FILE,
		    "payload %s unpacks to SHA-256 %s, the UC bind header says %s; get the file "
		    "again",
		    fu_firmware_get_id(FU_FIRMWARE(self)),
		    sha256,
		    self->sha256);
	return FALSE;
}

static gboolean
fu_uc_bind_payload_piece_cb(const guint8 *buf, gsize bufsz, gpointer user_data, GError **error)
{
	FuUcBindEntry *entry = user_data;

	entry->installed_size += bufsz;
	if (entry->installed_size <= FU_UC_BIND_PAYLOAD_SIZE_MAX)
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_INVALID_DATA,
		    "payload %s unpacks to more than %" G_GUINT64_FORMAT " bytes",
		    entry->name,
		    (guint64)FU_UC_BIND_PAYLOAD_SIZE_MAX);
	return FALSE;
}

/* its size has to be counted before anything can be expected */
static gboolean
fu_uc_bind_payload_measure(FuUcBindEntry *entry, GBytes *blob, GError **error)
{
	g_autoptr(GInputStream) base = g_memory_input_stream_new_from_bytes(blob);
	g_autoptr(GInputStream) counted = fu_uc_zstd_stream_new(base, FU_UC_ZSTD_STREAM_ANY_SIZE);

	if (!fu_uc_sha256_foreach_piece(counted, fu_uc_bind_payload_piece_cb, entry, error))
		return FALSE;
	entry->installed_sha256 = fu_uc_sha256_of_stream(counted, error);
	return entry->installed_sha256 != NULL;
}

/**
 * fu_uc_bind_payload_to_entry:
 * @self: a #FuUcBindPayload
 * @blob: the bytes of the payload as they are in the file; with zstd they are packed already
 * @error: (nullable): optional return location for an error
 *
 * Returns: (transfer full): what the header has to say about it, or %NULL with
 * %FWUPD_ERROR_INVALID_FILE if it says zstd and is not, %FWUPD_ERROR_NOT_SUPPORTED if its
 * compression is not known
 **/
FuUcBindEntry *
fu_uc_bind_payload_to_entry(FuUcBindPayload *self, GBytes *blob, GError **error)
{
	g_autoptr(FuUcBindEntry) entry = g_new0(FuUcBindEntry, 1);
	const gchar *name = fu_firmware_get_id(FU_FIRMWARE(self));

	entry->name = g_strdup(name != NULL ? name : "application");
	entry->target = g_strdup(self->target);
	entry->compression = self->compression;
	entry->size = g_bytes_get_size(blob);
	entry->sha256 = fu_uc_sha256_of_buffer(g_bytes_get_data(blob, NULL), entry->size);
	if (self->compression == FU_UC_BIND_COMPRESSION_ZSTD)
		return fu_uc_bind_payload_measure(entry, blob, error) ? g_steal_pointer(&entry)
								      : NULL;
	if (self->compression != FU_UC_BIND_COMPRESSION_NONE) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_NOT_SUPPORTED,
			    "payload %s has compression %u, expected 0 (none) or 1 (zstd)",
			    entry->name,
			    self->compression);
		return NULL;
	}
	entry->installed_size = entry->size;
	entry->installed_sha256 = g_strdup(entry->sha256);
	return g_steal_pointer(&entry);
}

static gboolean
fu_uc_bind_payload_build(FuFirmware *firmware, XbNode *n, GError **error)
{
	FuUcBindPayload *self = FU_UC_BIND_PAYLOAD(firmware);
	const gchar *compression = xb_node_query_text(n, "compression", NULL);

	g_free(self->target);
	self->target = g_strdup(xb_node_query_text(n, "target", NULL));
	if (compression == NULL)
		return TRUE;
	self->compression = fu_uc_bind_compression_from_string(compression);
	if (g_strcmp0(fu_uc_bind_compression_to_string(self->compression), compression) == 0)
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_INVALID_DATA,
		    "compression: found '%s', expected none or zstd",
		    compression);
	return FALSE;
}

static void
fu_uc_bind_payload_export(FuFirmware *firmware, FuFirmwareExportFlags flags, XbBuilderNode *bn)
{
	FuUcBindPayload *self = FU_UC_BIND_PAYLOAD(firmware);
	const gchar *compression = fu_uc_bind_compression_to_string(self->compression);

	fu_xmlb_builder_insert_kv(bn, "target", self->target);
	fu_xmlb_builder_insert_kv(bn, "compression", compression);
	if (flags & FU_FIRMWARE_EXPORT_FLAG_INCLUDE_DEBUG)
		fu_xmlb_builder_insert_kv(bn, "sha256", self->sha256);
}

static void
fu_uc_bind_payload_finalize(GObject *object)
{
	FuUcBindPayload *self = FU_UC_BIND_PAYLOAD(object);
	g_free(self->target);
	g_free(self->sha256);
	G_OBJECT_CLASS(fu_uc_bind_payload_parent_class)->finalize(object);
}

static void
fu_uc_bind_payload_class_init(FuUcBindPayloadClass *klass)
{
	FuFirmwareClass *firmware_class = FU_FIRMWARE_CLASS(klass);
	firmware_class->build = fu_uc_bind_payload_build;
	firmware_class->export = fu_uc_bind_payload_export;
	G_OBJECT_CLASS(klass)->finalize = fu_uc_bind_payload_finalize;
}

static void
fu_uc_bind_payload_init(FuUcBindPayload *self)
{
}

/**
 * fu_uc_bind_payload_new_from_entry:
 * @entry: what the header says about the payload
 *
 * Returns: (transfer full): a payload without bytes yet
 **/
FuFirmware *
fu_uc_bind_payload_new_from_entry(const FuUcBindEntry *entry)
{
	FuUcBindPayload *self = g_object_new(FU_TYPE_UC_BIND_PAYLOAD, NULL);
	fu_firmware_set_id(FU_FIRMWARE(self), entry->name);
	self->target = g_strdup(entry->target);
	self->sha256 = g_strdup(entry->installed_sha256);
	self->compression = entry->compression;
	self->installed_size = entry->installed_size;
	return FU_FIRMWARE(self);
}
