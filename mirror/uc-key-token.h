/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-mirror.h"

gboolean
uc_key_token_use(UcMirror *mirror,
		 UcAnchor purpose,
		 const gchar *uri,
		 gint64 now_secs,
		 GError **error) G_GNUC_WARN_UNUSED_RESULT;
