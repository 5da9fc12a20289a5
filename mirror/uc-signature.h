/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-x509.h"

GBytes *
uc_signature_for_metadata(const gchar *name, GBytes *metadata, UcX509 *key, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
GBytes *
uc_signature_for_payload(GBytes *jcat,
			 const gchar *payload_name,
			 const gchar *payload_sha256,
			 UcX509 *key,
			 GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_signature_covers_payload(GBytes *jcat,
			    const gchar *payload_name,
			    const gchar *payload_sha256,
			    const gchar *anchors_dir);
gboolean
uc_signature_verify_metadata(GBytes *metadata,
			     GBytes *jcat,
			     const gchar *anchors_dir,
			     gint64 *signed_secs_out,
			     GError **error) G_GNUC_WARN_UNUSED_RESULT;
