/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One endpoint of a simulation: the policy function that endpoints have, from moment to moment, in
 * a room that nobody uses. Its looks for updates are spread over the poll interval, as those of
 * endpoints that were switched on at any time are.
 */

#include "uc-offer-policy.h"
#include "uc-policy-judge.h"
#include "uc-simulate-endpoint.h"
#include "uc-timeline.h"

static UcFacts *
uc_simulate_endpoint_new_facts(const UcSimulation *simulation,
			       const UcPolicy *policy,
			       const UcCheckinEndpoint *endpoint)
{
	UcFacts *facts = uc_facts_new();
	gint64 phase_secs = g_str_hash(endpoint->identity) % policy->poll_secs;

	facts->endpoint = g_strdup(endpoint->id != NULL ? endpoint->id : endpoint->identity);
	facts->vendor = g_strdup(endpoint->vendor);
	facts->model = g_strdup(endpoint->model);
	facts->use = UC_USE_NONE;
	facts->idle_secs = facts->free_secs = 86400;
	facts->busy_secs = -1;
	facts->progress = UC_PROGRESS_CURRENT;
	facts->call_source = facts->activity_source = TRUE;
	facts->clock_synchronised = facts->mains = TRUE;
	facts->restart_by_agent = TRUE;
	facts->last_check_secs = simulation->start_secs - policy->poll_secs + phase_secs;
	return facts;
}

/* what is offered does not change any more: looks for updates that do not find anything would use
 * up the steps that there are */
static void
uc_simulate_endpoint_offer(UcPolicy *policy, UcFacts *facts, const UcOffer *offer, gint64 now_secs)
{
	policy->poll_secs = UC_SIMULATE_DAYS_MAX * G_GINT64_CONSTANT(2 * 86400);
	facts->progress = UC_PROGRESS_AVAILABLE;
	facts->version = g_strdup(offer->version);
	facts->first_seen_secs = facts->last_idle_secs = now_secs;
}

/**
 * uc_simulate_endpoint:
 * @policies: as it would be published
 * @endpoint: as it checked in last
 * @offer: what it would be offered
 * @course_out: (out): when it would get it
 */
void
uc_simulate_endpoint(const UcSimulation *simulation,
		     const UcPolicy *policies,
		     const UcCheckinEndpoint *endpoint,
		     const UcOffer *offer,
		     UcSimulatedCourse *course_out)
{
	g_autoptr(UcPolicy) policy = uc_offer_policy_select(policies, endpoint);
	g_autoptr(UcFacts) facts = uc_simulate_endpoint_new_facts(simulation, policy, endpoint);
	gint64 now_secs = simulation->start_secs;
	gint64 end_secs = now_secs + (gint64)simulation->days * 86400;

	course_out->download_secs = course_out->done_secs = -1;
	for (guint i = 0; i < UC_TIMELINE_MAX_STEPS && now_secs < end_secs; i++) {
		UcVerdict verdict = {0};

		uc_policy_judge(policy, facts, now_secs, simulation->zone, &verdict);
		if (verdict.action == UC_ACTION_DOWNLOAD)
			course_out->download_secs = now_secs;
		if (verdict.action == UC_ACTION_RESTART) {
			course_out->done_secs = now_secs;
			return;
		}
		uc_timeline_apply(facts, &verdict, now_secs);
		if (verdict.action == UC_ACTION_CHECK && facts->progress == UC_PROGRESS_CURRENT)
			uc_simulate_endpoint_offer(policy, facts, offer, now_secs);
		if (verdict.action > UC_ACTION_WAIT)
			continue;
		if (verdict.next_secs < 0)
			return;
		uc_timeline_pass(facts, verdict.next_secs - now_secs);
		now_secs = verdict.next_secs;
	}
}
