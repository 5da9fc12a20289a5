/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-json.h"

void
uc_state_file_sweep(void);
gchar *
uc_state_file_set_aside(const gchar *path, const gchar *reason);
JsonObject *
uc_state_file_load(const gchar *name,
		   const gchar *format,
		   gchar **set_aside_out) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_state_file_save(const gchar *name, JsonObject *object, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_state_file_write(const gchar *path, GBytes *bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gint64
uc_state_file_get_time(JsonObject *object, const gchar *member) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_state_file_get_text(JsonObject *object, const gchar *member) G_GNUC_WARN_UNUSED_RESULT;
