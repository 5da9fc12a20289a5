/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

gchar *
uc_label_new(const gchar *text, glong max_chars) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_label_cut(const gchar *text, gsize max_bytes) G_GNUC_WARN_UNUSED_RESULT;
