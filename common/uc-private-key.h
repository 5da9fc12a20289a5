/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <gnutls/abstract.h>

/* what a place of a key begins with that is in a PKCS#11 token (RFC 7512) */
#define UC_PRIVATE_KEY_PKCS11 "pkcs11:"

/**
 * UcPrivateKey:
 *
 * A private key, in memory or in a token that it never leaves.
 */
typedef struct _UcPrivateKey UcPrivateKey;

typedef struct gnutls_pubkey_st UcPublicKey;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcPublicKey, gnutls_pubkey_deinit)

UcPrivateKey *
uc_private_key_new(GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcPrivateKey *
uc_private_key_new_for_token(const gchar *uri,
			     const gchar *pin,
			     GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcPrivateKey *
uc_private_key_new_from_bytes(GBytes *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_private_key_free(UcPrivateKey *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcPrivateKey, uc_private_key_free)

gnutls_privkey_t
uc_private_key_get_handle(const UcPrivateKey *self);
UcPublicKey *
uc_private_key_get_public(const UcPrivateKey *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_private_key_get_sha256(const UcPrivateKey *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GBytes *
uc_private_key_to_pem(const UcPrivateKey *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean
uc_private_key_check(gint rc, const gchar *what, GError **error);
GBytes *
uc_private_key_take_datum(gnutls_datum_t *datum) G_GNUC_WARN_UNUSED_RESULT;
