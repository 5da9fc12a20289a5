/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#define UC_ZONE_MAX_BYTES	(64 * 1024) /* the largest of tzdata has under 4 KiB */
#define UC_ZONE_MAX_TRANSITIONS 4096

typedef struct _UcZone UcZone;

UcZone *
uc_zone_new_from_bytes(GBytes *bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcZone *
uc_zone_new_from_rule(const gchar *rule, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_zone_free(UcZone *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcZone, uc_zone_free)

gint64
uc_zone_get_offset(const UcZone *self, gint64 unix_secs) G_GNUC_WARN_UNUSED_RESULT;
gint64
uc_zone_wall_to_unix(const UcZone *self, gint64 wall_secs) G_GNUC_WARN_UNUSED_RESULT;
