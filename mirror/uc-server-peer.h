/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>

#include "uc-mirror.h"
#include "uc-server-proxied.h"

gboolean
uc_server_peer_request(SoupServer *soup,
		       const UcMirror *mirror,
		       GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_server_peer_note(SoupServerMessage *message);
gboolean
uc_server_peer_set_proxied(SoupServerMessage *message,
			   UcServerProxied *proxied,
			   GTlsDatabase *database,
			   GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcPeer *
uc_server_peer_read(SoupServerMessage *message) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_server_peer_is_enrolled(const UcMirror *mirror, SoupServerMessage *message);
