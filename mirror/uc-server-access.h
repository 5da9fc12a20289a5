/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#define UC_SERVER_NETWORKS_MAX 64

/**
 * UcServerVerdict:
 * @UC_SERVER_ALLOWED: from inside, or by somebody who is known
 * @UC_SERVER_OUTSIDE: from outside, and nobody says who it is
 * @UC_SERVER_WRONG: from outside, with a user or password that is wrong
 * @UC_SERVER_BUSY: from outside, and too many passwords are being tried; again in a second
 */
typedef enum {
	UC_SERVER_ALLOWED,
	UC_SERVER_OUTSIDE,
	UC_SERVER_WRONG,
	UC_SERVER_BUSY
} UcServerVerdict;

/**
 * UcServerRequest:
 * @remote: (nullable): the other end of the connection
 * @forwarded: (nullable): header `X-Forwarded-For`
 * @authorization: (nullable): header `Authorization`
 *
 * What is known of who asks. Nothing in it is owned.
 */
typedef struct {
	GSocketAddress *remote;
	const gchar *forwarded;
	const gchar *authorization;
} UcServerRequest;

typedef struct _UcServerAccess UcServerAccess;

UcServerAccess *
uc_server_access_new(const gchar *users_path,
		     const gchar *const *networks,
		     const gchar *const *proxies,
		     GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_server_access_free(UcServerAccess *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcServerAccess, uc_server_access_free)

gboolean
uc_server_access_is_proxy(UcServerAccess *self, GSocketAddress *remote);
UcServerVerdict
uc_server_access_check(UcServerAccess *self,
		       const UcServerRequest *request,
		       gint64 now_usec) G_GNUC_WARN_UNUSED_RESULT;
