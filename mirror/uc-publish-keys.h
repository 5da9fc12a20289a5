/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-key-document.h"

/**
 * UcPublishExpiry:
 * @keys_secs: until then keys.json counts, seconds since the Unix epoch; 0 where there is none
 * @certificate_secs: until then the certificate is valid that expires first
 * @purpose: what that one is for
 *
 * What somebody has to do something about before.
 */
typedef struct {
	gint64 keys_secs;
	gint64 certificate_secs;
	UcAnchor purpose;
} UcPublishExpiry;

gboolean
uc_publish_keys(const UcMirror *mirror,
		const gchar *tree,
		gint64 now_secs,
		UcPublishExpiry *expiry_out,
		GError **error) G_GNUC_WARN_UNUSED_RESULT;
