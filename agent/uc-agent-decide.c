/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gi18n-lib.h>

#include "uc-agent-private.h"
#include "uc-downloads.h"
#include "uc-error.h"
#include "uc-journal.h"
#include "uc-policy-decide.h"
#include "uc-surroundings.h"

static guint
uc_agent_get_severity(FwupdRelease *release)
{
	switch (fwupd_release_get_urgency(release)) {
	case FWUPD_RELEASE_URGENCY_LOW:
		return UC_SEVERITY_LOW;
	case FWUPD_RELEASE_URGENCY_HIGH:
		return UC_SEVERITY_HIGH;
	case FWUPD_RELEASE_URGENCY_CRITICAL:
		return UC_SEVERITY_CRITICAL;
	default:
		return UC_SEVERITY_MEDIUM;
	}
}

/* of the package that the policy chose */
static guint64
uc_agent_get_missing_bytes(UcTarget *target)
{
	FwupdRelease *release = uc_target_get_release(target);

	if (release == NULL)
		return 0;
	return uc_downloads_get_missing_bytes(uc_target_get_sha256(release),
					      fwupd_release_get_size(release));
}

static void
uc_agent_collect_endpoint(UcFacts *facts, UcTarget *target)
{
	FwupdRelease *release = uc_target_get_release(target);

	facts->endpoint = g_strdup(target->id);
	if (target->endpoint != NULL) {
		facts->vendor = g_strdup(target->endpoint->vendor);
		facts->model = g_strdup(target->endpoint->model);
		facts->serial = g_strdup(target->endpoint->serial);
		facts->mac_address = g_strdup(target->endpoint->mac_address);
		facts->identity = g_strdup(target->endpoint->identity);
		facts->write_in_place = uc_endpoint_writes_in_place(target->endpoint);
	}
	if (release != NULL) {
		facts->severity = uc_agent_get_severity(release);
		facts->duration_secs = uc_target_get_duration_secs(target);
	}
}

static void
uc_agent_collect_room(UcAgent *self, UcAgentRound *round, UcTarget *target, UcFacts *facts)
{
	uc_agent_round_note(round, target);
	uc_neighbours_fill_facts(round->neighbours, target->id, facts);
	if (self->work == UC_AGENT_STAGING && self->active != NULL && self->active != target &&
	    uc_agent_round_is_ready(self->active))
		facts->other_update = TRUE;
}

/* what goes on around the endpoint, the same for all of them */
static void
uc_agent_collect_surroundings(UcAgent *self,
			      UcAgentRound *round,
			      const UcPolicy *policy,
			      UcFacts *facts)
{
	uc_room_fill_facts(self->room, policy->idle_secs, facts);
	uc_surroundings_copy_facts(round->surroundings, facts);
	/* what fwupd does for us is not another update */
	if (self->work == UC_AGENT_STAGING || self->work == UC_AGENT_ACTIVATING)
		facts->other_update = FALSE;
	facts->shutdown = self->shutdown != NULL && uc_shutdown_is_under_way(self->shutdown);
}

/**
 * uc_agent_collect_facts:
 * @round: of this moment
 * @target: (nullable): %NULL for the machine without any device
 * @policy: from uc_agent_select_policy()
 *
 * Returns: (transfer full): what is known at this very moment
 */
UcFacts *
uc_agent_collect_facts(UcAgent *self, UcAgentRound *round, UcTarget *target, const UcPolicy *policy)
{
	UcFacts *facts = uc_facts_new();

	uc_agent_collect_surroundings(self, round, policy, facts);
	facts->group = g_strdup(self->group);
	facts->last_check_secs = self->last_check_secs;
	facts->check_retry_secs = self->check_retry_secs;
	if (target == NULL)
		return facts;
	facts->restart_by_agent = self->restart_by_agent;
	uc_agent_collect_endpoint(facts, target);
	uc_agent_collect_room(self, round, target, facts);
	uc_room_prompt_fill_facts(&self->prompt, uc_clock_boot_secs(self->clock), facts);
	uc_course_fill_facts(&target->update->course, facts);
	facts->disk_free_bytes = round->surroundings->disk_free_bytes;
	uc_surroundings_fill_disk(facts, uc_agent_get_missing_bytes(target));
	return facts;
}

static gint64
uc_agent_get_again_secs(UcAgent *self,
			UcTarget *target,
			const UcPolicy *policy,
			const UcFacts *facts)
{
	gint64 again_secs = uc_surroundings_get_next_secs(facts, uc_agent_now_secs(self));
	gint64 rollout_secs = -1;

	if (target != NULL)
		rollout_secs = uc_agent_get_rollout_secs(self, target, policy);
	if (again_secs < 0 || rollout_secs < 0)
		return MAX(again_secs, rollout_secs);
	return MIN(again_secs, rollout_secs);
}

/**
 * uc_agent_decide:
 * @round: of this moment
 * @target: (nullable): %NULL for the machine without any device
 * @again_secs_out: (out) (optional): when what has no event is to be looked at again, seconds since
 *   the Unix epoch; -1 for never
 *
 * Returns: (transfer full): what the policy says at this very moment
 */
UcDecision *
uc_agent_decide(UcAgent *self, UcAgentRound *round, UcTarget *target, gint64 *again_secs_out)
{
	g_autoptr(UcPolicy) policy = uc_agent_select_policy(self, target);
	g_autoptr(UcFacts) facts = NULL;

	if (target != NULL)
		uc_agent_choose(self, target, policy);
	facts = uc_agent_collect_facts(self, round, target, policy);
	if (again_secs_out != NULL)
		*again_secs_out = uc_agent_get_again_secs(self, target, policy, facts);
	return uc_policy_decide(policy, facts, uc_agent_now_secs(self), round->zone);
}

/* what the agent does itself for a human who said "force" is forced too; D-Bus `Activate` of fwupd
 * carries no flags */
static gboolean
uc_agent_is_forcing(UcAgent *self, const gchar *endpoint)
{
	return self->active != NULL && self->active->update->course.human_force &&
	       (self->work == UC_AGENT_STAGING || self->work == UC_AGENT_ACTIVATING) &&
	       g_strcmp0(self->active->id, endpoint) == 0;
}

/* what the agent does itself is decided already: a human's word or a prompt may take the place of
 * idleness */
static gboolean
uc_agent_is_staging(UcAgent *self, const gchar *endpoint)
{
	return self->active != NULL && self->work == UC_AGENT_STAGING &&
	       g_strcmp0(self->active->id, endpoint) == 0;
}

static gboolean
uc_agent_is_idle_enough(UcAgent *self, const gchar *endpoint, gchar **reason_out)
{
	UcTarget *target = g_hash_table_lookup(self->targets, endpoint);
	g_autoptr(UcPolicy) policy = uc_agent_select_policy(self, target);
	gint64 idle_secs = uc_room_get_idle_secs(self->room);
	g_autofree gchar *present = g_strdup_printf("%" G_GINT64_FORMAT, idle_secs);
	g_autofree gchar *needed = g_strdup_printf("%" G_GINT64_FORMAT, policy->idle_secs);

	if (idle_secs >= policy->idle_secs || uc_agent_is_staging(self, endpoint))
		return TRUE;
	/* Translators: both are numbers of seconds */
	*reason_out = g_strdup_printf(_("somebody was here %s seconds ago, and this step needs %s "
					"seconds without anybody"),
				      present,
				      needed);
	return FALSE;
}

/* by hand neither: the organisation has taken it back */
static gboolean
uc_agent_is_withdrawn(UcAgent *self, const gchar *endpoint, const gchar *step, gchar **reason_out)
{
	UcTarget *target = g_hash_table_lookup(self->targets, endpoint);

	if (target == NULL || !target->update->course.withdrawn || !g_str_equal(step, "activate"))
		return FALSE;
	*reason_out =
	    g_strdup_printf(_("version %s was withdrawn"), target->update->course.image.version);
	return TRUE;
}

/* in the journal at once; in the history and the report with what the step leads to */
static void
uc_agent_note_forced(UcAgent *self, const gchar *endpoint, const gchar *reason)
{
	UcTarget *target = g_hash_table_lookup(self->targets, endpoint);

	if (reason != NULL)
		uc_journal_log("forced", endpoint, NULL, reason);
	if (target == NULL)
		return;
	g_free(target->forced);
	target->forced = g_strdup(reason);
}

/**
 * uc_agent_check_step:
 * @endpoint: the `Id` of the endpoint file
 * @step: `stage`, `write` or `activate`
 * @forced: passes a call and an unknown state only
 * @allowed_out: (out): whether the step may happen now
 * @reason_out: (out) (transfer full): a sentence for people
 * @error: set to %UC_ERROR_INVALID for an unknown step
 *
 * The plugin's question. Answers at once from the facts of this very moment.
 */
gboolean
uc_agent_check_step(UcAgent *self,
		    const gchar *endpoint,
		    const gchar *step,
		    gboolean forced,
		    gboolean *allowed_out,
		    gchar **reason_out,
		    GError **error)
{
	static const gchar *const steps[] = {"stage", "write", "activate", NULL};
	UcUse use = uc_room_get_use(self->room);
	g_autofree gchar *why = uc_room_get_reason(self->room);

	if (!g_strv_contains(steps, step)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "step is '%s', expected stage, write or activate",
			    step);
		return FALSE;
	}
	uc_agent_note_forced(self, endpoint, NULL);
	*allowed_out = !uc_agent_is_withdrawn(self, endpoint, step, reason_out);
	if (!*allowed_out)
		return TRUE;
	if (use != UC_USE_NONE && (forced || uc_agent_is_forcing(self, endpoint))) {
		*reason_out = g_strdup_printf(_("forced although the room is in use: %s"), why);
		uc_agent_note_forced(self, endpoint, *reason_out);
		return TRUE;
	}
	if (use != UC_USE_NONE) {
		*allowed_out = FALSE;
		*reason_out =
		    use == UC_USE_CALL
			? g_strdup_printf(_("the room is in use: %s"), why)
			: g_strdup_printf(_("it is not known whether the room is in use: %s"), why);
		return TRUE;
	}
	if (g_str_equal(step, "write") && !uc_agent_is_idle_enough(self, endpoint, reason_out)) {
		*allowed_out = FALSE;
		return TRUE;
	}
	*reason_out = g_strdup(_("the room is not in use"));
	return TRUE;
}
