/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-mirror.h"

gboolean
uc_endpoint_ca_change_begin(UcMirror *mirror, const gchar *uri, gint64 now_secs, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_endpoint_ca_change_finish(UcMirror *mirror,
			     gint64 now_secs,
			     GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_endpoint_ca_change_revoke(UcMirror *mirror, const gchar *uri, gint64 now_secs, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
