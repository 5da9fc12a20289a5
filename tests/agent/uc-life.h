/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-course-rig.h"
#include "uc-room.h"

#define UC_LIFE_BOOT_SECS 1000000 /* the boot clock when a life begins */

/**
 * UcLifeOutside:
 * @call: a call
 * @silent: a source does not answer
 * @activity_secs: somebody was here last, of the boot clock
 * @shown_secs: people are being asked since then, of the boot clock; -1 when they are not
 * @input_secs: their last input that was no answer, or else the same, of the boot clock
 * @shown_day: outside the hours for updates
 * @consent: they said yes, or nothing for as long as it takes, and there was no call since
 * @no_secs: their last NO, seconds since the Unix epoch; 0 for none
 * @first_seen_secs: of the first release that is missing, seconds since the Unix epoch
 * @fell: a set; releases that fell back, and that nobody asked for since
 *
 * What an onlooker knows who sees the room, and not the agent.
 */
typedef struct {
	gboolean call;
	gboolean silent;
	gint64 activity_secs;
	gint64 shown_secs;
	gint64 input_secs;
	gboolean shown_day;
	gboolean consent;
	gint64 no_secs;
	gint64 first_seen_secs;
	guint fell;
} UcLifeOutside;

/**
 * UcLifeWork:
 * @action: what the agent is at; %UC_ACTION_NONE for nothing
 * @asked: the plugin asked once more, and may go on
 * @ask_secs: when it does, of the boot clock
 * @end_secs: when it is done, of the boot clock
 */
typedef struct {
	UcAction action;
	gboolean asked;
	gint64 ask_secs;
	gint64 end_secs;
} UcLifeWork;

/**
 * UcLife:
 * @random: state of the generator; all of a life follows from its seed
 * @rig: the agent, and its clocks
 * @policy: the organisation's; what it halts is known to the agent with the next look
 * @room: the agent's
 * @event_secs: when something happens next, of the boot clock
 * @wake_secs: when the agent wakes up by itself, of the boot clock; -1 for never
 * @outage_secs: until then the service does not answer, of the boot clock
 * @halts: a set; what the organisation has halted
 * @amiss: 1 without power, 2 with a wrong clock, else 0
 * @look_wanted: the agent wants to look as soon as it may
 * @decisions: so many were made
 * @wakes: so many since the last event
 * @updates: so many releases came to run
 * @traced: every decision is printed
 * @failure: (nullable): the invariant that was broken
 *
 * One endpoint, its room, its people and its organisation, for as long as it goes.
 */
typedef struct {
	guint64 random;
	UcRig rig;
	UcPolicy *policy;
	UcZone *zone;
	UcClock clock;
	UcRoom *room;
	UcFacts *facts;
	UcFacts *blank;
	gchar *name;
	gint64 duration_secs;
	gint64 event_secs;
	gint64 wake_secs;
	gint64 outage_secs;
	guint halts;
	gboolean look_wanted;
	guint amiss;
	UcLifeWork work;
	UcLifeOutside outside;
	guint64 decisions;
	guint64 updates;
	guint wakes;
	gboolean traced;
	const gchar *failure;
} UcLife;

/* uc-life.c */
UcLife *
uc_life_new(guint64 seed) G_GNUC_WARN_UNUSED_RESULT;
void
uc_life_free(UcLife *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcLife, uc_life_free)
guint
uc_life_draw(UcLife *self, guint below) G_GNUC_WARN_UNUSED_RESULT;
void
uc_life_run(UcLife *self, guint days);
void
uc_life_restart(UcLife *self, gboolean fallback);
void
uc_life_come_up(UcLife *self);

/* uc-life-agent.c */
void
uc_life_fill_facts(UcLife *self, gboolean shutdown);
void
uc_life_decide(UcLife *self, gboolean shutdown, UcVerdict *verdict_out);
void
uc_life_advance(UcLife *self);
void
uc_life_go_on(UcLife *self);

/* uc-life-event.c */
void
uc_life_happen(UcLife *self);

/* uc-life-policy.c */
void
uc_life_choose_policy(UcLife *self);

/* uc-life-check.c */
void
uc_life_check_verdict(UcLife *self, const UcVerdict *verdict);
void
uc_life_check_wait(UcLife *self, const UcVerdict *verdict);
void
uc_life_check_asleep(UcLife *self);
void
uc_life_check_effect(UcLife *self, UcAction action);
void
uc_life_check_room(UcLife *self);
void
uc_life_fail(UcLife *self, gboolean wrong, const gchar *what);
