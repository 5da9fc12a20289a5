/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/**
 * UcSignIn:
 * @user: name for the service, without a colon
 * @secret: that user's password
 * @internal_url: (nullable): of the service inside the network
 * @external_url: (nullable): the same from outside
 *
 * Somebody who has signed in at the endpoint. Only ever in memory.
 */
typedef struct {
	gchar *user;
	gchar *secret;
	gchar *internal_url;
	gchar *external_url;
} UcSignIn;

void
uc_sign_in_read_async(const gchar *user,
		      gint secret_fd,
		      const gchar *internal_url,
		      const gchar *external_url,
		      GCancellable *cancellable,
		      GAsyncReadyCallback callback,
		      gpointer user_data);
UcSignIn *
uc_sign_in_read_finish(GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_sign_in_free(UcSignIn *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcSignIn, uc_sign_in_free)

void
uc_secret_free(gchar *secret);
