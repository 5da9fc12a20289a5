/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-civil.h"
#include "uc-life.h"
#include "uc-zone-load.h"

static const gchar *const zones[] = {"Europe/Berlin",
				     "America/New_York",
				     "Australia/Lord_Howe",
				     "Asia/Kathmandu",
				     "Africa/Casablanca",
				     "UTC"};

/* xorshift */
guint
uc_life_draw(UcLife *self, guint below)
{
	self->random ^= self->random << 13;
	self->random ^= self->random >> 7;
	self->random ^= self->random << 17;
	return (guint)((self->random >> 20) % below);
}

static gint64
get_now_cb(gpointer user_data)
{
	return ((UcLife *)user_data)->rig.now_secs;
}

static gint64
get_boot_cb(gpointer user_data)
{
	return ((UcLife *)user_data)->rig.boot_secs;
}

/**
 * uc_life_come_up:
 *
 * The agent starts: it knows nothing about the room yet, and nobody is asked any more.
 */
void
uc_life_come_up(UcLife *self)
{
	UcLifeOutside *outside = &self->outside;

	g_clear_object(&self->room);
	self->room = uc_room_new(&self->clock);
	uc_room_add_source(self->room, "calls", UC_ROOM_CALLS);
	uc_room_add_source(self->room, "panel", UC_ROOM_ACTIVITY);
	uc_room_set_answers(self->room, "calls", !outside->silent);
	uc_room_set_answers(self->room, "panel", TRUE);
	if (outside->call)
		uc_room_set_busy(self->room, "calls", "a call");
	outside->activity_secs = self->rig.boot_secs;
	outside->shown_secs = outside->input_secs = -1;
	outside->consent = FALSE;
	self->work.action = UC_ACTION_NONE;
	self->wake_secs = self->rig.boot_secs;
	self->look_wanted = FALSE;
}

/**
 * uc_life_restart:
 * @fallback: the new version does not come up
 *
 * The machine goes down and comes up, and calls are over.
 */
void
uc_life_restart(UcLife *self, gboolean fallback)
{
	UcRigDevice *device = &self->rig.device;

	/* what runs already has shown that it can */
	if (device->activated && fallback && device->slot != device->running)
		self->outside.fell |= uc_rig_get_bit(device->slot);
	self->updates += device->activated && !fallback;
	uc_rig_restart(&self->rig, fallback);
	self->rig.now_secs += 60;
	self->rig.boot_secs += 60;
	self->outside.call = self->outside.silent = FALSE;
	uc_life_come_up(self);
}

/**
 * uc_life_new:
 * @seed: all of it follows from that
 *
 * Returns: (transfer full): an endpoint at the beginning of 2026
 */
UcLife *
uc_life_new(guint64 seed)
{
	UcLife *self = g_new0(UcLife, 1);
	UcRig *rig = &self->rig;

	self->random = (seed + 1) * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);
	self->clock = (UcClock){get_now_cb, get_boot_cb, self};
	self->zone = uc_zone_load(zones[uc_life_draw(self, G_N_ELEMENTS(zones))], NULL);
	self->policy = uc_policy_new();
	self->facts = uc_facts_new();
	self->blank = uc_facts_new();
	self->name = g_strdup_printf("endpoint-%" G_GUINT64_FORMAT, seed);
	self->duration_secs = uc_life_draw(self, 900);
	rig->endpoint = self->name;
	rig->policy = self->policy;
	rig->zone = self->zone;
	rig->now_secs = uc_civil_to_day(2026, 1, 1) * 86400;
	rig->boot_secs = UC_LIFE_BOOT_SECS;
	uc_course_init(&rig->course);
	rig->course.discharged = uc_life_draw(self, 4) != 0;
	uc_rig_keep(&rig->course, &rig->saved);
	uc_room_prompt_init(&rig->prompt);
	uc_life_choose_policy(self);
	uc_life_come_up(self);
	self->event_secs = rig->boot_secs + 60;
	return self;
}

void
uc_life_free(UcLife *self)
{
	g_clear_object(&self->room);
	self->facts->endpoint = NULL; /* is @name */
	g_clear_pointer(&self->facts, uc_facts_free);
	g_clear_pointer(&self->blank, uc_facts_free);
	g_clear_pointer(&self->policy, uc_policy_free);
	g_clear_pointer(&self->zone, uc_zone_free);
	g_free(self->name);
	g_free(self);
}

static void
pass(UcLife *self, gint64 until_secs)
{
	gint64 secs = MAX(until_secs - self->rig.boot_secs, 0);

	self->rig.now_secs += secs;
	self->rig.boot_secs += secs;
}

static gint64
get_next_secs(const UcLife *self)
{
	if (self->work.action != UC_ACTION_NONE)
		return self->work.asked ? self->work.end_secs : self->work.ask_secs;
	return self->wake_secs >= 0 ? self->wake_secs : G_MAXINT64;
}

static void
step(UcLife *self)
{
	gint64 next_secs = get_next_secs(self);

	if (self->event_secs < next_secs) {
		pass(self, self->event_secs);
		uc_life_check_asleep(self);
		self->wakes = 0;
		uc_life_happen(self);
		uc_life_check_room(self);
		if (self->work.action == UC_ACTION_NONE)
			uc_life_advance(self);
		return;
	}
	pass(self, next_secs);
	if (self->work.action != UC_ACTION_NONE)
		uc_life_go_on(self);
	if (self->work.action == UC_ACTION_NONE)
		uc_life_advance(self);
}

/**
 * uc_life_run:
 * @days: for so long, or until an invariant is broken
 */
void
uc_life_run(UcLife *self, guint days)
{
	gint64 end_secs = UC_LIFE_BOOT_SECS + (gint64)days * 86400;

	while (self->failure == NULL && self->rig.boot_secs < end_secs)
		step(self);
}
