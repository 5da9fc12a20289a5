/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What an organisation may want, at random. */

#include "uc-civil.h"
#include "uc-life.h"

static void
choose_windows(UcLife *self)
{
	UcWindow window = {0, 0, UC_WINDOW_ALL_DAYS};

	if (uc_life_draw(self, 3) == 0)
		uc_policy_set_window(self->policy,
				     (gint)uc_life_draw(self, 1440),
				     (gint)uc_life_draw(self, 1441));
	if (uc_life_draw(self, 4) != 0)
		return;
	window.start_mins = (gint)uc_life_draw(self, 1440);
	window.end_mins = (gint)uc_life_draw(self, 1441);
	window.weekdays = 1 + uc_life_draw(self, UC_WINDOW_ALL_DAYS);
	g_array_append_val(self->policy->windows, window);
}

static void
choose_dates(UcLife *self)
{
	gint64 first = uc_civil_to_day(2026, 1, 1) + uc_life_draw(self, 365);
	UcDates dates = {first, first + uc_life_draw(self, 60)};

	if (uc_life_draw(self, 2) == 0)
		g_array_append_val(self->policy->blocked_dates, dates);
}

/* every release may have one; none is halted yet */
static void
choose_rollouts(UcLife *self)
{
	for (guint i = UC_RIG_ONE; i <= UC_RIG_RELEASES; i++) {
		UcRollout rollout = {.version = (gchar *)uc_rig_get_version(i),
				     .start_secs =
					 self->rig.now_secs + uc_life_draw(self, 300) * 86400,
				     .duration_secs = uc_life_draw(self, 10) * 86400,
				     .percent = uc_life_draw(self, 8) == 0 ? 50 : 100};

		if (uc_life_draw(self, 4) == 0)
			uc_policy_add_rollout(self->policy, &rollout);
	}
}

/**
 * uc_life_choose_policy:
 *
 * For the whole life, but for what is halted.
 */
void
uc_life_choose_policy(UcLife *self)
{
	UcPolicy *policy = self->policy;

	policy->style = uc_life_draw(self, 2);
	policy->restart_prompt = uc_life_draw(self, 3);
	policy->first_update = uc_life_draw(self, 4) == 0 ? UC_FIRST_UPDATE_NORMAL
							  : UC_FIRST_UPDATE_MANDATORY;
	policy->spread_secs = uc_life_draw(self, 4) * 1800;
	policy->apply_on_shutdown = uc_life_draw(self, 2);
	self->rig.two_steps = uc_life_draw(self, 8) == 0;
	if (uc_life_draw(self, 2) == 0) {
		policy->deadline_secs[UC_SEVERITY_MEDIUM] = (1 + uc_life_draw(self, 20)) * 86400;
		policy->hard_deadline_secs = uc_life_draw(self, 2) * 30 * 86400;
	}
	choose_windows(self);
	choose_dates(self);
	choose_rollouts(self);
	if (uc_life_draw(self, 8) == 0)
		g_ptr_array_add(
		    policy->blocked_versions,
		    g_strdup(uc_rig_get_version(1 + uc_life_draw(self, UC_RIG_RELEASES))));
}
