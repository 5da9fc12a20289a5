/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

gchar *
uc_pkcs7_sign(GBytes *data, GBytes *certificate, GBytes *key, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
