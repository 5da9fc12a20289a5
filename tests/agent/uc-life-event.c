/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What happens to an endpoint: many things of one kind, few of another. */

#include "uc-life.h"

#define HOUR 3600

static void
begin_use(UcLife *self)
{
	if (!self->outside.call && !self->outside.silent)
		return;
	/* uc_agent_room_changed_cb() */
	uc_course_call(&self->rig.course);
	self->outside.consent = FALSE;
}

static void
happen_call(UcLife *self)
{
	UcLifeOutside *outside = &self->outside;

	outside->activity_secs = self->rig.boot_secs;
	outside->call = !outside->call;
	uc_room_set_busy(self->room, "calls", outside->call ? "a call" : NULL);
	begin_use(self);
}

static void
happen_silence(UcLife *self)
{
	self->outside.silent = !self->outside.silent;
	uc_room_set_answers(self->room, "calls", !self->outside.silent);
	begin_use(self);
}

static void
answer(UcLife *self, gboolean accept)
{
	self->outside.input_secs = self->rig.boot_secs;
	if (!uc_rig_answer(&self->rig, accept))
		return;
	self->outside.shown_secs = self->outside.input_secs = -1;
	self->outside.consent = accept;
	if (!accept)
		self->outside.no_secs = self->rig.now_secs;
}

static void
happen_activity(UcLife *self)
{
	UcLifeOutside *outside = &self->outside;

	outside->activity_secs = self->rig.boot_secs;
	if (outside->shown_secs >= 0) {
		switch (uc_life_draw(self, 3)) {
		case 0:
			answer(self, TRUE);
			break;
		case 1:
			answer(self, FALSE);
			break;
		default:
			outside->input_secs = self->rig.boot_secs;
			uc_room_prompt_input(&self->rig.prompt, self->rig.boot_secs);
			break;
		}
	}
	uc_room_add_activity(self->room);
}

/* an orderly one asks the agent on the way down */
static void
happen_restart(UcLife *self)
{
	UcVerdict verdict = {0};
	UcRig *rig = &self->rig;

	if (self->work.action == UC_ACTION_NONE && uc_life_draw(self, 4) != 0) {
		uc_life_decide(self, TRUE, &verdict);
		if (verdict.action > UC_ACTION_WAIT) {
			uc_rig_begin(rig, &verdict);
			uc_life_check_effect(self, verdict.action);
			(void)uc_rig_end(rig,
					 verdict.action,
					 uc_room_get_use(self->room),
					 UC_RIG_WORKS);
		}
	}
	uc_life_restart(self, uc_life_draw(self, 10) == 0);
}

static void
happen_kill(UcLife *self)
{
	uc_rig_kill(&self->rig, FALSE);
	uc_life_come_up(self);
}

/* mostly the next one; sometimes one is taken back, or all, or comes back */
static void
happen_publication(UcLife *self)
{
	UcRig *rig = &self->rig;
	guint16 newest = 1;

	while (newest <= rig->published)
		newest = (guint16)(newest << 1);
	switch (uc_life_draw(self, 8)) {
	case 0:
		rig->published &= (guint16) ~(newest >> 1);
		break;
	case 1:
		rig->published = 0;
		break;
	case 2:
		rig->published |= uc_rig_get_bit(1 + uc_life_draw(self, UC_RIG_RELEASES));
		break;
	default:
		if (newest <= uc_rig_get_bit(UC_RIG_RELEASES))
			rig->published |= newest;
		break;
	}
	rig->serial++;
}

static void
happen_suspend(UcLife *self)
{
	gint64 secs = (1 + (gint64)uc_life_draw(self, 12)) * HOUR;

	self->rig.now_secs += secs;
	self->rig.boot_secs += secs;
	/* UC_SHUTDOWN_RESUMED: whoever woke it is there */
	self->outside.activity_secs = self->rig.boot_secs;
	uc_room_add_activity(self->room);
}

static void
happen_human(UcLife *self)
{
	guint release = uc_life_draw(self, 2 * UC_RIG_RELEASES);
	const gchar *version =
	    release <= UC_RIG_RELEASES && (self->rig.known & uc_rig_get_bit(release)) != 0
		? uc_rig_get_version(release)
		: NULL;

	uc_course_want(&self->rig.course, version, uc_life_draw(self, 2) == 0);
}

static void
happen_rarely(UcLife *self)
{
	switch (uc_life_draw(self, 12)) {
	case 0:
	case 1:
		happen_restart(self);
		break;
	case 2:
	case 3:
	case 4:
		happen_publication(self);
		break;
	case 5:
		self->outage_secs = self->rig.boot_secs + uc_life_draw(self, 100) * HOUR;
		break;
	case 6:
	case 7:
		happen_suspend(self);
		break;
	case 8: /* the clock is put right */
		self->rig.now_secs += (gint64)uc_life_draw(self, 7200) - 3600;
		break;
	case 9:
		happen_human(self);
		break;
	case 10:
		self->halts ^= uc_rig_get_bit(1 + uc_life_draw(self, UC_RIG_RELEASES));
		break;
	default:
		if (uc_life_draw(self, 2) == 0)
			happen_kill(self);
		else
			self->amiss = 1 + uc_life_draw(self, 2);
		break;
	}
}

static gint64
draw_pause_secs(UcLife *self)
{
	gint64 wall_secs =
	    (self->rig.now_secs + uc_zone_get_offset(self->zone, self->rig.now_secs)) % 86400;
	gboolean day = wall_secs > 7 * HOUR && wall_secs < 19 * HOUR;

	/* as often as not people are there when they are asked */
	if (self->outside.shown_secs >= 0)
		return uc_life_draw(self, 240);
	if (self->outside.call || self->outside.silent || self->amiss != 0)
		return 60 + uc_life_draw(self, 2 * HOUR);
	return 60 + uc_life_draw(self, (day ? 4 : 16) * HOUR);
}

/**
 * uc_life_happen:
 *
 * Something, and when the next thing will.
 */
void
uc_life_happen(UcLife *self)
{
	guint kind = uc_life_draw(self, 200);

	if (self->outside.call)
		happen_call(self);
	else if (self->outside.silent)
		happen_silence(self);
	else if (self->amiss != 0 && kind < 100)
		self->amiss = 0;
	else if (kind < 70)
		happen_call(self);
	else if (kind < 80)
		happen_silence(self);
	else if (kind < 180)
		happen_activity(self);
	else
		happen_rarely(self);
	self->event_secs = self->rig.boot_secs + draw_pause_secs(self);
}
