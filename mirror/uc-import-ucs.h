/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-import.h"

#define UC_IMPORT_UCS_DIR "ucs"

GPtrArray *
uc_import_ucs(UcMirror *mirror, const gchar *path, gboolean hold, gint64 now_secs, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
