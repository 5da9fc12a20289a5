/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "fu-uc-sha256.h"

/* SHA-256 of GnuTLS rather than of GLib, as it uses the processor's own instructions; images
 * have hundreds of megabytes. */

#define FU_UC_SHA256_PIECE_SIZE (1024 * 1024) /* bytes */

struct _FuUcSha256 {
	gnutls_hash_hd_t handle;
};

/**
 * fu_uc_sha256_new:
 *
 * Returns: (transfer full): a new checksum of nothing yet
 **/
FuUcSha256 *
fu_uc_sha256_new(void)
{
	FuUcSha256 *self = g_new0(FuUcSha256, 1);
	if (gnutls_hash_init(&self->handle, GNUTLS_DIG_SHA256) < 0)
		g_assert_not_reached();
	return self;
}

void
fu_uc_sha256_free(FuUcSha256 *self)
{
	gnutls_hash_deinit(self->handle, NULL);
	g_free(self);
}

void
fu_uc_sha256_update(FuUcSha256 *self, const guint8 *buf, gsize bufsz)
{
	if (bufsz > 0)
		(void)gnutls_hash(self->handle, buf, bufsz);
}

/**
 * fu_uc_sha256_get_string:
 * @self: a checksum
 *
 * Returns: (transfer full): the checksum so far in lower-case hexadecimal; it starts anew
 **/
gchar *
fu_uc_sha256_get_string(FuUcSha256 *self)
{
	guint8 digest[FU_UC_SHA256_SIZE] = {0};
	gnutls_hash_output(self->handle, digest);
	return fu_uc_sha256_to_string(digest);
}

gchar *
fu_uc_sha256_of_buffer(const guint8 *buf, gsize bufsz)
{
	g_autoptr(FuUcSha256) sum = fu_uc_sha256_new();
	fu_uc_sha256_update(sum, buf, bufsz);
	return fu_uc_sha256_get_string(sum);
}

/**
 * fu_uc_sha256_foreach_piece:
 * @stream: a seekable stream
 * @func: (scope call): called with each piece, from the start to the end
 * @user_data: for @func
 * @error: (nullable): optional return location for an error
 *
 * Reads the whole stream in pieces of at most 1 MiB.
 *
 * Returns: %TRUE, or %FALSE with %FWUPD_ERROR_READ or the error of @func
 **/
gboolean
fu_uc_sha256_foreach_piece(GInputStream *stream,
			   FuUcSha256PieceFunc func,
			   gpointer user_data,
			   GError **error)
{
	g_autofree guint8 *buf = g_malloc(FU_UC_SHA256_PIECE_SIZE);

	if (!g_seekable_seek(G_SEEKABLE(stream), 0, G_SEEK_SET, NULL, error))
		return FALSE;
	while (TRUE) {
		gsize bufsz = 0;
		if (!g_input_stream_read_all(stream,
					     buf,
					     FU_UC_SHA256_PIECE_SIZE,
					     &bufsz,
					     NULL,
					     error)) {
			fwupd_error_convert(error);
			return FALSE;
		}
		if (bufsz == 0)
			return TRUE;
		if (!func(buf, bufsz, user_data, error))
			return FALSE;
	}
}

static gboolean
fu_uc_sha256_piece_cb(const guint8 *buf, gsize bufsz, gpointer user_data, GError **error)
{
	fu_uc_sha256_update((FuUcSha256 *)user_data, buf, bufsz);
	return TRUE;
}

/**
 * fu_uc_sha256_of_stream:
 * @stream: a seekable stream
 * @error: (nullable): optional return location for an error
 *
 * Returns: (transfer full): the checksum of the whole stream, or %NULL if it cannot be read
 **/
gchar *
fu_uc_sha256_of_stream(GInputStream *stream, GError **error)
{
	g_autoptr(FuUcSha256) sum = fu_uc_sha256_new();
	if (!fu_uc_sha256_foreach_piece(stream, fu_uc_sha256_piece_cb, sum, error))
		return NULL;
	return fu_uc_sha256_get_string(sum);
}

/**
 * fu_uc_sha256_to_string:
 * @digest: (array fixed-size=32): a digest
 *
 * Returns: (transfer full): 64 lower-case hexadecimal digits
 **/
gchar *
fu_uc_sha256_to_string(const guint8 *digest)
{
	g_autoptr(GString) str = g_string_sized_new(FU_UC_SHA256_SIZE * 2);
	for (guint i = 0; i < FU_UC_SHA256_SIZE; i++)
		g_string_append_printf(str, "%02x", digest[i]);
	return g_string_free(g_steal_pointer(&str), FALSE);
}

/**
 * fu_uc_sha256_from_string:
 * @text: (nullable): 64 hexadecimal digits
 * @digest_out: (array fixed-size=32): where the digest goes
 *
 * Returns: whether @text is a digest
 **/
gboolean
fu_uc_sha256_from_string(const gchar *text, guint8 *digest_out)
{
	if (text == NULL || strlen(text) != FU_UC_SHA256_SIZE * 2)
		return FALSE;
	for (guint i = 0; i < FU_UC_SHA256_SIZE; i++) {
		gint high = g_ascii_xdigit_value(text[i * 2]);
		gint low = g_ascii_xdigit_value(text[i * 2 + 1]);
		if (high < 0 || low < 0)
			return FALSE;
		digest_out[i] = (guint8)(high << 4 | low);
	}
	return TRUE;
}
