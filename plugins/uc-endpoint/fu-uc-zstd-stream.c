/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <archive.h>
#include <archive_entry.h>
#include <fwupdplugin.h>

#include "fu-uc-zstd-stream.h"

/* What a zstd-compressed payload unpacks to, as a stream, with flat memory. It can go back to its
 * start, and nowhere else. It never gives more than the header of the UC bind has promised. */

#define FU_UC_ZSTD_STREAM_PIECE_SIZE (128 * 1024) /* bytes */

struct _FuUcZstdStream {
	GInputStream parent_instance;
	GInputStream *base;
	guint64 size;		 /* bytes: what it has to unpack to */
	guint64 offset;		 /* bytes: what it has unpacked so far */
	struct archive *archive; /* (nullable): until the first read */
	GError *error;		 /* (nullable): of @base */
	guint8 *buf;
};

static void
fu_uc_zstd_stream_seekable_init(GSeekableIface *iface);

G_DEFINE_TYPE_WITH_CODE(FuUcZstdStream,
			fu_uc_zstd_stream,
			G_TYPE_INPUT_STREAM,
			G_IMPLEMENT_INTERFACE(G_TYPE_SEEKABLE, fu_uc_zstd_stream_seekable_init))

static la_ssize_t
fu_uc_zstd_stream_read_cb(struct archive *archive, void *user_data, const void **buf_out)
{
	FuUcZstdStream *self = (FuUcZstdStream *)user_data;
	gssize len;

	g_clear_error(&self->error);
	len = g_input_stream_read(self->base,
				  self->buf,
				  FU_UC_ZSTD_STREAM_PIECE_SIZE,
				  NULL,
				  &self->error);
	*buf_out = self->buf;
	return len < 0 ? ARCHIVE_FATAL : len;
}

static gboolean
fu_uc_zstd_stream_fail(FuUcZstdStream *self, GError **error)
{
	const gchar *reason = self->archive != NULL ? archive_error_string(self->archive) : NULL;

	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_INVALID_FILE,
		    "compressed payload is damaged: %s; get the file again",
		    self->error != NULL ? self->error->message
		    : reason != NULL	? reason
					: "it is not zstd");
	return FALSE;
}

static gboolean
fu_uc_zstd_stream_open(FuUcZstdStream *self, GError **error)
{
	struct archive_entry *entry = NULL;

	self->archive = archive_read_new();
	if (self->archive == NULL ||
	    archive_read_support_filter_zstd(self->archive) != ARCHIVE_OK ||
	    archive_read_support_format_raw(self->archive) != ARCHIVE_OK ||
	    archive_read_open(self->archive, self, NULL, fu_uc_zstd_stream_read_cb, NULL) !=
		ARCHIVE_OK ||
	    archive_read_next_header(self->archive, &entry) != ARCHIVE_OK ||
	    archive_filter_code(self->archive, 0) != ARCHIVE_FILTER_ZSTD)
		return fu_uc_zstd_stream_fail(self, error);
	return TRUE;
}

static void
fu_uc_zstd_stream_reset(FuUcZstdStream *self)
{
	if (self->archive != NULL)
		archive_read_free(self->archive);
	self->archive = NULL;
	self->offset = 0;
	g_clear_error(&self->error);
}

static gboolean
fu_uc_zstd_stream_check_size(FuUcZstdStream *self, gboolean ended, GError **error)
{
	if (self->size == FU_UC_ZSTD_STREAM_ANY_SIZE)
		return TRUE;
	if (self->offset <= self->size && (!ended || self->offset == self->size))
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_INVALID_FILE,
		    "compressed payload unpacks to %s%" G_GUINT64_FORMAT
		    " bytes, the UC bind header says %" G_GUINT64_FORMAT "; get the file again",
		    ended ? "" : "at least ",
		    self->offset,
		    self->size);
	return FALSE;
}

static gssize
fu_uc_zstd_stream_read(GInputStream *stream,
		       void *buf,
		       gsize bufsz,
		       GCancellable *cancellable,
		       GError **error)
{
	FuUcZstdStream *self = FU_UC_ZSTD_STREAM(stream);
	la_ssize_t len;

	if (self->archive == NULL && !fu_uc_zstd_stream_open(self, error))
		return -1;
	len = archive_read_data(self->archive, buf, bufsz);
	if (len < 0) {
		(void)fu_uc_zstd_stream_fail(self, error);
		return -1;
	}
	self->offset += (guint64)len;
	return fu_uc_zstd_stream_check_size(self, len == 0, error) ? (gssize)len : -1;
}

static goffset
fu_uc_zstd_stream_tell(GSeekable *seekable)
{
	return (goffset)FU_UC_ZSTD_STREAM(seekable)->offset;
}

static gboolean
fu_uc_zstd_stream_can_seek(GSeekable *seekable)
{
	return TRUE;
}

static gboolean
fu_uc_zstd_stream_seek(GSeekable *seekable,
		       goffset offset,
		       GSeekType type,
		       GCancellable *cancellable,
		       GError **error)
{
	FuUcZstdStream *self = FU_UC_ZSTD_STREAM(seekable);

	if (offset != 0 || type != G_SEEK_SET) {
		g_set_error_literal(error,
				    FWUPD_ERROR,
				    FWUPD_ERROR_NOT_SUPPORTED,
				    "a compressed payload can only be read from its start");
		return FALSE;
	}
	fu_uc_zstd_stream_reset(self);
	return g_seekable_seek(G_SEEKABLE(self->base), 0, G_SEEK_SET, cancellable, error);
}

static gboolean
fu_uc_zstd_stream_can_truncate(GSeekable *seekable)
{
	return FALSE;
}

static void
fu_uc_zstd_stream_seekable_init(GSeekableIface *iface)
{
	iface->tell = fu_uc_zstd_stream_tell;
	iface->can_seek = fu_uc_zstd_stream_can_seek;
	iface->seek = fu_uc_zstd_stream_seek;
	iface->can_truncate = fu_uc_zstd_stream_can_truncate;
}

static void
fu_uc_zstd_stream_finalize(GObject *object)
{
	FuUcZstdStream *self = FU_UC_ZSTD_STREAM(object);
	fu_uc_zstd_stream_reset(self);
	g_object_unref(self->base);
	g_free(self->buf);
	G_OBJECT_CLASS(fu_uc_zstd_stream_parent_class)->finalize(object);
}

static void
fu_uc_zstd_stream_class_init(FuUcZstdStreamClass *klass)
{
	G_INPUT_STREAM_CLASS(klass)->read_fn = fu_uc_zstd_stream_read;
	G_OBJECT_CLASS(klass)->finalize = fu_uc_zstd_stream_finalize;
}

static void
fu_uc_zstd_stream_init(FuUcZstdStream *self)
{
	self->buf = g_malloc(FU_UC_ZSTD_STREAM_PIECE_SIZE);
}

/**
 * fu_uc_zstd_stream_new:
 * @base: a seekable stream with one zstd frame
 * @size: bytes that it has to unpack to, or %FU_UC_ZSTD_STREAM_ANY_SIZE
 *
 * Returns: (transfer full): a stream of what it unpacks to; reading fails with
 * %FWUPD_ERROR_INVALID_FILE if it is damaged or has another size
 **/
GInputStream *
fu_uc_zstd_stream_new(GInputStream *base, guint64 size)
{
	FuUcZstdStream *self = g_object_new(FU_TYPE_UC_ZSTD_STREAM, NULL);
	self->base = g_object_ref(base);
	self->size = size;
	return G_INPUT_STREAM(self);
}
