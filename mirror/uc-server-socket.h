/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

typedef struct _UcServerSockets UcServerSockets;

UcServerSockets *
uc_server_sockets_new(guint max) G_GNUC_WARN_UNUSED_RESULT;
void
uc_server_sockets_free(UcServerSockets *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcServerSockets, uc_server_sockets_free)

gboolean
uc_server_sockets_add(UcServerSockets *self, GSocket *socket);
void
uc_server_sockets_set_busy(GSocket *socket, gboolean busy);
gboolean
uc_server_sockets_sweep(UcServerSockets *self);
