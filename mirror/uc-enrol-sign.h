/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-endpoint-key.h"
#include "uc-mirror.h"

gboolean
uc_enrol_sign(UcMirror *mirror, gint64 now_secs, guint *signed_out, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_enrol_sign_key(UcMirror *mirror,
		  UcX509 *ca,
		  const UcEndpointKey *key,
		  gint64 now_secs,
		  GError **error) G_GNUC_WARN_UNUSED_RESULT;
