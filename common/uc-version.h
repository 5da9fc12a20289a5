/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

gchar *
uc_version_normalize(const gchar *version) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_version_equal(const gchar *version_a, const gchar *version_b);
gint
uc_version_compare(const gchar *version_a, const gchar *version_b);
