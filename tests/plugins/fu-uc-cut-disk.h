/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

GHashTable *
fu_uc_cut_disk_save(const gchar *directory) G_GNUC_WARN_UNUSED_RESULT;
void
fu_uc_cut_disk_restore(GHashTable *disk, const gchar *directory);
gchar *
fu_uc_cut_disk_get_key(const gchar *directory) G_GNUC_WARN_UNUSED_RESULT;
