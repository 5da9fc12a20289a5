/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

/**
 * UcJsonNeed:
 * @UC_JSON_REQUIRED: a missing member is an error
 * @UC_JSON_OPTIONAL: a missing or null member leaves the caller's value as it is
 */
typedef enum { UC_JSON_REQUIRED, UC_JSON_OPTIONAL } UcJsonNeed;

JsonObject *
uc_json_parse_object(GBytes *bytes, gsize max_bytes, const gchar *what, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_json_get_string(JsonObject *object,
		   const gchar *member,
		   UcJsonNeed need,
		   gsize max_bytes,
		   const gchar **value_out,
		   GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_json_get_int64(JsonObject *object,
		  const gchar *member,
		  UcJsonNeed need,
		  gint64 min,
		  gint64 max,
		  gint64 *value_out,
		  GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_json_get_boolean(JsonObject *object,
		    const gchar *member,
		    UcJsonNeed need,
		    gboolean *value_out,
		    GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_json_get_object(JsonObject *object,
		   const gchar *member,
		   UcJsonNeed need,
		   JsonObject **value_out,
		   GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_json_get_array(JsonObject *object,
		  const gchar *member,
		  UcJsonNeed need,
		  guint max_elements,
		  JsonArray **value_out,
		  GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_json_get_time(JsonObject *object,
		 const gchar *member,
		 UcJsonNeed need,
		 gint64 *secs_out,
		 GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_json_get_strv(JsonObject *object,
		 const gchar *member,
		 UcJsonNeed need,
		 guint max_elements,
		 gsize max_bytes,
		 GStrv *values_out,
		 GError **error) G_GNUC_WARN_UNUSED_RESULT;
JsonObject *
uc_json_array_get_object(JsonArray *array, guint index, const gchar *what, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

void
uc_json_set_time(JsonObject *object, const gchar *member, gint64 secs);
gchar *
uc_json_to_text(JsonObject *object, gboolean pretty) G_GNUC_WARN_UNUSED_RESULT;
GBytes *
uc_json_to_bytes(JsonObject *object, gboolean pretty) G_GNUC_WARN_UNUSED_RESULT;
