/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "uc-peer.h"

/* as nginx has it in $ssl_client_escaped_cert: PEM, percent-encoded; empty for none */
#define UC_SERVER_PROXIED_HEADER "X-SSL-Client-Cert"
/* so many certificates are remembered */
#define UC_SERVER_PROXIED_MAX 1024

typedef struct _UcServerProxied UcServerProxied;

UcServerProxied *
uc_server_proxied_new(void) G_GNUC_WARN_UNUSED_RESULT;
void
uc_server_proxied_free(UcServerProxied *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcServerProxied, uc_server_proxied_free)

gboolean
uc_server_proxied_read(UcServerProxied *self,
		       const gchar *header,
		       GTlsDatabase *database,
		       gint64 now_secs,
		       UcPeer **peer_out,
		       GError **error) G_GNUC_WARN_UNUSED_RESULT;
guint
uc_server_proxied_get_length(UcServerProxied *self);
