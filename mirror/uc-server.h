/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>

#include "uc-mirror.h"
#include "uc-server-access.h"

#define UC_SERVER_LISTEN_MAX 16

typedef struct _UcServer UcServer;

UcServer *
uc_server_new(UcMirror *mirror, UcServerAccess *access, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_server_free(UcServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcServer, uc_server_free)

gboolean
uc_server_listen(UcServer *self,
		 const gchar *const *addresses,
		 GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_server_listen_inherited(UcServer *self,
			   guint *count_out,
			   GError **error) G_GNUC_WARN_UNUSED_RESULT;
GStrv
uc_server_get_addresses(UcServer *self) G_GNUC_WARN_UNUSED_RESULT;
void
uc_server_set_proxied(UcServer *self);
void
uc_server_run(UcServer *self);
