/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

gboolean
uc_file_copy(const gchar *from,
	     const gchar *to,
	     guint64 max_bytes,
	     gchar **sha256_out,
	     guint64 *size_bytes_out,
	     GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_file_write(const gchar *path, GBytes *bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_file_replace(const gchar *path, GBytes *bytes, gint mode, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_file_link(const gchar *from, const gchar *to, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_file_rename(const gchar *from, const gchar *to, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_file_sync(const gchar *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_file_sync_dir(const gchar *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_file_replace_link(const gchar *target,
		     const gchar *path,
		     GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_file_remove(const gchar *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_file_make_dir(const gchar *path, gint mode, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_file_sweep(const gchar *dir, const gchar *const *endings, gint64 min_age_secs);
