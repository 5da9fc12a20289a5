/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "uc-paths.h"

#define UC_TRUST_BUNDLE_PURPOSES (UC_ANCHOR_LAST + 1)

/**
 * UcTrustBundle:
 * @organisation: the domain name of the organisation
 * @anchors: (element-type GBytes): CAs in PEM, by uc_trust_bundle_get_purpose(); %NULL only for the
 *   last purpose, the recovery key, which not every organisation has
 * @fingerprint: SHA-256 over all of them, 64 lower-case hexadecimal digits, for people to compare
 * @dir: the same CAs as files below it, as in `trust.d/`; removed with the bundle
 *
 * An organisation's trust bundle as it publishes it, docs/service-protocol.md section 2.3.
 */
typedef struct {
	gchar *organisation;
	GPtrArray *anchors[UC_TRUST_BUNDLE_PURPOSES];
	gchar *fingerprint;
	gchar *dir;
} UcTrustBundle;

const gchar *
uc_trust_bundle_get_purpose(guint index);
UcTrustBundle *
uc_trust_bundle_verify(GBytes *envelope, gint64 now_secs, gint64 floor_secs, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_trust_bundle_get_anchors_dir(const UcTrustBundle *self,
				UcAnchor purpose) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_trust_bundle_compute_fingerprint(GPtrArray *const *anchors,
				    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_trust_bundle_free(UcTrustBundle *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcTrustBundle, uc_trust_bundle_free)
