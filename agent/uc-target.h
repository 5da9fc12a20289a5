/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <fwupd.h>

#include "uc-decision.h"
#include "uc-endpoint.h"
#include "uc-facts.h"
#include "uc-update.h"

/**
 * UcSettled:
 * @UC_SETTLED_UNCHANGED: nothing new
 * @UC_SETTLED_STAGED: the slot is filled, by us or by somebody else
 * @UC_SETTLED_ACTIVATED: somebody else switched
 * @UC_SETTLED_SUCCESS: the new version was seen running
 * @UC_SETTLED_FAILED: the endpoint runs the old version after the restart
 * @UC_SETTLED_LOST: what was begun is no longer there; it starts over
 *
 * What fwupd's view of the device says about the attempt on record.
 */
typedef enum {
	UC_SETTLED_UNCHANGED,
	UC_SETTLED_STAGED,
	UC_SETTLED_ACTIVATED,
	UC_SETTLED_SUCCESS,
	UC_SETTLED_FAILED,
	UC_SETTLED_LOST
} UcSettled;

/**
 * UcTarget:
 * @id: the `Id` of the endpoint, or the fwupd device id where there is no endpoint file
 * @endpoint: (nullable): the endpoint file
 * @device: fwupd's device
 * @releases: (element-type FwupdRelease): what fwupd offers for it, older ones too
 * @result: (nullable): fwupd's result of the last update
 * @update: the attempt on record
 * @decision: (nullable): the last decision
 * @human_now: whether a human said "now"
 * @human_force: whether the human also said "force"
 * @wanted_version: (nullable): the version that the human named
 * @waiting: (element-type GTask): human requests to be answered
 * @restart_asked: whether the restart was asked for already
 * @retry_secs: after a failure not before, seconds since the Unix epoch; 0 for none
 * @failures: so many in a row
 * @error_text: (nullable): the last failure
 *
 * One device whose updates the agent looks after.
 */
typedef struct {
	gchar *id;
	UcEndpoint *endpoint;
	FwupdDevice *device;
	GPtrArray *releases;
	FwupdDevice *result;
	UcUpdate *update;
	UcDecision *decision;
	gboolean human_now;
	gboolean human_force;
	gchar *wanted_version;
	GPtrArray *waiting;
	gboolean restart_asked;
	gint64 retry_secs;
	guint failures;
	gchar *error_text;
} UcTarget;

UcTarget *
uc_target_new(const gchar *id) G_GNUC_WARN_UNUSED_RESULT;
void
uc_target_free(UcTarget *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcTarget, uc_target_free)

gboolean
uc_target_matches(const UcEndpoint *endpoint, FwupdDevice *device) G_GNUC_WARN_UNUSED_RESULT;
FwupdRelease *
uc_target_get_release(UcTarget *self);
const gchar *
uc_target_get_sha256(FwupdRelease *release);
UcProgress
uc_target_get_progress(UcTarget *self, gboolean downloaded) G_GNUC_WARN_UNUSED_RESULT;
const gchar *
uc_target_get_version_new(UcTarget *self);
gboolean
uc_target_failed_before(UcTarget *self) G_GNUC_WARN_UNUSED_RESULT;
UcSettled
uc_target_settle(UcTarget *self) G_GNUC_WARN_UNUSED_RESULT;
void
uc_target_clear_human(UcTarget *self);
