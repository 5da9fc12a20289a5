/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-decision.h"
#include "uc-json.h"

static void
uc_condition_free(UcCondition *condition)
{
	g_free(condition->text);
	g_free(condition);
}

UcDecision *
uc_decision_new(void)
{
	UcDecision *self = g_new0(UcDecision, 1);

	self->conditions = g_ptr_array_new_with_free_func((GDestroyNotify)uc_condition_free);
	self->next_secs = -1;
	return self;
}

void
uc_decision_free(UcDecision *self)
{
	g_ptr_array_unref(self->conditions);
	g_free(self->reason);
	g_free(self);
}

void
uc_decision_set(UcDecision *self, UcAction action, const gchar *reason_id, const gchar *reason)
{
	self->action = action;
	self->reason_id = reason_id;
	g_free(self->reason);
	self->reason = g_strdup(reason);
}

/**
 * uc_decision_add:
 * @id: stable identifier, static
 * @text: (transfer full): a sentence for people
 */
void
uc_decision_add(UcDecision *self, const gchar *id, UcConditionState state, gchar *text)
{
	UcCondition *condition = g_new0(UcCondition, 1);

	condition->id = id;
	condition->state = state;
	condition->text = text;
	g_ptr_array_add(self->conditions, condition);
}

/**
 * uc_decision_find:
 *
 * Returns: (transfer none) (nullable): the condition of that identifier
 */
const UcCondition *
uc_decision_find(const UcDecision *self, const gchar *id)
{
	for (guint i = 0; i < self->conditions->len; i++) {
		const UcCondition *condition = g_ptr_array_index(self->conditions, i);

		if (g_str_equal(condition->id, id))
			return condition;
	}
	return NULL;
}

const gchar *
uc_action_to_string(UcAction action)
{
	static const gchar *const names[] =
	    {"none", "wait", "check", "download", "stage", "activate", "restart", "revoke"};

	G_STATIC_ASSERT(G_N_ELEMENTS(names) == UC_ACTION_LAST);
	g_return_val_if_fail(action < UC_ACTION_LAST, NULL);
	return names[action];
}

/**
 * uc_condition_to_string:
 *
 * Returns: the stable identifier, as `conditions` and `reason_id` have it
 */
const gchar *
uc_condition_to_string(UcConditionId id)
{
	static const gchar *const names[] = {
	    "use",	"power", "disk",    "clock",   "policy", "withdrawn", "blocked",  "halted",
	    "other",	"human", "retry",   "check",   "update", "failed",    "shutdown", "sources",
	    "children", "first", "rollout", "metered", "fresh",	 "hard",      "deadline", "prompt",
	    "date",	"zone",	 "window",  "spread",  "fit",	 "snooze",    "idle",	  "restart",
	};

	G_STATIC_ASSERT(G_N_ELEMENTS(names) == UC_CONDITION_LAST);
	g_return_val_if_fail(id < UC_CONDITION_LAST, NULL);
	return names[id];
}

/**
 * uc_decision_reports_to_json:
 *
 * Returns: (transfer full): names of what the organisation is told, docs/policy.md "The decision"
 */
JsonArray *
uc_decision_reports_to_json(const UcDecision *self)
{
	static const gchar *const names[] = {"never-idle",
					     "mandatory-in-call",
					     "source-busy",
					     "no-source",
					     "never-fits",
					     "no-zone",
					     "forced"};
	JsonArray *array = json_array_new();

	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		if ((self->verdict.reports & 1u << i) != 0)
			json_array_add_string_element(array, names[i]);
	}
	return array;
}

static void
uc_decision_prompt_to_json(const UcDecision *self, JsonObject *object)
{
	static const gchar *const names[] = {"none", "show", "keep", "withdraw"};
	JsonObject *prompt = json_object_new();

	G_STATIC_ASSERT(G_N_ELEMENTS(names) == UC_PROMPT_ACT_LAST);
	json_object_set_string_member(prompt, "act", names[self->verdict.prompt]);
	if (self->verdict.prompt_until_secs >= 0)
		uc_json_set_time(prompt, "until", self->verdict.prompt_until_secs);
	json_object_set_boolean_member(prompt, "can_refuse", self->verdict.prompt_can_refuse);
	json_object_set_object_member(object, "prompt", prompt);
}

static JsonArray *
uc_decision_conditions_to_json(const UcDecision *self)
{
	static const gchar *const states[] = {"met", "not-met", "unknown"};
	JsonArray *array = json_array_new();

	for (guint i = 0; i < self->conditions->len; i++) {
		const UcCondition *condition = g_ptr_array_index(self->conditions, i);
		JsonObject *object = json_object_new();

		json_object_set_string_member(object, "id", condition->id);
		json_object_set_string_member(object, "state", states[condition->state]);
		json_object_set_string_member(object, "text", condition->text);
		json_array_add_object_element(array, object);
	}
	return array;
}

/**
 * uc_decision_to_json:
 *
 * Returns: (transfer full): the members of docs/policy.md "The decision"
 */
JsonObject *
uc_decision_to_json(const UcDecision *self)
{
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "action", uc_action_to_string(self->action));
	json_object_set_string_member(object, "reason_id", self->reason_id);
	json_object_set_string_member(object, "reason", self->reason);
	json_object_set_array_member(object, "conditions", uc_decision_conditions_to_json(self));
	uc_decision_prompt_to_json(self, object);
	json_object_set_boolean_member(object, "notice", self->verdict.notice);
	json_object_set_array_member(object, "reports", uc_decision_reports_to_json(self));
	if (self->next_secs >= 0)
		uc_json_set_time(object, "next", self->next_secs);
	else
		json_object_set_null_member(object, "next");
	return object;
}
