/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-key-token.h"
#include "uc-mirror.h"

gboolean
uc_key_change_rotate(UcMirror *mirror,
		     UcAnchor purpose,
		     const UcKeyUris *keys,
		     gint64 now_secs,
		     GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_key_change_begin(UcMirror *mirror,
		    UcAnchor purpose,
		    const UcKeyUris *keys,
		    UcX509 *recovery,
		    gint64 now_secs,
		    GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_key_change_finish(UcMirror *mirror,
		     UcAnchor purpose,
		     const UcKeyUris *keys,
		     UcX509 *recovery,
		     gint64 now_secs,
		     GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_key_change_revoke(UcMirror *mirror,
		     UcAnchor purpose,
		     gboolean with_ca,
		     const UcKeyUris *keys,
		     UcX509 *recovery,
		     gint64 now_secs,
		     GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_key_change_revoke_certificate(UcMirror *mirror,
				 GBytes *certificate,
				 UcX509 *recovery,
				 gint64 now_secs,
				 GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_key_change_sign(UcMirror *mirror, UcX509 *recovery, gint64 now_secs, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
