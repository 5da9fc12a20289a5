/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-endpoint-key.h"
#include "uc-enrol-request.h"

/* below the directory of the mirror: there is something for `enrol sign` */
#define UC_ENROL_WANTED_NAME "enrol.wanted"

/**
 * UcPeer:
 * @key_sha256: of the client certificate, which leads to the CA of endpoints and has not expired
 * @certificate: the same in PEM
 *
 * Who is at the other end of a connection.
 */
typedef struct {
	gchar *key_sha256;
	gchar *certificate;
} UcPeer;

void
uc_peer_free(UcPeer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcPeer, uc_peer_free)

/**
 * UcEnrolReply:
 * @body: for the endpoint
 * @wanted: whether there is something to sign
 */
typedef struct {
	JsonObject *body;
	gboolean wanted;
} UcEnrolReply;

gboolean
uc_enrol(UcDatabase *database,
	 const UcEnrolRequest *request,
	 const UcPeer *peer,
	 gint64 now_secs,
	 UcEnrolReply *reply_out,
	 GError **error) G_GNUC_WARN_UNUSED_RESULT;
