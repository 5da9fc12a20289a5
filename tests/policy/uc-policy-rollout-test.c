/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-policy-judge.h"
#include "uc-rollout.h"
#include "uc-zone-load.h"

#define BEGIN G_GINT64_CONSTANT(1772323200)
#define MANY  2000

/* whether the endpoint may have the release at that moment */
static gboolean
has_it(const UcPolicy *policy, guint endpoint, gint64 now_secs)
{
	g_autoptr(UcFacts) facts = uc_facts_new();
	UcVerdict verdict = {0};

	facts->endpoint = g_strdup_printf("endpoint-%u", endpoint);
	facts->version = g_strdup("1.1.0");
	facts->use = UC_USE_NONE;
	facts->progress = UC_PROGRESS_AVAILABLE;
	facts->last_check_secs = now_secs;
	uc_policy_judge(policy, facts, now_secs, NULL, &verdict);
	return verdict.action == UC_ACTION_DOWNLOAD;
}

/* the share grows with time, and nobody who is in drops out */
static void
test_monotone(void)
{
	g_autoptr(UcPolicy) policy = uc_policy_new();
	const UcRollout rollout = {.version = (gchar *)"1.1.0",
				   .start_secs = BEGIN,
				   .duration_secs = 10000,
				   .percent = 50};
	gboolean had[MANY] = {FALSE};

	uc_policy_add_rollout(policy, &rollout);
	for (gint64 part = -1; part <= 12; part++) {
		guint count = 0;

		for (guint i = 0; i < MANY; i++) {
			gboolean has = has_it(policy, i, BEGIN + part * 1000);

			g_assert_true(has || !had[i]);
			had[i] = has;
			count += has;
		}
		g_assert_cmpint(ABS((gint)count - (gint)(CLAMP(part, 0, 10) * MANY / 20)), <, 80);
	}
}

/* the moment at which an endpoint may have it is known before */
static void
test_next(void)
{
	g_autoptr(UcPolicy) policy = uc_policy_new();
	UcRollout rollout = {.version = (gchar *)"1.1.0",
			     .start_secs = BEGIN,
			     .duration_secs = 10000,
			     .percent = 100};
	gint64 at_secs = 0;

	g_assert_cmpint(uc_rollout_get_next_secs(policy, "one", "1.1.0", BEGIN), ==, -1);
	uc_policy_add_rollout(policy, &rollout);
	at_secs = uc_rollout_get_next_secs(policy, "one", "1.1.0", BEGIN - 1);
	g_assert_cmpint(at_secs, >=, BEGIN);
	g_assert_cmpint(uc_rollout_get_next_secs(policy, "one", "1.1.0", at_secs - 1), ==, at_secs);
	g_assert_false(uc_rollout_reaches(policy, "one", "1.1.0", at_secs - 1));
	g_assert_cmpint(uc_rollout_get_next_secs(policy, "one", "1.1.0", at_secs), ==, -1);
	g_assert_true(uc_rollout_reaches(policy, "one", "1.1.0", at_secs));
	g_assert_cmpint(uc_rollout_get_next_secs(policy, "one", "1.2.0", BEGIN - 1), ==, -1);
	/* neither of the two ends at a moment */
	rollout.halted = TRUE;
	uc_policy_add_rollout(policy, &rollout);
	g_assert_cmpint(uc_rollout_get_next_secs(policy, "one", "1.1.0", BEGIN - 1), ==, -1);
	rollout.halted = FALSE;
	rollout.percent = 0;
	uc_policy_add_rollout(policy, &rollout);
	g_assert_cmpint(uc_rollout_get_next_secs(policy, "one", "1.1.0", BEGIN - 1), ==, -1);
}

/* the own moments of a window fill the hour, and are the same every night */
static void
test_spread(void)
{
	g_autoptr(UcPolicy) policy = uc_policy_new();
	g_autoptr(UcZone) zone = uc_zone_load("UTC0", NULL);
	guint parts[4] = {0};

	for (guint i = 0; i < MANY; i++) {
		g_autoptr(UcFacts) facts = uc_facts_new();
		UcVerdict one = {0};
		UcVerdict two = {0};
		gint64 offset = 0;

		facts->endpoint = g_strdup_printf("endpoint-%u", i);
		uc_policy_judge(policy, facts, BEGIN + 43200, zone, &one);
		uc_policy_judge(policy, facts, BEGIN + 43200 + 86400, zone, &two);
		g_assert_cmpint(two.spread_secs - one.spread_secs, ==, 86400);
		offset = one.spread_secs - (BEGIN + 72000);
		g_assert_cmpint(offset, >=, 0);
		g_assert_cmpint(offset, <=, 3600);
		parts[MIN(offset / 900, 3)]++;
	}
	for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
		g_assert_cmpint(ABS((gint)parts[i] - MANY / 4), <, 80);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/rollout/monotone", test_monotone);
	g_test_add_func("/rollout/next", test_next);
	g_test_add_func("/rollout/spread", test_spread);
	return g_test_run();
}
