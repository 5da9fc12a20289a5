/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupdplugin.h>

gboolean
fu_uc_endpoint_slot_get_capacity(const gchar *path,
				 guint64 *capacity_out,
				 GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_slot_has_path(const gchar *path, const gchar *inside) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_slot_is_same(const gchar *path_a, const gchar *path_b) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_slot_write(const gchar *path,
			  GInputStream *stream,
			  guint64 size,
			  FuProgress *progress,
			  GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_slot_flush(const gchar *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gchar *
fu_uc_endpoint_slot_read_sha256(const gchar *path,
				guint64 size,
				FuProgress *progress,
				GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_slot_check_free(const gchar *directory,
			       guint64 size,
			       const gchar *what,
			       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_slot_fail_file(const gchar *path, const gchar *what, GError **error);
gboolean
fu_uc_endpoint_slot_sync_directory(const gchar *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
