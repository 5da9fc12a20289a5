/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-course-room.h"

#define SOURCE "org.example.Panel"

static const gint64 secs[] = {0, 120, 240};

/* a state is its number: busy, silent, idle, and free, where 0 is never since the start */
typedef struct {
	gboolean busy;
	gboolean silent;
	guint idle;
	guint free;
} Parts;

static Parts
unpack(guint state)
{
	return (Parts){state & 1, (state >> 1) & 1, MIN((state >> 2) & 3, 2), state >> 4};
}

static guint
pack(const Parts *parts)
{
	return (parts->busy ? 1u : 0u) | (parts->silent ? 2u : 0u) | parts->idle << 2 |
	       parts->free << 4;
}

static guint
classify(gint64 duration)
{
	guint class = G_N_ELEMENTS(secs) - 1;

	while (class > 0 && secs[class] > duration)
		class --;
	return class;
}

static gint64
test_clock(gpointer user_data)
{
	return *(const gint64 *)user_data;
}

/* the room as it is when all that has happened */
static UcRoom *
play(const Parts *parts, const UcClock *clock, gint64 *now)
{
	gint64 end = *now;
	UcRoom *room = NULL;

	*now = end - 100000;
	room = uc_room_new(clock);
	uc_room_add_source(room, SOURCE, UC_ROOM_CALLS | UC_ROOM_ACTIVITY);
	uc_room_set_answers(room, SOURCE, TRUE);
	if (parts->free > 0) {
		*now = end - secs[parts->free - 1];
		uc_room_set_busy(room, SOURCE, "a call");
		uc_room_set_busy(room, SOURCE, NULL);
	}
	*now = end - secs[parts->idle];
	uc_room_add_activity(room);
	*now = end;
	if (parts->busy)
		uc_room_set_busy(room, SOURCE, "a call");
	if (parts->silent)
		uc_room_set_answers(room, SOURCE, FALSE);
	return room;
}

static void
happen(UcRoom *room, UcCourseRoomEvent event, gint64 *now)
{
	switch (event) {
	case UC_COURSE_ROOM_CALL:
		uc_room_set_busy(room, SOURCE, "a call");
		break;
	case UC_COURSE_ROOM_CALL_ENDS:
		uc_room_set_busy(room, SOURCE, NULL);
		break;
	case UC_COURSE_ROOM_SILENT:
	case UC_COURSE_ROOM_ANSWERS:
		uc_room_set_answers(room, SOURCE, event == UC_COURSE_ROOM_ANSWERS);
		break;
	case UC_COURSE_ROOM_ACTIVITY:
		uc_room_add_activity(room);
		break;
	default:
		*now += event == UC_COURSE_ROOM_STEP ? UC_COURSE_ROOM_STEP_SECS : 3600;
		break;
	}
}

static Parts
observe(UcRoom *room, const Parts *before, UcCourseRoomEvent event, UcFacts *facts)
{
	Parts parts = *before;

	uc_room_fill_facts(room, UC_COURSE_ROOM_LONG_SECS, facts);
	parts.busy = facts->use == UC_USE_CALL;
	if (event == UC_COURSE_ROOM_SILENT || event == UC_COURSE_ROOM_ANSWERS)
		parts.silent = event == UC_COURSE_ROOM_SILENT;
	parts.idle = classify(facts->idle_secs);
	parts.free = facts->free_secs < 0 ? 0 : classify(facts->free_secs) + 1;
	return parts;
}

static void
explore(UcCourseRoom *self, guint state)
{
	gint64 now = 1000000;
	const UcClock clock = {test_clock, test_clock, &now};
	const Parts parts = unpack(state);
	g_autoptr(UcRoom) here = play(&parts, &clock, &now);
	g_autoptr(UcFacts) facts = uc_facts_new();

	uc_room_fill_facts(here, UC_COURSE_ROOM_LONG_SECS, facts);
	self->facts[state].use = facts->use;
	self->facts[state].idle_secs = facts->idle_secs;
	self->facts[state].free_secs = facts->free_secs;
	for (guint event = 0; event < UC_COURSE_ROOM_EVENT_LAST; event++) {
		g_autoptr(UcRoom) room = NULL;
		g_autoptr(UcFacts) next = uc_facts_new();
		Parts after;

		now = 1000000;
		room = play(&parts, &clock, &now);
		happen(room, event, &now);
		after = observe(room, &parts, event, next);
		self->next[state][event] = (guint8)pack(&after);
	}
}

void
uc_course_room_init(UcCourseRoom *self)
{
	const Parts begin = {.silent = TRUE};

	for (guint state = 0; state < UC_COURSE_ROOM_STATES; state++)
		explore(self, state);
	self->begin = (guint8)pack(&begin);
}

/**
 * uc_course_room_fill_facts:
 * @facts: as uc_room_fill_facts() would
 */
void
uc_course_room_fill_facts(const UcCourseRoom *self, guint state, UcFacts *facts)
{
	facts->use = self->facts[state].use;
	facts->idle_secs = self->facts[state].idle_secs;
	facts->free_secs = self->facts[state].free_secs;
	facts->call_source = TRUE;
	facts->activity_source = TRUE;
}
