/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-room.h"

#define UC_COURSE_ROOM_STATES	 64
#define UC_COURSE_ROOM_STEP_SECS 120
#define UC_COURSE_ROOM_LONG_SECS 240 /* no rule looks further back in the worlds that use this */

/* masks of a state: how long it has been free, or idle, makes no difference */
#define UC_COURSE_ROOM_NO_FREE 0x0f
#define UC_COURSE_ROOM_NO_IDLE 0x33

typedef enum {
	UC_COURSE_ROOM_CALL,
	UC_COURSE_ROOM_CALL_ENDS,
	UC_COURSE_ROOM_SILENT,
	UC_COURSE_ROOM_ANSWERS,
	UC_COURSE_ROOM_ACTIVITY,
	UC_COURSE_ROOM_STEP,
	UC_COURSE_ROOM_HOUR,
	UC_COURSE_ROOM_EVENT_LAST
} UcCourseRoomEvent;

/**
 * UcCourseRoom:
 * @next: per state and event
 *
 * Every state of the agent's #UcRoom that a rule can tell apart, found by playing each event on a
 * real one: in a call or not, the source answers or not, and durations up to 4 minutes in steps of
 * 2.
 */
typedef struct {
	struct {
		guint use;
		gint64 idle_secs;
		gint64 free_secs;
	} facts[UC_COURSE_ROOM_STATES];
	guint8 next[UC_COURSE_ROOM_STATES][UC_COURSE_ROOM_EVENT_LAST];
	guint8 begin; /* the agent has just started, and no source has answered yet */
} UcCourseRoom;

void
uc_course_room_init(UcCourseRoom *self);
void
uc_course_room_fill_facts(const UcCourseRoom *self, guint state, UcFacts *facts);
