/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-course-rig.h"
#include "uc-release-choice.h"
#include "uc-rollout.h"

static const gchar *const versions[] =
    {"1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0", "1.5.0", "1.6.0", "1.7.0", "1.8.0", "1.9.0"};
G_STATIC_ASSERT(G_N_ELEMENTS(versions) == UC_RIG_RELEASES + 1);

const gchar *
uc_rig_get_version(guint release)
{
	return versions[MIN(release, UC_RIG_RELEASES)];
}

/* all of them are of one form, and short ones mean none */
guint
uc_rig_find_release(const gchar *version)
{
	guint release = version != NULL && version[0] != '\0' ? (guint)(version[2] - '0') : 0;

	return release <= UC_RIG_RELEASES ? release : 0;
}

guint16
uc_rig_get_bit(guint release)
{
	return release > 0 ? (guint16)(1u << (release - 1)) : 0;
}

static void
uc_rig_set_image(UcCourseImage *image, guint release)
{
	gchar sha256[65] = {0};

	memset(sha256, '0' + (gint)release, sizeof(sha256) - 1);
	uc_course_set_image(image, versions[release], sha256);
}

/**
 * uc_rig_get_metadata:
 * @text: (out): gets five digits
 *
 * Returns: what stands for the metadata that the agent has
 */
const gchar *
uc_rig_get_metadata(const UcRig *self, gchar text[8])
{
	guint serial = self->known_serial;

	memset(text, 0, 8);
	for (guint i = 0; i < 5; i++, serial /= 10)
		text[4 - i] = (gchar)('0' + serial % 10);
	return text;
}

/**
 * uc_rig_keep:
 * @saved: (out): what uc_update_load() finds after uc_update_save() of @course; a test compares
 */
void
uc_rig_keep(const UcCourse *course, UcCourse *saved)
{
	uc_course_init(saved);
	saved->first_seen_secs = course->first_seen_secs;
	saved->said_no_secs = course->said_no_secs;
	saved->last_idle_secs = course->last_idle_secs;
	saved->stage = course->stage;
	saved->discharged = course->discharged;
	saved->second_step = course->second_step;
	saved->restarted = course->restarted;
	saved->restart_asked = course->restart_asked;
	saved->replacing = course->replacing;
	saved->rebooted = course->rebooted;
	saved->image = course->image;
	memcpy(saved->metadata, course->metadata, sizeof(saved->metadata));
	memcpy(saved->fallen, course->fallen, sizeof(saved->fallen));
}

void
uc_rig_save(UcRig *self, const UcCourse *next)
{
	self->course = *next;
	uc_rig_keep(next, &self->saved);
}

/* uc_agent_settle() */
gboolean
uc_rig_settle(UcRig *self)
{
	const UcRigDevice *device = &self->device;
	const UcCourseSeen seen = {
	    .version = uc_rig_get_version(device->running),
	    .version_old = uc_rig_get_version(self->old),
	    .needs_activation = device->slot != 0 && !device->activated,
	    .needs_reboot = device->activated,
	    .failed = device->failed,
	};
	UcSettled settled = uc_course_see(&self->course, &seen);
	UcCourse next = self->course;

	if (settled == UC_SETTLED_UNCHANGED)
		return FALSE;
	if (settled == UC_SETTLED_STAGED && self->course.stage != UC_COURSE_STAGING)
		self->old = device->running;
	uc_course_settle(&next, settled, self->retry_secs);
	uc_rig_save(self, &next);
	return TRUE;
}

static gboolean
uc_rig_fits(const UcRig *self, guint release)
{
	return release == UC_RIG_ONE || !self->two_steps || self->device.running == UC_RIG_ONE;
}

/* what is staged stays a candidate when its rollout is halted */
static gboolean
uc_rig_is_reached(const UcRig *self, guint release)
{
	const UcCourse *course = &self->course;

	return (course->stage == UC_COURSE_STAGED &&
		uc_rig_find_release(course->image.version) == release) ||
	       uc_rollout_reaches(self->policy,
				  self->endpoint,
				  uc_rig_get_version(release),
				  self->now_secs);
}

/* uc_agent_choose_release() */
static guint
uc_rig_choose_release(const UcRig *self)
{
	UcCandidate candidates[UC_RIG_RELEASES] = {{NULL, FALSE, FALSE}};
	UcChoiceReason reason = UC_CHOICE_NOTHING;
	const UcCandidate *chosen = NULL;
	guint count = 0;

	if (self->course.wanted[0] != '\0')
		return uc_rig_find_release(self->course.wanted);
	for (guint release = UC_RIG_ONE; release <= UC_RIG_RELEASES; release++) {
		if ((self->known & uc_rig_get_bit(release)) == 0 || !uc_rig_fits(self, release))
			continue;
		candidates[count].version = uc_rig_get_version(release);
		candidates[count++].waits = !uc_rig_is_reached(self, release);
	}
	chosen = uc_release_choose(self->policy,
				   candidates,
				   count,
				   uc_rig_get_version(self->device.running),
				   g_strcmp0, /* one digit each */
				   &reason);
	return chosen != NULL ? uc_rig_find_release(chosen->version) : 0;
}

/* uc_agent_check_wanted() */
static void
uc_rig_check_wanted(UcRig *self)
{
	guint wanted = uc_rig_find_release(self->course.wanted);

	if (self->course.wanted[0] != '\0' &&
	    ((self->known & uc_rig_get_bit(wanted)) == 0 || !uc_rig_fits(self, wanted)))
		uc_course_clear_human(&self->course);
}

/* uc_agent_choose(), and uc_agent_clean_downloads() */
void
uc_rig_choose(UcRig *self)
{
	guint release = 0;
	gchar metadata[8];
	UcCourse next;
	UcCourseImage offer = {0};

	uc_rig_check_wanted(self);
	release = uc_rig_choose_release(self);
	next = self->course;
	if (release != 0)
		uc_rig_set_image(&offer, release);
	if (self->last_check_secs != 0)
		self->downloads &= uc_rig_get_bit(release);
	next.downloaded = (self->downloads & uc_rig_get_bit(release)) != 0;
	next.checked = self->last_check_secs != 0;
	if (uc_course_take_offer(&next,
				 release != 0 ? &offer : NULL,
				 uc_rig_get_metadata(self, metadata),
				 self->now_secs))
		uc_rig_save(self, &next);
	else
		self->course = next;
}

/* uc_agent_get_rollout_secs() */
gint64
uc_rig_get_rollout_secs(const UcRig *self)
{
	gint64 next_secs = -1;

	for (guint release = UC_RIG_ONE; release <= UC_RIG_RELEASES; release++) {
		gint64 at_secs = -1;

		if ((self->known & uc_rig_get_bit(release)) == 0)
			continue;
		at_secs = uc_rollout_get_next_secs(self->policy,
						   self->endpoint,
						   uc_rig_get_version(release),
						   self->now_secs);
		if (at_secs >= 0 && (next_secs < 0 || at_secs < next_secs))
			next_secs = at_secs;
	}
	return next_secs;
}

/**
 * uc_rig_judge:
 * @facts: of the room and its surroundings; gets the rest
 */
void
uc_rig_judge(UcRig *self, UcFacts *facts, UcVerdict *verdict_out)
{
	facts->last_check_secs = self->last_check_secs;
	facts->check_retry_secs = self->check_retry_secs;
	facts->restart_by_agent = TRUE;
	uc_room_prompt_fill_facts(&self->prompt, self->boot_secs, facts);
	uc_course_fill_facts(&self->course, facts);
	uc_policy_judge(self->policy, facts, self->now_secs, self->zone, verdict_out);
}

static gboolean
uc_rig_is_accepted(const UcVerdict *verdict)
{
	return verdict->action > UC_ACTION_CHECK &&
	       (verdict->reason == UC_CONDITION_PROMPT || verdict->reason == UC_CONDITION_HARD);
}

static void
uc_rig_end_prompt(UcRig *self, const UcFacts *facts, const UcVerdict *verdict)
{
	UcCourse next = self->course;

	if (uc_rig_is_accepted(verdict))
		uc_course_answer(&next, TRUE, self->now_secs);
	else if (self->prompt.day && verdict->prompt == UC_PROMPT_ACT_WITHDRAW &&
		 facts->use == UC_USE_NONE)
		uc_course_expire(&next);
	if (!uc_course_equal(&next, &self->course))
		uc_rig_save(self, &next);
}

/**
 * uc_rig_note_idle:
 *
 * uc_agent_note_idle().
 */
void
uc_rig_note_idle(UcRig *self, const UcFacts *facts, const UcVerdict *verdict)
{
	UcCourse next = self->course;

	if (verdict->states[UC_CONDITION_IDLE] == UC_CONDITION_MET && facts->use == UC_USE_NONE &&
	    uc_course_idle(&next, self->now_secs))
		uc_rig_save(self, &next);
}

/**
 * uc_rig_heed:
 *
 * uc_agent_answer_wait() and uc_agent_prompt().
 *
 * Returns: whether the prompt or a human's word was taken away, after which the agent looks again
 */
gboolean
uc_rig_heed(UcRig *self, const UcFacts *facts, const UcVerdict *verdict)
{
	gboolean asking =
	    verdict->prompt == UC_PROMPT_ACT_SHOW || verdict->prompt == UC_PROMPT_ACT_KEEP;
	gboolean asked = self->prompt.shown;
	gboolean wanted = self->course.human_now && verdict->action <= UC_ACTION_WAIT;

	if (wanted)
		uc_course_clear_human(&self->course);
	if (asked)
		uc_rig_end_prompt(self, facts, verdict);
	self->prompt.notice = FALSE;
	if (!asking) {
		if (asked || !verdict->notice)
			uc_room_prompt_init(&self->prompt);
		else
			self->prompt.notice = TRUE;
		return asked || wanted;
	}
	uc_room_prompt_show(&self->prompt, self->boot_secs);
	self->prompt.can_refuse = verdict->prompt_can_refuse;
	if (verdict->prompt_until_secs >= 0)
		self->prompt.until_secs = verdict->prompt_until_secs;
	self->prompt.day = verdict->open_secs < 0 || verdict->open_secs > self->now_secs;
	return wanted;
}

/* what the plugin is told by uc_agent_check_step() */
static gboolean
uc_rig_may_step(const UcRig *self, guint use, UcAction action)
{
	if (action == UC_ACTION_ACTIVATE && self->course.withdrawn)
		return FALSE;
	return use == UC_USE_NONE || self->course.human_force;
}

static void
uc_rig_effect(UcRig *self, UcAction action)
{
	UcRigDevice *device = &self->device;

	switch (action) {
	case UC_ACTION_CHECK:
		self->known = self->published;
		self->known_serial = self->serial;
		self->last_check_secs = self->now_secs;
		self->check_retry_secs = 0;
		break;
	case UC_ACTION_DOWNLOAD:
		self->downloads |= uc_rig_get_bit(uc_rig_find_release(self->course.offer.version));
		break;
	case UC_ACTION_STAGE:
		device->slot = (guint8)uc_rig_find_release(self->course.image.version);
		device->failed = FALSE;
		device->activated = FALSE; /* the boot is pointed back before the write */
		break;
	case UC_ACTION_ACTIVATE:
		device->activated = TRUE;
		break;
	case UC_ACTION_REVOKE:
		device->slot = 0;
		break;
	default:
		break;
	}
}

/* uc_agent_act_failed(), and uc_agent_stage_failed() before it */
static void
uc_rig_fail(UcRig *self, UcAction action, gboolean final)
{
	UcCourse next = self->course;

	if (action == UC_ACTION_CHECK) {
		self->check_retry_secs = self->retry_secs;
		return;
	}
	if (final && action == UC_ACTION_STAGE) {
		uc_course_settle(&next, UC_SETTLED_FAILED, 0);
		uc_rig_save(self, &next);
	}
	uc_course_fail(&next, self->retry_secs);
	if (action == UC_ACTION_RESTART)
		uc_rig_save(self, &next);
	else
		self->course = next;
}

static void
uc_rig_work(UcRig *self, UcAction action)
{
	UcCourse next = self->course;

	uc_rig_effect(self, action);
	if (action == UC_ACTION_CHECK)
		return;
	uc_course_end(&next, self->retry_secs);
	if (action == UC_ACTION_RESTART || action == UC_ACTION_REVOKE)
		uc_course_clear_human(&next);
	if (action == UC_ACTION_ACTIVATE)
		uc_rig_save(self, &next);
	else
		self->course = next;
}

/**
 * uc_rig_begin:
 *
 * uc_agent_act(): the record is on the disk before the effect.
 */
void
uc_rig_begin(UcRig *self, const UcVerdict *verdict)
{
	gchar metadata[8];
	UcCourse next = self->course;

	if (verdict->action < UC_ACTION_STAGE)
		return;
	if (verdict->action == UC_ACTION_STAGE)
		self->old = self->device.running;
	uc_course_begin(&next, verdict, uc_rig_get_metadata(self, metadata));
	uc_rig_save(self, &next);
}

/**
 * uc_rig_end:
 * @use: of the room when the plugin asks
 *
 * The effect, and what became of it.
 *
 * Returns: whether the act had its effect
 */
gboolean
uc_rig_end(UcRig *self, UcAction action, guint use, UcRigOutcome outcome)
{
	if (outcome == UC_RIG_KILL_BEFORE) {
		uc_rig_kill(self, FALSE);
		return FALSE;
	}
	if ((action == UC_ACTION_STAGE || action == UC_ACTION_ACTIVATE) &&
	    !uc_rig_may_step(self, use, action))
		outcome = UC_RIG_FAILS;
	if (outcome == UC_RIG_FAILS || outcome == UC_RIG_REFUSES) {
		uc_rig_fail(self, action, outcome == UC_RIG_REFUSES && use == UC_USE_NONE);
		return FALSE;
	}
	if (outcome == UC_RIG_KILL_AFTER) {
		uc_rig_effect(self, action);
		uc_rig_kill(self, FALSE);
	} else {
		uc_rig_work(self, action);
	}
	return TRUE;
}

/**
 * uc_rig_answer:
 *
 * uc_agent_answer_prompt(). Returns: whether somebody was asked, and that is an answer
 */
gboolean
uc_rig_answer(UcRig *self, gboolean accept)
{
	UcCourse next = self->course;

	if (!self->prompt.shown)
		return FALSE;
	if (!accept && !self->prompt.can_refuse) {
		uc_room_prompt_input(&self->prompt, self->boot_secs);
		return FALSE;
	}
	uc_course_answer(&next, accept, self->now_secs);
	uc_rig_save(self, &next);
	uc_room_prompt_init(&self->prompt);
	return TRUE;
}

/**
 * uc_rig_kill:
 * @restarted: the machine was, not only the agent
 *
 * What is in memory only is gone; the agent begins with what is on the disk.
 */
void
uc_rig_kill(UcRig *self, gboolean restarted)
{
	UcCourse next = self->saved;

	uc_course_boot(&next, restarted);
	uc_rig_save(self, &next);
	uc_room_prompt_init(&self->prompt);
	self->last_check_secs = 0;
	self->check_retry_secs = 0;
}

/**
 * uc_rig_restart:
 * @fallback: the endpoint does not come up with the new version, and goes back
 *
 * The machine goes down and comes up.
 */
void
uc_rig_restart(UcRig *self, gboolean fallback)
{
	UcRigDevice *device = &self->device;

	if (device->activated) {
		if (!fallback)
			device->running = device->slot;
		device->failed = fallback;
		device->slot = 0;
		device->activated = FALSE;
	}
	uc_rig_kill(self, TRUE);
}

/**
 * uc_rig_bring:
 * @release: what somebody else installs with fwupdmgr
 */
void
uc_rig_bring(UcRig *self, guint release)
{
	self->device.slot = (guint8)release;
	self->device.activated = self->device.failed = FALSE;
}

/**
 * uc_rig_switch:
 *
 * Somebody else says `fwupdmgr activate`. Returns: whether there is something, and the plugin was
 * not told that it is withdrawn
 */
gboolean
uc_rig_switch(UcRig *self)
{
	if (self->device.slot == 0 || self->device.activated || self->course.withdrawn)
		return FALSE;
	self->device.activated = TRUE;
	return TRUE;
}

/**
 * uc_rig_forget:
 *
 * uc_agent_forget_state().
 */
void
uc_rig_forget(UcRig *self)
{
	UcCourse next = self->course;

	uc_course_forget(&next);
	uc_rig_save(self, &next);
	self->known = self->downloads = 0;
	self->last_check_secs = self->check_retry_secs = 0;
}
