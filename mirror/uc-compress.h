/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

GBytes *
uc_compress(GBytes *data, const gchar *suffix, GError **error) G_GNUC_WARN_UNUSED_RESULT;
