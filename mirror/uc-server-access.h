/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#define UC_SERVER_NETWORKS_MAX 64

GPtrArray *
uc_server_access_new(const gchar *const *networks, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_server_access_allows(GPtrArray *networks, GSocketAddress *remote);
