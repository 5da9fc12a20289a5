/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#define UC_SHA256_BYTES	    32
#define UC_SHA256_HEX_CHARS 64

typedef struct _UcSha256 UcSha256;

UcSha256 *
uc_sha256_new(void) G_GNUC_WARN_UNUSED_RESULT;
void
uc_sha256_update(UcSha256 *self, gconstpointer data, gsize size_bytes);
void
uc_sha256_to_bytes(UcSha256 *self, guint8 *digest_out);
void
uc_sha256_finish(UcSha256 *self, guint8 *digest_out);
gchar *
uc_sha256_to_hex(UcSha256 *self) G_GNUC_WARN_UNUSED_RESULT;
void
uc_sha256_free(UcSha256 *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcSha256, uc_sha256_free)

gchar *
uc_sha256_for_bytes(GBytes *bytes) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_sha256_for_file(const gchar *path,
		   guint64 *size_bytes_out,
		   GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_sha256_add_file(UcSha256 *self, const gchar *path, guint64 *size_bytes_out, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_sha256_is_hex(const gchar *text) G_GNUC_WARN_UNUSED_RESULT;
