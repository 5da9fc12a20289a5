/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

gboolean
uc_key_check_issued(GBytes *certificate, GPtrArray *cas, gboolean *issued_out, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
