/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupdplugin.h>

gboolean
fu_uc_endpoint_partition_check(const gchar *target, const gchar *keep, guint64 size, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_partition_keep(const gchar *target, const gchar *keep, guint64 size, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_partition_drop(const gchar *keep, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_partition_recover(const gchar *target,
				 const gchar *keep,
				 GError **error) G_GNUC_WARN_UNUSED_RESULT;
