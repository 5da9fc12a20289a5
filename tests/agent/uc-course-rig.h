/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-course.h"
#include "uc-policy-judge.h"
#include "uc-room-prompt.h"

/* releases 1.1.0, 1.2.0, …, over 1.0.0, are numbers from 1 on, and sets of them are bits */
#define UC_RIG_ONE	1u
#define UC_RIG_TWO	2u
#define UC_RIG_RELEASES 9u /* one digit each */

/**
 * UcRigOutcome:
 * @UC_RIG_WORKS: what was begun works
 * @UC_RIG_FAILS: it does not, this time
 * @UC_RIG_REFUSES: fwupd says that it never will
 * @UC_RIG_CALL: a call begins after the decision, and before the plugin asks once more
 * @UC_RIG_KILL_BEFORE: the agent is killed when the record is on disk and nothing has happened yet
 * @UC_RIG_KILL_AFTER: the agent is killed when it has happened and is not on record yet
 *
 * What becomes of an act.
 */
typedef enum {
	UC_RIG_WORKS,
	UC_RIG_FAILS,
	UC_RIG_REFUSES,
	UC_RIG_CALL,
	UC_RIG_KILL_BEFORE,
	UC_RIG_KILL_AFTER,
	UC_RIG_OUTCOME_LAST
} UcRigOutcome;

/**
 * UcRigDevice:
 * @running: a release; 0 for 1.0.0
 * @slot: the release that the other slot holds; 0 for nothing
 * @activated: the next restart begins from the other slot
 * @failed: fwupd's result of the last update
 *
 * The endpoint as fwupd and the plugin have it. Survives a kill of the agent.
 */
typedef struct {
	guint8 running;
	guint8 slot;
	guint8 activated;
	guint8 failed;
} UcRigDevice;

/**
 * UcRig:
 * @course: the agent's
 * @saved: what of it is on the disk
 * @prompt: the agent's
 * @old: a release; ran when the attempt on record began
 * @published: a set; what the service has
 * @serial: of what it published last
 * @known: a set; what the agent has heard of that
 * @known_serial: the same; no two publications have the same one
 * @downloads: a set; on the disk
 * @two_steps: 1.2.0 needs 1.1.0
 * @endpoint: (nullable): its `Id`, for rollouts
 * @policy: the organisation's
 * @zone: of the endpoint
 * @now_secs: the wall clock
 * @boot_secs: the boot clock
 * @retry_secs: until when a failure holds
 * @last_check_secs: when the service answered last; 0 for never since the agent began
 * @check_retry_secs: 0 for none
 *
 * The agent's transitions for one endpoint, in the order of agent/uc-agent.c, with the agent's own
 * UcCourse, UcRoomPrompt and policy. Only what is outside of the agent is made up here.
 */
typedef struct {
	UcCourse course;
	UcCourse saved;
	UcRoomPrompt prompt;
	UcRigDevice device;
	guint8 old;
	guint16 published;
	guint16 serial;
	guint16 known;
	guint16 known_serial;
	guint16 downloads;
	guint16 two_steps;
	const gchar *endpoint;
	const UcPolicy *policy;
	const UcZone *zone;
	gint64 now_secs;
	gint64 boot_secs;
	gint64 retry_secs;
	gint64 last_check_secs;
	gint64 check_retry_secs;
} UcRig;

const gchar *
uc_rig_get_version(guint release);
guint
uc_rig_find_release(const gchar *version);
guint16
uc_rig_get_bit(guint release);
const gchar *
uc_rig_get_metadata(const UcRig *self, gchar text[8]);
void
uc_rig_keep(const UcCourse *course, UcCourse *saved);
void
uc_rig_save(UcRig *self, const UcCourse *next);

/* what the agent does whenever something happened */
gboolean
uc_rig_settle(UcRig *self);
void
uc_rig_choose(UcRig *self);
gint64
uc_rig_get_rollout_secs(const UcRig *self);
void
uc_rig_judge(UcRig *self, UcFacts *facts, UcVerdict *verdict_out);
void
uc_rig_note_idle(UcRig *self, const UcFacts *facts, const UcVerdict *verdict);
gboolean
uc_rig_heed(UcRig *self, const UcFacts *facts, const UcVerdict *verdict);
void
uc_rig_begin(UcRig *self, const UcVerdict *verdict);
gboolean
uc_rig_end(UcRig *self, UcAction action, guint use, UcRigOutcome outcome);

/* what happens to it */
gboolean
uc_rig_answer(UcRig *self, gboolean accept);
void
uc_rig_kill(UcRig *self, gboolean restarted);
void
uc_rig_restart(UcRig *self, gboolean fallback);
void
uc_rig_bring(UcRig *self, guint release);
gboolean
uc_rig_switch(UcRig *self);
void
uc_rig_forget(UcRig *self);
