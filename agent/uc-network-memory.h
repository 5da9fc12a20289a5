/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

gboolean
uc_network_memory_is_outside(const gchar *network, gint64 now_secs);
gboolean
uc_network_memory_set(const gchar *network, gboolean is_outside, gint64 now_secs, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_network_memory_clear(GError **error) G_GNUC_WARN_UNUSED_RESULT;
