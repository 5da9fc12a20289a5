/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The machine behind the agent. Each function below is one event; what may happen next is what
 * uc_policy_judge() says about the facts of uc_course_fill_facts(). Nothing here reads a clock or a
 * disk, so that a test can try every sequence of events on the very code that runs in the agent.
 */

#include <string.h>

#include "uc-course.h"

#define UC_COURSE_IDLE_SAVE_SECS 3600

/* equal courses have equal bytes */
G_STATIC_ASSERT(sizeof(UcCourse) == 4 * sizeof(gint64) + 12 * sizeof(guint32) +
					4 * sizeof(guint16) + 2 * sizeof(UcCourseImage) +
					(2 + UC_COURSE_FALLEN) * UC_COURSE_TEXT_BYTES);

/**
 * uc_course_init:
 *
 * An endpoint in factory state of which nothing is known.
 */
void
uc_course_init(UcCourse *self)
{
	memset(self, 0, sizeof(*self));
}

gboolean
uc_course_equal(const UcCourse *one, const UcCourse *two)
{
	return memcmp(one, two, sizeof(*one)) == 0;
}

guint
uc_course_hash(const UcCourse *self)
{
	const guint8 *bytes = (const guint8 *)self;
	guint hash = 2166136261u;

	for (gsize i = 0; i < sizeof(*self); i++)
		hash = (hash ^ bytes[i]) * 16777619u;
	return hash;
}

/* what is behind the end of the text is zero as well */
static void
uc_course_set_text(gchar *text, const gchar *value)
{
	memset(text, 0, UC_COURSE_TEXT_BYTES);
	if (value != NULL)
		(void)g_strlcpy(text, value, UC_COURSE_TEXT_BYTES);
}

/**
 * uc_course_set_image:
 * @version: (nullable): up to 71 bytes; a longer one is cut
 * @sha256: (nullable): of the cab
 */
void
uc_course_set_image(UcCourseImage *image, const gchar *version, const gchar *sha256)
{
	uc_course_set_text(image->version, version);
	uc_course_set_text(image->sha256, sha256);
}

static gboolean
uc_course_image_equal(const UcCourseImage *one, const UcCourseImage *two)
{
	if (one->sha256[0] != '\0' && two->sha256[0] != '\0')
		return g_str_equal(one->sha256, two->sha256);
	return g_str_equal(one->version, two->version);
}

/* something else than what is staged is wanted now */
static gboolean
uc_course_is_superseded(const UcCourse *self)
{
	return self->offer.version[0] != '\0' && self->image.version[0] != '\0' &&
	       !uc_course_image_equal(&self->offer, &self->image);
}

/**
 * uc_course_get_progress:
 *
 * Returns: how far the update has come that is wanted now
 */
UcProgress
uc_course_get_progress(const UcCourse *self)
{
	if (self->stage == UC_COURSE_ACTIVATED)
		return UC_PROGRESS_ACTIVATED;
	if (self->stage == UC_COURSE_WITHDRAWN ||
	    (self->stage == UC_COURSE_STAGED && !uc_course_is_superseded(self)))
		return UC_PROGRESS_STAGED;
	if (self->offer.version[0] == '\0')
		return UC_PROGRESS_CURRENT;
	return self->downloaded ? UC_PROGRESS_DOWNLOADED : UC_PROGRESS_AVAILABLE;
}

/**
 * uc_course_get_version:
 *
 * Returns: (nullable): what the update leads to; %NULL when there is none or it is not known
 */
const gchar *
uc_course_get_version(const UcCourse *self)
{
	UcProgress progress = uc_course_get_progress(self);
	const gchar *version = self->offer.version;

	if (progress == UC_PROGRESS_STAGED || progress == UC_PROGRESS_ACTIVATED)
		version = self->image.version;
	return version[0] != '\0' ? version : NULL;
}

static gboolean
uc_course_fell_back(const UcCourse *self, const gchar *sha256)
{
	for (guint i = 0; i < UC_COURSE_FALLEN; i++) {
		if (sha256[0] != '\0' && g_str_equal(self->fallen[i], sha256))
			return TRUE;
	}
	return FALSE;
}

/* that another release is tried in between does not make it any better */
static void
uc_course_add_fallen(UcCourse *self)
{
	if (self->image.sha256[0] == '\0' || uc_course_fell_back(self, self->image.sha256))
		return;
	memmove(self->fallen[1], self->fallen[0], sizeof(self->fallen) - sizeof(self->fallen[0]));
	uc_course_set_text(self->fallen[0], self->image.sha256);
}

gboolean
uc_course_failed_before(const UcCourse *self)
{
	if (uc_course_fell_back(self, self->offer.sha256))
		return TRUE;
	return self->stage == UC_COURSE_FAILED && self->image.sha256[0] != '\0' &&
	       g_str_equal(self->image.sha256, self->offer.sha256);
}

/**
 * uc_course_fill_facts:
 * @facts: the members that are the course's are set
 */
void
uc_course_fill_facts(const UcCourse *self, UcFacts *facts)
{
	facts->progress = uc_course_get_progress(self);
	g_free(facts->version);
	facts->version = g_strdup(uc_course_get_version(self));
	facts->failed_before = uc_course_failed_before(self);
	facts->withdrawn = self->withdrawn;
	facts->human_now = self->human_now;
	facts->human_force = self->human_force;
	facts->first_update = !self->discharged;
	facts->second_step = self->second_step;
	facts->restarted = self->restarted;
	facts->first_seen_secs = self->first_seen_secs;
	facts->said_no_secs = self->said_no_secs;
	facts->last_idle_secs = MAX(facts->last_idle_secs, self->last_idle_secs);
	facts->retry_secs = self->retry_secs;
	if (self->accepted)
		facts->prompt = UC_PROMPT_ACCEPTED;
	if (self->restart_asked)
		facts->restart_by_agent = FALSE;
}

/**
 * uc_course_lose:
 * @staged: (nullable): what the plugin says is staged, as if it had been begun just now; its
 * @sha256 is no cab's, so that it is withdrawn or replaced like any other that is not on offer
 * @now_secs: the present time, seconds since the Unix epoch
 *
 * What was on the disk is lost: it was in use before, and people may have said NO just now.
 */
void
uc_course_lose(UcCourse *self, const UcCourseImage *staged, gint64 now_secs)
{
	self->discharged = TRUE;
	self->said_no_secs = now_secs;
	if (staged == NULL)
		return;
	self->stage = UC_COURSE_STAGING;
	self->image = *staged;
}

/**
 * uc_course_boot:
 * @restarted: whether the machine was restarted since; otherwise only the agent was
 *
 * The agent begins with what it finds on the disk.
 */
void
uc_course_boot(UcCourse *self, gboolean restarted)
{
	if (restarted)
		self->restarted = !self->restart_asked;
	if (restarted && self->stage == UC_COURSE_ACTIVATED)
		self->rebooted = TRUE;
	self->restart_asked = FALSE;
	self->retry_secs = 0;
	self->failures = 0;
	self->work = UC_ACTION_NONE;
	self->checked = FALSE;
	self->accepted = FALSE;
	self->filled = FALSE;
	uc_course_clear_human(self);
}

/* the same publication, and there is more: it needed the first step (UCS's two-step updates). What
 * a human picks meanwhile says nothing about that. */
static void
uc_course_find_second_step(UcCourse *self, const UcCourseImage *offer, const gchar *metadata)
{
	if (self->stage != UC_COURSE_NONE || self->metadata[0] == '\0' || self->wanted[0] != '\0')
		return;
	self->second_step = offer != NULL && g_strcmp0(metadata, self->metadata) == 0;
	uc_course_set_text(self->metadata, NULL);
}

/**
 * uc_course_take_offer:
 * @offer: (nullable): what the policy chose of all that is on offer; %NULL for nothing
 * @metadata: (nullable): what stands for the metadata that it is from
 * @now_secs: the present time, seconds since the Unix epoch
 *
 * What is on offer and approved now. Nothing on offer counts only once the service answered.
 *
 * Returns: whether a durable member changed
 */
gboolean
uc_course_take_offer(UcCourse *self,
		     const UcCourseImage *offer,
		     const gchar *metadata,
		     gint64 now_secs)
{
	const UcCourse before = *self;
	gboolean nothing = offer == NULL && self->checked;

	uc_course_find_second_step(self, offer, metadata);
	uc_course_set_image(&self->offer,
			    offer != NULL ? offer->version : NULL,
			    offer != NULL ? offer->sha256 : NULL);
	if (offer == NULL)
		self->downloaded = FALSE;
	self->withdrawn =
	    self->stage == UC_COURSE_WITHDRAWN ||
	    (self->stage == UC_COURSE_STAGED && nothing && self->image.sha256[0] != '\0');
	if (offer != NULL && self->first_seen_secs == 0)
		self->first_seen_secs = now_secs;
	if (nothing && (self->stage == UC_COURSE_NONE || self->stage == UC_COURSE_FAILED)) {
		self->first_seen_secs = 0;
		self->second_step = FALSE;
		self->discharged = TRUE;
	}
	return before.first_seen_secs != self->first_seen_secs ||
	       before.second_step != self->second_step || before.discharged != self->discharged ||
	       !g_str_equal(before.metadata, self->metadata);
}

/* what the policy did not choose (a human, or somebody else, did) is no first of two steps */
static gboolean
uc_course_is_chosen(const UcCourse *self)
{
	return self->wanted[0] == '\0' && self->offer.version[0] != '\0' &&
	       uc_course_image_equal(&self->offer, &self->image);
}

/**
 * uc_course_begin:
 * @verdict: what is to be done, and why
 * @metadata: (nullable): what stands for the metadata that is published now
 *
 * Save before the effect.
 */
void
uc_course_begin(UcCourse *self, const UcVerdict *verdict, const gchar *metadata)
{
	self->work = verdict->action;
	/* people were asked, and did not say no */
	if (verdict->reason == UC_CONDITION_PROMPT || verdict->reason == UC_CONDITION_HARD)
		self->accepted = TRUE;
	switch (verdict->action) {
	case UC_ACTION_STAGE:
		if (self->stage == UC_COURSE_STAGED || self->stage == UC_COURSE_WITHDRAWN ||
		    self->stage == UC_COURSE_FORGOTTEN)
			self->replacing = TRUE;
		uc_course_set_text(self->metadata, NULL);
		self->image = self->offer;
		self->stage = UC_COURSE_STAGING;
		self->filled = FALSE;
		break;
	case UC_ACTION_ACTIVATE:
		uc_course_set_text(self->metadata, uc_course_is_chosen(self) ? metadata : NULL);
		break;
	case UC_ACTION_RESTART:
		self->restart_asked = TRUE;
		break;
	case UC_ACTION_REVOKE:
		self->stage = UC_COURSE_WITHDRAWN;
		break;
	default:
		break;
	}
}

/**
 * uc_course_end:
 *
 * What was begun has worked; whether the slot is filled is for uc_course_see() to say.
 */
void
uc_course_end(UcCourse *self, gint64 retry_secs)
{
	if (self->work == UC_ACTION_ACTIVATE) {
		self->stage = UC_COURSE_ACTIVATED;
		self->rebooted = FALSE;
	}
	if (self->work == UC_ACTION_STAGE) {
		self->replacing = FALSE;
		self->filled = TRUE;
	}
	/* the plugin was told; again later if it is still there then */
	self->retry_secs = self->work == UC_ACTION_REVOKE ? retry_secs : 0;
	self->failures = 0;
	self->work = UC_ACTION_NONE;
}

/**
 * uc_course_fail:
 * @retry_secs: not again before, seconds since the Unix epoch
 */
void
uc_course_fail(UcCourse *self, gint64 retry_secs)
{
	if (self->work == UC_ACTION_RESTART)
		self->restart_asked = FALSE;
	self->work = UC_ACTION_NONE;
	self->failures++;
	self->retry_secs = retry_secs;
	uc_course_clear_human(self);
}

/**
 * uc_course_restart:
 * @asked: whether the restart of the machine was asked for; %FALSE when that did not work
 *
 * The same for an endpoint beside the one that it is for.
 */
void
uc_course_restart(UcCourse *self, gboolean asked)
{
	self->restart_asked = asked;
}

static void
uc_course_conclude(UcCourse *self, UcCourseStage stage)
{
	self->stage = stage;
	self->restart_asked = FALSE;
	self->accepted = FALSE;
	self->withdrawn = FALSE;
	uc_course_clear_human(self);
}

/**
 * uc_course_settle:
 * @settled: from uc_course_see()
 * @retry_secs: when it starts over, seconds since the Unix epoch
 *
 * Takes over what fwupd says about the attempt on record.
 */
void
uc_course_settle(UcCourse *self, UcSettled settled, gint64 retry_secs)
{
	/* what does not come to its end is no first of two steps, although it was begun */
	if (settled == UC_SETTLED_STAGED || settled == UC_SETTLED_FAILED ||
	    settled == UC_SETTLED_REVOKED || settled == UC_SETTLED_LOST)
		uc_course_set_text(self->metadata, NULL);
	if (settled != UC_SETTLED_UNCHANGED)
		self->rebooted = self->filled = FALSE;
	switch (settled) {
	case UC_SETTLED_STAGED:
		/* by somebody else: fwupd says that, but not what */
		if (self->stage != UC_COURSE_STAGING)
			uc_course_set_image(&self->image, NULL, NULL);
		self->stage = UC_COURSE_STAGED;
		break;
	case UC_SETTLED_ACTIVATED:
		self->stage = UC_COURSE_ACTIVATED;
		break;
	case UC_SETTLED_SUCCESS:
		uc_course_conclude(self, UC_COURSE_NONE);
		break;
	case UC_SETTLED_FAILED:
		if (self->stage == UC_COURSE_ACTIVATED)
			uc_course_add_fallen(self);
		uc_course_conclude(self, UC_COURSE_FAILED);
		self->second_step = FALSE;
		break;
	case UC_SETTLED_REVOKED:
		uc_course_conclude(self, UC_COURSE_NONE);
		self->retry_secs = 0;
		break;
	case UC_SETTLED_LOST:
		self->replacing = FALSE;
		self->stage = UC_COURSE_NONE;
		self->failures++;
		self->retry_secs = retry_secs;
		break;
	default:
		break;
	}
}

/**
 * uc_course_forget:
 *
 * The service is forgotten: what is staged stays there, but it is no longer ours to activate.
 */
void
uc_course_forget(UcCourse *self)
{
	if (self->stage == UC_COURSE_STAGING || self->stage == UC_COURSE_STAGED ||
	    self->stage == UC_COURSE_WITHDRAWN)
		uc_course_conclude(self, UC_COURSE_FORGOTTEN);
	else if (self->stage != UC_COURSE_ACTIVATED)
		uc_course_conclude(self, UC_COURSE_NONE);
	uc_course_set_image(&self->offer, NULL, NULL);
	self->checked = FALSE;
	uc_course_clear_human(self);
}

/**
 * uc_course_call:
 *
 * The room is in use: an answer of before no longer counts, and neither does a prompt.
 */
void
uc_course_call(UcCourse *self)
{
	self->accepted = FALSE;
}

/**
 * uc_course_idle:
 * @now_secs: the present time, seconds since the Unix epoch
 *
 * The room is idle enough at this moment.
 *
 * Returns: whether the moment is so much later that it is worth to be saved
 */
gboolean
uc_course_idle(UcCourse *self, gint64 now_secs)
{
	if (ABS(now_secs - self->last_idle_secs) < UC_COURSE_IDLE_SAVE_SECS)
		return FALSE;
	self->last_idle_secs = now_secs;
	return TRUE;
}

/**
 * uc_course_answer:
 * @accept: yes or no
 * @now_secs: the moment of the answer, seconds since the Unix epoch
 *
 * The prompt was answered, and by day there is none any more until the next restart. Save a NO
 * before the prompt goes.
 */
void
uc_course_answer(UcCourse *self, gboolean accept, gint64 now_secs)
{
	self->restarted = FALSE;
	self->accepted = accept;
	if (!accept)
		self->said_no_secs = now_secs;
}

/**
 * uc_course_expire:
 *
 * The prompt of the day was not answered; it does not come again.
 */
void
uc_course_expire(UcCourse *self)
{
	self->restarted = FALSE;
}

/**
 * uc_course_want:
 * @version: (nullable): that version rather than what the policy chooses
 * @force: passes a call and an unknown state
 *
 * A human says "now".
 */
void
uc_course_want(UcCourse *self, const gchar *version, gboolean force)
{
	uc_course_set_text(self->wanted, version);
	self->human_now = TRUE;
	self->human_force = force;
	self->retry_secs = 0;
}

void
uc_course_clear_human(UcCourse *self)
{
	uc_course_set_text(self->wanted, NULL);
	self->human_now = FALSE;
	self->human_force = FALSE;
}
