/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

gboolean
uc_metadata_verify(GBytes *metadata, GBytes *signature, const gchar *anchors_dir, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
