/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * UcPeer:
 * @key_sha256: of the client certificate, which leads to the CA of endpoints and has not expired
 * @certificate: the same in PEM
 *
 * Who is at the other end of a connection. References may be held in several threads.
 */
typedef struct {
	gchar *key_sha256;
	gchar *certificate;
} UcPeer;

UcPeer *
uc_peer_new(const gchar *certificate) G_GNUC_WARN_UNUSED_RESULT;
UcPeer *
uc_peer_ref(UcPeer *self) G_GNUC_WARN_UNUSED_RESULT;
void
uc_peer_unref(UcPeer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcPeer, uc_peer_unref)
