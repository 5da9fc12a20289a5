/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-mirror.h"

/**
 * UcKeyDocument:
 * @serial: of the latest one, 0 before the first
 * @serial_epoch: no serial of another document counts that lies before
 * @expires_secs: until when it counts, seconds since the Unix epoch, 0 before the first
 * @revoked: (element-type utf8): SHA-256 of certificates and of their public keys
 * @anchors: (element-type GBytes): per purpose the CAs, as they are in `trust/`
 * @told: (element-type GBytes): per purpose the CAs that the latest one names, %NULL where it names
 *   none or there is none
 *
 * What `keys.json` says, and is to say next.
 */
typedef struct {
	gint64 serial;
	gint64 serial_epoch;
	gint64 expires_secs;
	GPtrArray *revoked;
	GPtrArray *anchors[UC_ANCHOR_LAST];
	GPtrArray *told[UC_ANCHOR_LAST];
} UcKeyDocument;

UcKeyDocument *
uc_key_document_load(const UcMirror *mirror, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_key_document_free(UcKeyDocument *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcKeyDocument, uc_key_document_free)

gboolean
uc_key_document_is_revoked(const UcKeyDocument *self,
			   GBytes *certificate,
			   gboolean *revoked_out,
			   GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_key_document_revoke(UcKeyDocument *self,
		       GBytes *certificate,
		       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_key_document_remove_anchor(UcKeyDocument *self,
			      UcAnchor purpose,
			      GBytes *certificate,
			      GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_key_document_save(UcKeyDocument *self,
		     const UcMirror *mirror,
		     UcX509 *recovery,
		     gint64 now_secs,
		     GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_key_document_read(const UcMirror *mirror,
		     GBytes **envelope_out,
		     GError **error) G_GNUC_WARN_UNUSED_RESULT;
