/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

gboolean
uc_trust_apply(gint64 now_secs, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_trust_apply_first_use(const gchar *boot_id, gint64 boot_secs, gint64 now_secs, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_trust_open_first_use(const gchar *boot_id,
			gint64 boot_secs,
			GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_trust_close_first_use(GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_trust_install(const gchar *dir, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_trust_install_anchors(GPtrArray *const *anchors, GError **error) G_GNUC_WARN_UNUSED_RESULT;
