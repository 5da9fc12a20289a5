/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gi18n-lib.h>

#include "uc-agent-private.h"
#include "uc-downloads.h"
#include "uc-error.h"
#include "uc-journal.h"
#include "uc-policy-select.h"
#include "uc-zone-load.h"

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

static void
uc_agent_collect_endpoint(UcFacts *facts, UcTarget *target, FwupdRelease *release)
{
	facts->endpoint = g_strdup(target->id);
	if (target->endpoint != NULL) {
		facts->vendor = g_strdup(target->endpoint->vendor);
		facts->model = g_strdup(target->endpoint->model);
	}
	if (release != NULL) {
		facts->severity = uc_agent_get_severity(release);
		facts->duration_secs = MIN(fwupd_release_get_install_duration(release), 86400);
	}
}

/* what goes on around the endpoint, the same for all of them */
static void
uc_agent_collect_surroundings(UcAgent *self, UcFacts *facts)
{
	g_autoptr(UcPolicy) policy = uc_agent_build_policy(self);

	uc_room_fill_facts(self->room, policy->idle_secs, facts);
	uc_surroundings_fill_facts(self->surroundings, facts);
	/* what fwupd does for us is not another update */
	if (self->work == UC_AGENT_STAGING || self->work == UC_AGENT_ACTIVATING)
		facts->other_update = FALSE;
	facts->shutdown = self->shutdown != NULL && uc_shutdown_is_under_way(self->shutdown);
}

/**
 * uc_agent_collect_facts:
 * @target: (nullable): %NULL for the machine without any device
 *
 * Returns: (transfer full): what is known at this very moment
 */
UcFacts *
uc_agent_collect_facts(UcAgent *self, UcTarget *target)
{
	UcFacts *facts = uc_facts_new();
	FwupdRelease *release = NULL;
	gboolean downloaded = FALSE;

	uc_agent_collect_surroundings(self, facts);
	facts->last_check_secs = self->last_check_secs;
	facts->check_retry_secs = self->check_retry_secs;
	if (target == NULL)
		return facts;
	release = uc_target_get_release(target);
	downloaded = release != NULL && uc_downloads_has(uc_target_get_sha256(release));
	facts->progress = uc_target_get_progress(target, downloaded);
	facts->version = g_strdup(uc_target_get_version_new(target));
	uc_agent_collect_endpoint(facts, target, release);
	uc_surroundings_fill_disk(facts, release != NULL ? fwupd_release_get_size(release) : 0);
	facts->failed_before = uc_target_failed_before(target);
	facts->human_now = target->human_now;
	facts->human_force = target->human_force;
	facts->retry_secs = target->retry_secs;
	facts->restart_by_agent = self->restart_by_agent && !target->restart_asked;
	return facts;
}

/**
 * uc_agent_get_surroundings_secs:
 *
 * Returns: when what has no event is to be looked at again, seconds since the Unix epoch; -1 for
 * never
 */
gint64
uc_agent_get_surroundings_secs(UcAgent *self, UcTarget *target)
{
	g_autoptr(UcFacts) facts = uc_agent_collect_facts(self, target);

	return uc_surroundings_get_next_secs(facts, uc_agent_now_secs(self));
}

/**
 * uc_agent_build_policy:
 *
 * Returns: (transfer full): the organisation's policy, narrowed by the local configuration
 */
UcPolicy *
uc_agent_build_policy(UcAgent *self)
{
	UcPolicy *policy = uc_policy_copy(uc_service_link_get_policy(self->link));

	policy->idle_secs = MAX(policy->idle_secs, self->idle_min_secs);
	return policy;
}

/**
 * uc_agent_decide:
 * @target: (nullable): %NULL for the machine without any device
 *
 * Returns: (transfer full): what the policy says at this very moment
 */
UcDecision *
uc_agent_decide(UcAgent *self, UcTarget *target)
{
	g_autoptr(UcFacts) facts = uc_agent_collect_facts(self, target);
	const UcSubject subject = {facts->endpoint, facts->vendor, facts->model, NULL};
	g_autoptr(UcPolicy) all = uc_agent_build_policy(self);
	g_autoptr(UcPolicy) policy = uc_policy_select(all, &subject);
	const UcPolicyLimits limits = {.idle_secs = self->idle_min_secs};
	g_autoptr(UcZone) zone = uc_zone_load_local(NULL); /* it may change at any time */

	uc_policy_narrow(policy, &limits);
	return uc_policy_decide(policy, facts, uc_agent_now_secs(self), zone);
}

/* what the agent does itself for a human who said "force" is forced too; D-Bus `Activate` of fwupd
 * carries no flags */
static gboolean
uc_agent_is_forcing(UcAgent *self, const gchar *endpoint)
{
	return self->active != NULL && self->active->human_force &&
	       (self->work == UC_AGENT_STAGING || self->work == UC_AGENT_ACTIVATING) &&
	       g_strcmp0(self->active->id, endpoint) == 0;
}

static gboolean
uc_agent_is_idle_enough(UcAgent *self, gchar **reason_out)
{
	g_autoptr(UcPolicy) policy = uc_agent_build_policy(self);
	gint64 idle_secs = uc_room_get_idle_secs(self->room);

	if (idle_secs >= policy->idle_secs)
		return TRUE;
	*reason_out = g_strdup_printf(_("somebody was here %" G_GINT64_FORMAT
					" seconds ago, and this step needs %" G_GINT64_FORMAT
					" seconds without anybody"),
				      idle_secs,
				      policy->idle_secs);
	return FALSE;
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
	*allowed_out = TRUE;
	if (use != UC_USE_NONE && (forced || uc_agent_is_forcing(self, endpoint))) {
		*reason_out = g_strdup_printf(_("forced although the room is in use: %s"), why);
		uc_journal_log("forced", endpoint, NULL, *reason_out);
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
	if (g_str_equal(step, "write") && !uc_agent_is_idle_enough(self, reason_out)) {
		*allowed_out = FALSE;
		return TRUE;
	}
	*reason_out = g_strdup(_("the room is not in use"));
	return TRUE;
}
