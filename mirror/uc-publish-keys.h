/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-key-document.h"

gboolean
uc_publish_keys(const UcMirror *mirror, const gchar *tree, gint64 *expires_secs_out, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
