/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#define UC_NAME_SERVER_PORT 53

GInetSocketAddress *
uc_name_server_new(const gchar *text, guint16 port) G_GNUC_WARN_UNUSED_RESULT;
GInetSocketAddress *
uc_name_server_parse(const gchar *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray *
uc_name_server_parse_all(const gchar *const *texts, GError **error) G_GNUC_WARN_UNUSED_RESULT;
