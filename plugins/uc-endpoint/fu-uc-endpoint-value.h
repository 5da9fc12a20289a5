/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupd.h>

gchar *
fu_uc_endpoint_value_read(GKeyFile *keyfile, const gchar *group, const gchar *key, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gchar **
fu_uc_endpoint_value_get_keys(const gchar *base) G_GNUC_WARN_UNUSED_RESULT;
gchar *
fu_uc_endpoint_value_read_os_release(const gchar *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_value_is_key(const gchar *key, const gchar *base) G_GNUC_WARN_UNUSED_RESULT;
