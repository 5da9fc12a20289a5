/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

gboolean
uc_identity_get_text(JsonObject *object, const gchar *member, gchar **value_out, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_identity_is_mac(const gchar *text);
gboolean
uc_identity_get_mac(JsonObject *object,
		    gchar **value_out,
		    GError **error) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_identity_new(const gchar *machine_id,
		JsonObject *endpoint,
		GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_identity_get_machine(JsonObject *object,
			gchar **value_out,
			GError **error) G_GNUC_WARN_UNUSED_RESULT;
