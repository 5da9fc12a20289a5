/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

guint
uc_ctl_text_get_columns(void) G_GNUC_WARN_UNUSED_RESULT;
guint
uc_ctl_text_get_width(JsonArray *rows, const gchar *member) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_ctl_text_pad(const gchar *text, guint width) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_ctl_text_wrap(const gchar *head, const gchar *text, guint columns) G_GNUC_WARN_UNUSED_RESULT;
void
uc_ctl_text_print(const gchar *text, const gchar *format, ...) G_GNUC_PRINTF(2, 3);
