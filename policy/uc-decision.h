/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "uc-verdict.h"

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
 * @verdict: the same without text
 */
typedef struct {
	UcAction action;
	const gchar *reason_id;
	gchar *reason;
	GPtrArray *conditions;
	gint64 next_secs;
	UcVerdict verdict;
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
JsonArray *
uc_decision_reports_to_json(const UcDecision *self) G_GNUC_WARN_UNUSED_RESULT;
JsonObject *
uc_decision_to_json(const UcDecision *self) G_GNUC_WARN_UNUSED_RESULT;

const gchar *
uc_action_to_string(UcAction action);
const gchar *
uc_condition_to_string(UcConditionId id);
