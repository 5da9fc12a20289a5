/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-facts.h"
#include "uc-verdict.h"

#define UC_COURSE_FALLEN     4	/* of those that fell back, the last so many are known */
#define UC_COURSE_TEXT_BYTES 72 /* a version, or a SHA-256 in hexadecimal digits, and its end */

/**
 * UcCourseStage:
 * @UC_COURSE_NONE: nothing begun
 * @UC_COURSE_STAGING: fwupd was asked to fill the inactive slot; whether it did is not known yet
 * @UC_COURSE_STAGED: the slot is filled
 * @UC_COURSE_ACTIVATED: switched to; the restart has still to prove it
 * @UC_COURSE_FAILED: did not work; not tried again until something changes
 * @UC_COURSE_FORGOTTEN: staged, but the service it came from was forgotten; never activated by us
 * @UC_COURSE_WITHDRAWN: staged, but no longer on offer; the plugin is told to drop it
 */
typedef enum {
	UC_COURSE_NONE,
	UC_COURSE_STAGING,
	UC_COURSE_STAGED,
	UC_COURSE_ACTIVATED,
	UC_COURSE_FAILED,
	UC_COURSE_FORGOTTEN,
	UC_COURSE_WITHDRAWN,
	UC_COURSE_LAST
} UcCourseStage;

/**
 * UcSettled:
 * @UC_SETTLED_UNCHANGED: nothing new
 * @UC_SETTLED_STAGED: the slot is filled, by us or by somebody else
 * @UC_SETTLED_ACTIVATED: only the restart is missing: somebody else switched, or the device needs
 *   no activation
 * @UC_SETTLED_SUCCESS: the new version was seen running, or what somebody else had brought
 * @UC_SETTLED_FAILED: the endpoint runs the old version after the restart
 * @UC_SETTLED_LOST: what was begun is no longer there; it starts over
 * @UC_SETTLED_REVOKED: what was withdrawn is gone
 *
 * What fwupd's view of the device says about the attempt on record.
 */
typedef enum {
	UC_SETTLED_UNCHANGED,
	UC_SETTLED_STAGED,
	UC_SETTLED_ACTIVATED,
	UC_SETTLED_SUCCESS,
	UC_SETTLED_FAILED,
	UC_SETTLED_LOST,
	UC_SETTLED_REVOKED
} UcSettled;

/**
 * UcCourseImage:
 * @version: empty when it is not known
 * @sha256: of the cab; empty when somebody else brought it
 */
typedef struct {
	gchar version[UC_COURSE_TEXT_BYTES];
	gchar sha256[UC_COURSE_TEXT_BYTES];
} UcCourseImage;

/**
 * UcCourseSeen:
 * @version: what runs
 * @version_old: (nullable): what ran when the attempt on record began
 * @needs_activation: something is staged
 * @needs_reboot: something is activated
 * @succeeded: the plugin says that the last update has
 * @failed: the plugin, or fwupd's result of the last update, says that it has not
 * @on_trial: what was installed runs, and nobody knows yet whether it is healthy
 *
 * The device as fwupd sees it.
 */
typedef struct {
	const gchar *version;
	const gchar *version_old;
	gboolean needs_activation;
	gboolean needs_reboot;
	gboolean succeeded;
	gboolean failed;
	gboolean on_trial;
} UcCourseSeen;

/**
 * UcCourse:
 * @first_seen_secs: durable; of the first release that is missing, seconds since the Unix epoch; 0
 *   for none
 * @said_no_secs: durable; the last NO; 0 for none
 * @last_idle_secs: durable, to the hour; when the room was idle enough last
 * @retry_secs: after a failure not before; 0 for none
 * @stage: durable; of #UcCourseStage
 * @discharged: durable; the service once had nothing for the endpoint, which ends its factory state
 * @second_step: durable; goes on after a two-step update's restart
 * @restarted: durable; a restart that was not our own, or first pairing, and nobody was asked since
 * @restart_asked: durable; the restart was asked for
 * @work: what is under way, of #UcAction
 * @failures: so many in a row
 * @checked: whether the service answered since the agent began
 * @accepted: the prompt was answered with yes, or not at all
 * @withdrawn: what is staged is no longer on offer
 * @downloaded: @offer is on the disk
 * @filled: fwupd said since the agent began that the attempt on record worked
 * @human_now: a human said "now"
 * @human_force: and "force"
 * @replacing: durable; the slot was filled when the attempt began, and whether it was filled anew
 *   is not known
 * @rebooted: durable; the machine was restarted since it was switched to
 * @image: durable; what the attempt on record leads to
 * @offer: what is to be installed; empty for nothing
 * @metadata: durable; what the service published when @image was activated
 * @fallen: durable; SHA-256 of the cabs after whose activation the endpoint fell back, the last one
 *   first; none of them is tried again without a human
 * @wanted: the version that the human named; empty for none
 *
 * The course of one endpoint's update: everything that decides what comes next, and nothing else.
 * It does no I/O, knows no clock, and can be copied with `=`; uc_course_init() makes it, so that
 * equal ones have equal bytes. The agent saves the durable members before it lets the effect of a
 * transition happen; a check can play every sequence of them.
 */
typedef struct {
	gint64 first_seen_secs;
	gint64 said_no_secs;
	gint64 last_idle_secs;
	gint64 retry_secs;
	guint32 stage;
	guint32 discharged;
	guint32 second_step;
	guint32 restarted;
	guint32 restart_asked;
	guint32 work;
	guint32 failures;
	guint16 checked;
	guint16 accepted;
	guint32 withdrawn;
	guint16 downloaded;
	guint16 filled;
	guint32 human_now;
	guint32 human_force;
	guint32 replacing;
	guint32 rebooted;
	UcCourseImage image;
	UcCourseImage offer;
	gchar metadata[UC_COURSE_TEXT_BYTES];
	gchar fallen[UC_COURSE_FALLEN][UC_COURSE_TEXT_BYTES];
	gchar wanted[UC_COURSE_TEXT_BYTES];
} UcCourse;

void
uc_course_init(UcCourse *self);
gboolean
uc_course_equal(const UcCourse *one, const UcCourse *two);
guint
uc_course_hash(const UcCourse *self);
void
uc_course_set_image(UcCourseImage *image, const gchar *version, const gchar *sha256);

/* what is asked of it */
UcProgress
uc_course_get_progress(const UcCourse *self);
const gchar *
uc_course_get_version(const UcCourse *self);
gboolean
uc_course_failed_before(const UcCourse *self);
UcSettled
uc_course_see(const UcCourse *self, const UcCourseSeen *seen) G_GNUC_WARN_UNUSED_RESULT;
void
uc_course_fill_facts(const UcCourse *self, UcFacts *facts);

/* what happens to it */
void
uc_course_lose(UcCourse *self, const UcCourseImage *staged, gint64 now_secs);
void
uc_course_boot(UcCourse *self, gboolean restarted);
gboolean
uc_course_take_offer(UcCourse *self,
		     const UcCourseImage *offer,
		     const gchar *metadata,
		     gint64 now_secs);
void
uc_course_begin(UcCourse *self, const UcVerdict *verdict, const gchar *metadata);
void
uc_course_end(UcCourse *self, gint64 retry_secs);
void
uc_course_fail(UcCourse *self, gint64 retry_secs);
void
uc_course_restart(UcCourse *self, gboolean asked);
void
uc_course_settle(UcCourse *self, UcSettled settled, gint64 retry_secs);
void
uc_course_forget(UcCourse *self);
void
uc_course_call(UcCourse *self);
gboolean
uc_course_idle(UcCourse *self, gint64 now_secs);
void
uc_course_answer(UcCourse *self, gboolean accept, gint64 now_secs);
void
uc_course_expire(UcCourse *self);
void
uc_course_want(UcCourse *self, const gchar *version, gboolean force);
void
uc_course_clear_human(UcCourse *self);
