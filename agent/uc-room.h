/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "uc-clock.h"
#include "uc-facts.h"

/**
 * UcRoomRole:
 * @UC_ROOM_CALLS: tells about calls
 * @UC_ROOM_ACTIVITY: tells about people
 *
 * What a configured source is for.
 */
typedef enum { UC_ROOM_CALLS = 1 << 0, UC_ROOM_ACTIVITY = 1 << 1 } UcRoomRole;

/**
 * UcPresence:
 * @UC_PRESENCE_EVENTS: activity comes as single events; also what a new source has
 * @UC_PRESENCE_MUTE: the source is there, but nothing feeds it
 * @UC_PRESENCE_PRESENT: somebody is there until the source says otherwise
 * @UC_PRESENCE_ABSENT: nobody is there
 *
 * What a source of activity says.
 */
typedef enum {
	UC_PRESENCE_EVENTS,
	UC_PRESENCE_MUTE,
	UC_PRESENCE_PRESENT,
	UC_PRESENCE_ABSENT
} UcPresence;

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
uc_room_add_source(UcRoom *self, const gchar *source, UcRoomRole roles);
void
uc_room_set_answers(UcRoom *self, const gchar *source, gboolean answers);
void
uc_room_set_busy(UcRoom *self, const gchar *source, const gchar *text);
void
uc_room_set_presence(UcRoom *self, const gchar *source, UcPresence presence);

UcUse
uc_room_get_use(UcRoom *self) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_room_get_reason(UcRoom *self) G_GNUC_WARN_UNUSED_RESULT;
gint64
uc_room_get_idle_secs(UcRoom *self) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_room_has_source(UcRoom *self, UcRoomRole role) G_GNUC_WARN_UNUSED_RESULT;
void
uc_room_fill_facts(UcRoom *self, gint64 idle_needed_secs, UcFacts *facts);
