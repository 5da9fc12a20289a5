/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

gchar *
uc_publish_trust_get_fingerprint(const gchar *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_publish_trust_add(const gchar *root, JsonObject *body, GError **error) G_GNUC_WARN_UNUSED_RESULT;
