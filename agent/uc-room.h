/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "uc-clock.h"
#include "uc-facts.h"

#define UC_TYPE_ROOM (uc_room_get_type())
G_DECLARE_FINAL_TYPE(UcRoom, uc_room, UC, ROOM, GObject)

UcRoom *
uc_room_new(const UcClock *clock) G_GNUC_WARN_UNUSED_RESULT;
gint
uc_room_inhibit(UcRoom *self, const gchar *what, const gchar *who, const gchar *why, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void
uc_room_add_activity(UcRoom *self);
void
uc_room_set_source(UcRoom *self, const gchar *source, gboolean answers);
UcUse
uc_room_get_use(UcRoom *self) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_room_get_reason(UcRoom *self) G_GNUC_WARN_UNUSED_RESULT;
gint64
uc_room_get_idle_secs(UcRoom *self) G_GNUC_WARN_UNUSED_RESULT;
