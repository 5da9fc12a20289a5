/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-json.h"

/**
 * UcDocumentExpect:
 * @type: what kind of document it must be, one of `UC_DOCUMENT_…`
 * @organisation: (nullable): whose it must be, or %NULL to accept any
 * @anchors_dir: directory with the CAs of the purpose, one PEM file each
 * @serial_min: the highest serial seen so far of that type, 0 at first
 * @now_secs: the present time in seconds since the Unix epoch
 * @floor_secs: the present time cannot lie before this (DESIGN.md: build date, verified issues)
 * @any_time: neither issue nor expiry count: for what root has installed already
 *
 * What a document is checked against. Nothing in it is owned.
 */
typedef struct {
	const gchar *type;
	const gchar *organisation;
	const gchar *anchors_dir;
	gint64 serial_min;
	gint64 now_secs;
	gint64 floor_secs;
	gboolean any_time;
} UcDocumentExpect;

/**
 * UcDocument:
 * @organisation: the domain name of the organisation
 * @serial: higher than that of every document of this type before
 * @issued_secs: when it was signed, seconds since the Unix epoch
 * @expires_secs: until when it counts
 * @body: all members, the ones above included
 */
typedef struct {
	gchar *organisation;
	gint64 serial;
	gint64 issued_secs;
	gint64 expires_secs;
	JsonObject *body;
} UcDocument;

void
uc_document_free(UcDocument *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcDocument, uc_document_free)

UcDocument *
uc_document_verify(GBytes *envelope,
		   const UcDocumentExpect *expect,
		   GError **error) G_GNUC_WARN_UNUSED_RESULT;
JsonObject *
uc_document_peek(GBytes *envelope, const gchar *type, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GBytes *
uc_document_sign(JsonObject *body, GBytes *certificate, GBytes *key, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
