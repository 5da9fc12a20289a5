/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gi18n-lib.h>

#include "uc-agent-private.h"
#include "uc-downloads.h"
#include "uc-error.h"

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

	facts->use = uc_room_get_use(self->room);
	if (facts->use != UC_USE_NONE)
		facts->use_reason = uc_room_get_reason(self->room);
	facts->idle_secs = uc_room_get_idle_secs(self->room);
	facts->last_check_secs = self->last_check_secs;
	facts->check_retry_secs = self->check_retry_secs;
	if (target == NULL)
		return facts;
	release = uc_target_get_release(target);
	downloaded = release != NULL && uc_downloads_has(uc_target_get_sha256(release));
	facts->progress = uc_target_get_progress(target, downloaded);
	facts->version = g_strdup(uc_target_get_version_new(target));
	facts->failed_before = uc_target_failed_before(target);
	facts->human_now = target->human_now;
	facts->human_force = target->human_force;
	facts->retry_secs = target->retry_secs;
	facts->restart_by_agent = self->restart_by_agent && !target->restart_asked;
	return facts;
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
	g_autoptr(UcPolicy) policy = uc_agent_build_policy(self);
	g_autoptr(GTimeZone) zone = g_time_zone_new_local();

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
		g_warning("%s of %s was forced although the room is in use: %s",
			  step,
			  endpoint,
			  why);
		*reason_out = g_strdup_printf(_("forced although the room is in use: %s"), why);
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
