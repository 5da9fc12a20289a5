/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

gint64
uc_backoff_get_wait_secs(guint failures,
			 gint64 max_secs,
			 const GError *error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_backoff_is_over(gint64 retry_secs, gint64 max_secs, gint64 now_secs) G_GNUC_WARN_UNUSED_RESULT;
