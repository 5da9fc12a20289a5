/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

gboolean
uc_private_file_read(const gchar *path, gsize max_bytes, gchar **text_out, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_private_file_read_credential(const gchar *name,
				gsize max_bytes,
				gchar **text_out,
				GError **error) G_GNUC_WARN_UNUSED_RESULT;
