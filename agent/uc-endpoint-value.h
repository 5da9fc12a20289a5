/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

gboolean
uc_endpoint_value_is_set(GKeyFile *file, const gchar *key);
gchar *
uc_endpoint_value_read(GKeyFile *file, const gchar *key, GError **error) G_GNUC_WARN_UNUSED_RESULT;
