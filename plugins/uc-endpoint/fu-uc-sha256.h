/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupd.h>
#include <gio/gio.h>

#define FU_UC_SHA256_SIZE 32 /* bytes */

typedef struct _FuUcSha256 FuUcSha256;

/* (transfer none): a piece of a stream, 1 byte to 1 MiB */
typedef gboolean (*FuUcSha256PieceFunc)(const guint8 *buf,
					gsize bufsz,
					gpointer user_data,
					GError **error) G_GNUC_WARN_UNUSED_RESULT;

FuUcSha256 *
fu_uc_sha256_new(void);
void
fu_uc_sha256_free(FuUcSha256 *self);
void
fu_uc_sha256_update(FuUcSha256 *self, const guint8 *buf, gsize bufsz);
gchar *
fu_uc_sha256_get_string(FuUcSha256 *self) G_GNUC_WARN_UNUSED_RESULT;
gchar *
fu_uc_sha256_of_buffer(const guint8 *buf, gsize bufsz) G_GNUC_WARN_UNUSED_RESULT;
gchar *
fu_uc_sha256_of_stream(GInputStream *stream, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_sha256_foreach_piece(GInputStream *stream,
			   FuUcSha256PieceFunc func,
			   gpointer user_data,
			   GError **error) G_GNUC_WARN_UNUSED_RESULT;
gchar *
fu_uc_sha256_to_string(const guint8 *digest) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_sha256_from_string(const gchar *text, guint8 *digest_out) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(FuUcSha256, fu_uc_sha256_free)
