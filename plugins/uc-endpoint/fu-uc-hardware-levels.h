/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupd.h>

/* a set of hardware levels, 0 to 65535, as a list of ranges */
typedef struct {
	guint16 first;
	guint16 last; /* included */
} FuUcHardwareRange;

GArray *
fu_uc_hardware_levels_new(void);
gboolean
fu_uc_hardware_levels_add(GArray *levels, guint first, guint last, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
GArray *
fu_uc_hardware_levels_from_string(const gchar *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gchar *
fu_uc_hardware_levels_to_string(GArray *levels) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_hardware_levels_contains(GArray *levels, guint level) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_hardware_levels_overlap(GArray *levels, GArray *others) G_GNUC_WARN_UNUSED_RESULT;
guint
fu_uc_hardware_levels_count(GArray *levels) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_hardware_levels_is_single(GArray *levels) G_GNUC_WARN_UNUSED_RESULT;
