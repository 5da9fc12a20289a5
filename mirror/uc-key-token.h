/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-mirror.h"

gboolean
uc_key_token_check_uri(const gchar *uri, GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcX509 *
uc_key_token_new_ca(const gchar *token,
		    const gchar *purpose,
		    const gchar *organisation,
		    gint64 now_secs,
		    GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcX509 *
uc_key_token_new_leaf(const gchar *token,
		      UcX509 *ca,
		      const gchar *purpose,
		      const gchar *organisation,
		      gint64 now_secs,
		      GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_key_token_use(UcMirror *mirror,
		 UcAnchor purpose,
		 const gchar *uri,
		 gint64 now_secs,
		 GError **error) G_GNUC_WARN_UNUSED_RESULT;
