/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One round of decisions. What is the same for every endpoint of the machine is found out once: the
 * zone, power, clock, network and disk, and what the endpoints mean for each other.
 */

#include "uc-agent-private.h"
#include "uc-zone-load.h"

/**
 * uc_agent_round_is_ready:
 *
 * Returns: whether it is about to change what people notice, if nothing but the room stands in the
 * way
 */
gboolean
uc_agent_round_is_ready(UcTarget *target)
{
	const UcCourse *course = &target->update->course;
	UcProgress progress = uc_course_get_progress(course);
	gboolean in_place =
	    target->endpoint != NULL && uc_endpoint_writes_in_place(target->endpoint);

	return !course->withdrawn && !uc_course_failed_before(course) &&
	       (progress == UC_PROGRESS_STAGED || (progress == UC_PROGRESS_DOWNLOADED && in_place));
}

/* a child that waits for something of its own (its rollout, a halt) holds nobody up */
static gboolean
uc_agent_is_held(UcTarget *target)
{
	static const gchar *const reasons[] =
	    {"failed", "withdrawn", "blocked", "halted", "rollout", "retry", NULL};

	return target->decision != NULL && g_strv_contains(reasons, target->decision->reason_id);
}

/**
 * uc_agent_round_note:
 * @target: one whose course, release or decision may be another one now
 */
void
uc_agent_round_note(UcAgentRound *self, UcTarget *target)
{
	const UcNeighbour neighbour = {
	    .parent = target->endpoint != NULL ? target->endpoint->parent : NULL,
	    .duration_secs = uc_target_get_duration_secs(target),
	    .on_trial = uc_target_is_on_trial(target),
	    .ready = uc_agent_round_is_ready(target),
	    .held = uc_agent_is_held(target),
	};

	uc_neighbours_set(self->neighbours, target->id, &neighbour);
}

/**
 * uc_agent_round_new:
 *
 * Reads a few small files. It holds for as long as the caller does not go back to the main loop.
 *
 * Returns: (transfer full): what the next decisions have in common
 */
UcAgentRound *
uc_agent_round_new(UcAgent *agent)
{
	UcAgentRound *self = g_new0(UcAgentRound, 1);
	GHashTableIter iter;
	gpointer value = NULL;

	self->zone = uc_zone_load_local(NULL); /* it may change at any time */
	self->surroundings = uc_facts_new();
	uc_surroundings_fill_facts(agent->surroundings, self->surroundings);
	uc_surroundings_fill_disk(self->surroundings, 0);
	self->neighbours = uc_neighbours_new();
	g_hash_table_iter_init(&iter, agent->targets);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		uc_agent_round_note(self, value);
	return self;
}

void
uc_agent_round_free(UcAgentRound *self)
{
	g_clear_pointer(&self->zone, uc_zone_free);
	g_clear_pointer(&self->surroundings, uc_facts_free);
	g_clear_pointer(&self->neighbours, uc_neighbours_free);
	g_free(self);
}
