/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

gboolean
uc_key_check_issued(GBytes *certificate, GPtrArray *cas, gboolean *issued_out, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_key_check_get_expiry(GBytes *certificate,
			gint64 *expires_secs_out,
			GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_key_check_pair(GBytes *certificate, GBytes *key, const gchar *path, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
