/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-database.h"

gchar *
uc_enrol_token_new(UcDatabase *database, gint64 now_secs, guint days, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_enrol_token_use(UcDatabase *database, const gchar *token, gint64 now_secs, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
