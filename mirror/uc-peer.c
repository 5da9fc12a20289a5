/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "uc-peer.h"
#include "uc-x509.h"

/**
 * uc_peer_new:
 * @certificate: in PEM; what it is worth is for the caller to know
 *
 * Returns: (transfer full) (nullable): who has it; %NULL when it is no certificate
 */
UcPeer *
uc_peer_new(const gchar *certificate)
{
	g_autofree gchar *key_sha256 = uc_x509_get_key_sha256(certificate, NULL);
	UcPeer *self = NULL;

	if (key_sha256 == NULL)
		return NULL;
	self = g_atomic_rc_box_new0(UcPeer);
	self->certificate = g_strdup(certificate);
	self->key_sha256 = g_steal_pointer(&key_sha256);
	return self;
}

UcPeer *
uc_peer_ref(UcPeer *self)
{
	return g_atomic_rc_box_acquire(self);
}

static void
uc_peer_clear(gpointer data)
{
	UcPeer *self = data;

	g_free(self->key_sha256);
	g_free(self->certificate);
}

void
uc_peer_unref(UcPeer *self)
{
	g_atomic_rc_box_release_full(self, uc_peer_clear);
}
