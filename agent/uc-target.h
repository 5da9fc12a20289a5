/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <fwupd.h>

#include "uc-decision.h"
#include "uc-endpoint.h"
#include "uc-facts.h"
#include "uc-update.h"

/**
 * UcTarget:
 * @id: the `Id` of the endpoint, or the fwupd device id where there is no endpoint file
 * @endpoint: (nullable): the endpoint file
 * @device: fwupd's device
 * @releases: (element-type FwupdRelease): what fwupd offers for it, older ones too
 * @listed: whether @releases is what there is; fwupd could not say otherwise
 * @result: (nullable): fwupd's result of the last update
 * @update: the record with its course
 * @decision: (nullable): the last decision
 * @waiting: (element-type GTask): human requests to be answered
 * @error_text: (nullable): the last failure
 * @forced: (nullable): why the step that goes on was forced, for the record of what it leads to
 * @missing: (nullable): the version that the policy names and nobody offers
 *
 * One device whose updates the agent looks after.
 */
typedef struct {
	gchar *id;
	UcEndpoint *endpoint;
	FwupdDevice *device;
	GPtrArray *releases;
	gboolean listed;
	FwupdDevice *result;
	UcUpdate *update;
	UcDecision *decision;
	GPtrArray *waiting;
	gchar *error_text;
	gchar *forced;
	gchar *missing;
} UcTarget;

UcTarget *
uc_target_new(const gchar *id) G_GNUC_WARN_UNUSED_RESULT;
void
uc_target_free(UcTarget *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcTarget, uc_target_free)

gboolean
uc_target_matches(const UcEndpoint *endpoint, FwupdDevice *device) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_target_is_ours(FwupdRelease *release);
gboolean
uc_target_is_pending(FwupdRelease *release);
FwupdRelease *
uc_target_find_version(UcTarget *self, const gchar *version);
FwupdRelease *
uc_target_get_release(UcTarget *self);
gint64
uc_target_get_duration_secs(UcTarget *self) G_GNUC_WARN_UNUSED_RESULT;
const gchar *
uc_target_get_sha256(FwupdRelease *release);
gboolean
uc_target_is_on_trial(UcTarget *self);
UcSettled
uc_target_settle(UcTarget *self) G_GNUC_WARN_UNUSED_RESULT;
