/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>

gboolean
uc_server_file_is_path(const gchar *path);
void
uc_server_file_respond(SoupServerMessage *message, const gchar *public_dir, const gchar *path);
