/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-endpoint-key.h"
#include "uc-enrol-request.h"
#include "uc-peer.h"

/* below the directory of the mirror: there is something for `enrol sign` */
#define UC_ENROL_WANTED_NAME "enrol.wanted"

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
