/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>

typedef struct _UcServerConnections UcServerConnections;

UcServerConnections *
uc_server_connections_new(guint max) G_GNUC_WARN_UNUSED_RESULT;
void
uc_server_connections_free(UcServerConnections *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcServerConnections, uc_server_connections_free)

guint
uc_server_connections_get_limit(void);

void
uc_server_connections_started(UcServerConnections *self, SoupServerMessage *message);
void
uc_server_connections_heard(UcServerConnections *self, SoupServerMessage *message);
void
uc_server_connections_read(UcServerConnections *self, SoupServerMessage *message);
void
uc_server_connections_done(UcServerConnections *self, SoupServerMessage *message);
guint
uc_server_connections_get_active(const UcServerConnections *self);
