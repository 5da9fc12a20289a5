/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

/**
 * UcAction:
 * @UC_ACTION_NONE: there is nothing to do
 * @UC_ACTION_WAIT: there is something to do, but not now
 * @UC_ACTION_CHECK: ask the service
 * @UC_ACTION_DOWNLOAD: fetch the release
 * @UC_ACTION_STAGE: hand it to fwupd, which fills the inactive slot
 * @UC_ACTION_ACTIVATE: let fwupd switch to it
 * @UC_ACTION_RESTART: ask for the restart that makes it count
 */
typedef enum {
	UC_ACTION_NONE,
	UC_ACTION_WAIT,
	UC_ACTION_CHECK,
	UC_ACTION_DOWNLOAD,
	UC_ACTION_STAGE,
	UC_ACTION_ACTIVATE,
	UC_ACTION_RESTART,
	UC_ACTION_LAST
} UcAction;

/**
 * UcConditionState:
 * @UC_CONDITION_MET: does not stand in the way
 * @UC_CONDITION_NOT_MET: stands in the way of an automatic act
 * @UC_CONDITION_UNKNOWN: not known, which stands in the way too
 */
typedef enum { UC_CONDITION_MET, UC_CONDITION_NOT_MET, UC_CONDITION_UNKNOWN } UcConditionState;

typedef struct {
	const gchar *id; /* static, stable */
	UcConditionState state;
	gchar *text; /* a sentence for people */
} UcCondition;

/**
 * UcDecision:
 * @action: what to do now
 * @reason_id: a stable identifier of why, static
 * @reason: a sentence for people that says why
 * @conditions: (element-type UcCondition): every condition, whether it decided or not
 * @next_secs: when to decide again if nothing happens, seconds since the Unix epoch, always after
 *   the moment of the decision; -1 for never
 */
typedef struct {
	UcAction action;
	const gchar *reason_id;
	gchar *reason;
	GPtrArray *conditions;
	gint64 next_secs;
} UcDecision;

UcDecision *
uc_decision_new(void) G_GNUC_WARN_UNUSED_RESULT;
void
uc_decision_free(UcDecision *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcDecision, uc_decision_free)

void
uc_decision_set(UcDecision *self, UcAction action, const gchar *reason_id, const gchar *reason);
void
uc_decision_add(UcDecision *self, const gchar *id, UcConditionState state, gchar *text);
const UcCondition *
uc_decision_find(const UcDecision *self, const gchar *id) G_GNUC_WARN_UNUSED_RESULT;
JsonObject *
uc_decision_to_json(const UcDecision *self) G_GNUC_WARN_UNUSED_RESULT;

const gchar *
uc_action_to_string(UcAction action);
