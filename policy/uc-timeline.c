/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What would happen when nothing happens: nobody comes, every act works at once, and the prompt is
 * never answered.
 */

#include "uc-json.h"
#include "uc-timeline.h"

static void
uc_timeline_add(gint64 *duration_secs, gint64 secs)
{
	if (*duration_secs >= 0)
		*duration_secs += secs;
}

/**
 * uc_timeline_pass:
 * @secs: so long nothing happens
 *
 * Makes every duration of the facts longer.
 */
void
uc_timeline_pass(UcFacts *facts, gint64 secs)
{
	if (facts->use == UC_USE_NONE)
		uc_timeline_add(&facts->idle_secs, secs);
	uc_timeline_add(&facts->free_secs, secs);
	uc_timeline_add(&facts->busy_secs, secs);
	uc_timeline_add(&facts->prompt_shown_secs, secs);
	uc_timeline_add(&facts->prompt_input_secs, secs);
}

static void
uc_timeline_restart(UcFacts *facts)
{
	facts->progress = UC_PROGRESS_CURRENT;
	facts->first_update = FALSE;
	facts->second_step = FALSE;
	facts->human_now = FALSE;
	facts->human_force = FALSE;
	facts->prompt = UC_PROMPT_NONE;
	facts->first_seen_secs = 0;
	facts->said_no_secs = 0;
	g_clear_pointer(&facts->version, g_free);
}

static void
uc_timeline_apply_prompt(UcFacts *facts, const UcVerdict *verdict)
{
	switch (verdict->prompt) {
	case UC_PROMPT_ACT_SHOW:
		facts->prompt = UC_PROMPT_SHOWN;
		facts->prompt_shown_secs = 0;
		facts->prompt_input_secs = -1;
		facts->restarted = FALSE;
		break;
	case UC_PROMPT_ACT_WITHDRAW:
		facts->prompt = UC_PROMPT_NONE;
		break;
	default:
		break;
	}
	/* what the prompt led to goes on until the restart */
	if (verdict->action >= UC_ACTION_STAGE && verdict->action <= UC_ACTION_RESTART &&
	    (verdict->reason == UC_CONDITION_PROMPT || verdict->reason == UC_CONDITION_HARD))
		facts->prompt = UC_PROMPT_ACCEPTED;
	if (facts->prompt != UC_PROMPT_SHOWN)
		facts->prompt_shown_secs = facts->prompt_input_secs = -1;
}

/**
 * uc_timeline_apply:
 * @verdict: what was decided
 * @now_secs: when, seconds since the Unix epoch
 *
 * The facts after an act that works at once, and with the prompt as it was told.
 */
void
uc_timeline_apply(UcFacts *facts, const UcVerdict *verdict, gint64 now_secs)
{
	uc_timeline_apply_prompt(facts, verdict);
	switch (verdict->action) {
	case UC_ACTION_CHECK:
		facts->last_check_secs = now_secs;
		facts->check_retry_secs = 0;
		break;
	case UC_ACTION_DOWNLOAD:
		facts->progress = UC_PROGRESS_DOWNLOADED;
		break;
	case UC_ACTION_STAGE:
		facts->progress = facts->write_in_place ? UC_PROGRESS_ACTIVATED
							: UC_PROGRESS_STAGED;
		break;
	case UC_ACTION_ACTIVATE:
		facts->progress = UC_PROGRESS_ACTIVATED;
		break;
	case UC_ACTION_RESTART:
		uc_timeline_restart(facts);
		break;
	case UC_ACTION_REVOKE:
		facts->progress = UC_PROGRESS_CURRENT;
		facts->withdrawn = FALSE;
		break;
	default:
		break;
	}
}

static JsonObject *
uc_timeline_describe(const UcDecision *decision, gint64 now_secs)
{
	g_autoptr(JsonObject) all = uc_decision_to_json(decision);
	JsonObject *object = json_object_new();

	uc_json_set_time(object, "at", now_secs);
	json_object_set_string_member(object, "action", uc_action_to_string(decision->action));
	json_object_set_string_member(object, "reason_id", decision->reason_id);
	json_object_set_string_member(object, "reason", decision->reason);
	json_object_set_object_member(
	    object,
	    "prompt",
	    json_object_ref(json_object_get_object_member(all, "prompt")));
	return object;
}

/**
 * uc_timeline_to_json:
 * @facts: changed as time goes on
 * @now_secs: the first moment, seconds since the Unix epoch
 * @for_secs: so long, 0 to %UC_TIMELINE_MAX_SECS
 *
 * Returns: (transfer full): the decisions from moment to moment, %UC_TIMELINE_MAX_STEPS at the most
 */
JsonArray *
uc_timeline_to_json(const UcPolicy *policy,
		    UcFacts *facts,
		    gint64 now_secs,
		    const UcZone *zone,
		    gint64 for_secs)
{
	JsonArray *array = json_array_new();
	gint64 end_secs = now_secs + for_secs;

	for (guint i = 0; i < UC_TIMELINE_MAX_STEPS && now_secs <= end_secs; i++) {
		g_autoptr(UcDecision) decision = uc_policy_decide(policy, facts, now_secs, zone);

		json_array_add_object_element(array, uc_timeline_describe(decision, now_secs));
		uc_timeline_apply(facts, &decision->verdict, now_secs);
		if (decision->action > UC_ACTION_WAIT)
			continue;
		if (decision->next_secs < 0)
			break;
		uc_timeline_pass(facts, decision->next_secs - now_secs);
		now_secs = decision->next_secs;
	}
	return array;
}
