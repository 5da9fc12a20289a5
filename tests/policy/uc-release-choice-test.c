/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-release-choice.h"

static gint
compare(const gchar *one, const gchar *two)
{
	return (gint)(g_ascii_strtod(one, NULL) * 10) - (gint)(g_ascii_strtod(two, NULL) * 10);
}

/* device pin, pending for a test device, model pin, approved */
static void
test_choose(void)
{
	static const UcCandidate candidates[] = {{"1.0", FALSE},
						 {"1.2", FALSE},
						 {"1.4", TRUE},
						 {"1.1", FALSE}};
	static const struct {
		const gchar *device_version;
		gboolean test_device;
		const gchar *use_version;
		gboolean or_newer;
		const gchar *blocked;
		const gchar *current;
		const gchar *chosen;
		UcChoiceReason reason;
	} rows[] = {
	    {NULL, FALSE, NULL, FALSE, NULL, "1.0", "1.2", UC_CHOICE_APPROVED},
	    {NULL, FALSE, NULL, FALSE, NULL, "1.2", NULL, UC_CHOICE_NOTHING},
	    {NULL, FALSE, NULL, FALSE, NULL, "1.3", NULL, UC_CHOICE_NOTHING},
	    {NULL, FALSE, NULL, FALSE, "1.2", "1.0", "1.1", UC_CHOICE_APPROVED},
	    /* exactly this version, older ones too */
	    {NULL, FALSE, "1.1", FALSE, NULL, "1.0", "1.1", UC_CHOICE_MODEL_PIN},
	    {NULL, FALSE, "1.1", FALSE, NULL, "1.2", "1.1", UC_CHOICE_MODEL_PIN},
	    {NULL, FALSE, "1.1", FALSE, NULL, "1.1", NULL, UC_CHOICE_NOTHING},
	    {NULL, FALSE, "1.9", FALSE, NULL, "1.1", NULL, UC_CHOICE_MISSING},
	    {NULL, FALSE, "1.1", FALSE, "1.1", "1.2", NULL, UC_CHOICE_MISSING},
	    {NULL, FALSE, "1.4", FALSE, NULL, "1.2", NULL, UC_CHOICE_MISSING},
	    /* this and newer */
	    {NULL, FALSE, "1.1", TRUE, NULL, "1.0", "1.2", UC_CHOICE_MODEL_PIN},
	    {NULL, FALSE, "1.1", TRUE, NULL, "1.3", NULL, UC_CHOICE_NOTHING},
	    {NULL, FALSE, "1.3", TRUE, NULL, "1.0", NULL, UC_CHOICE_NOTHING},
	    /* a test device gets what is pending, before a pin of the model */
	    {NULL, TRUE, "1.1", FALSE, NULL, "1.0", "1.4", UC_CHOICE_PENDING},
	    {NULL, TRUE, "1.1", FALSE, NULL, "1.4", "1.1", UC_CHOICE_MODEL_PIN},
	    {NULL, TRUE, NULL, FALSE, "1.4", "1.0", "1.2", UC_CHOICE_APPROVED},
	    /* a pin of the device before all */
	    {"1.0", TRUE, "1.1", FALSE, NULL, "1.2", "1.0", UC_CHOICE_DEVICE_PIN},
	    {"1.0", FALSE, "1.1", TRUE, NULL, "1.0", NULL, UC_CHOICE_NOTHING},
	    {"1.4", FALSE, NULL, FALSE, NULL, "1.0", NULL, UC_CHOICE_MISSING},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(UcPolicy) policy = uc_policy_new();
		UcChoiceReason reason = UC_CHOICE_NOTHING;
		const UcCandidate *chosen = NULL;

		g_test_message("row %u", i);
		policy->device_version = g_strdup(rows[i].device_version);
		policy->test_device = rows[i].test_device;
		policy->use_version = g_strdup(rows[i].use_version);
		policy->or_newer = rows[i].or_newer;
		if (rows[i].blocked != NULL)
			g_ptr_array_add(policy->blocked_versions, g_strdup(rows[i].blocked));
		chosen = uc_release_choose(policy,
					   candidates,
					   G_N_ELEMENTS(candidates),
					   rows[i].current,
					   compare,
					   &reason);
		g_assert_cmpstr(chosen != NULL ? chosen->version : NULL, ==, rows[i].chosen);
		g_assert_cmpint(reason, ==, rows[i].reason);
	}
}

/* one whose rollout has come goes before a newer one that is still to be waited for */
static void
test_waits(void)
{
	static const struct {
		const gchar *use_version;
		gboolean old_waits;
		gboolean new_waits;
		const gchar *chosen;
		UcChoiceReason reason;
	} rows[] = {
	    {NULL, FALSE, TRUE, "1.1", UC_CHOICE_APPROVED},
	    {NULL, TRUE, FALSE, "1.2", UC_CHOICE_APPROVED},
	    {NULL, TRUE, TRUE, "1.2", UC_CHOICE_APPROVED},
	    {"1.2", FALSE, TRUE, "1.2", UC_CHOICE_MODEL_PIN},
	    {"1.3", FALSE, TRUE, NULL, UC_CHOICE_MISSING},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		const UcCandidate candidates[] = {{"1.1", FALSE, rows[i].old_waits},
						  {"1.2", FALSE, rows[i].new_waits}};
		g_autoptr(UcPolicy) policy = uc_policy_new();
		UcChoiceReason reason = UC_CHOICE_NOTHING;
		const UcCandidate *chosen = NULL;

		g_test_message("row %u", i);
		policy->use_version = g_strdup(rows[i].use_version);
		chosen = uc_release_choose(policy, candidates, 2, "1.0", compare, &reason);
		g_assert_cmpstr(chosen != NULL ? chosen->version : NULL, ==, rows[i].chosen);
		g_assert_cmpint(reason, ==, rows[i].reason);
	}
}

/* what `restore` brought back does not count for hardware that it is not for */
static void
test_where_offered(void)
{
	static const struct {
		const gchar *use_version;
		gboolean old_waits;
		const gchar *current;
		const gchar *chosen;
		UcChoiceReason reason;
	} rows[] = {
	    {"1.1", FALSE, "1.2", "1.1", UC_CHOICE_MODEL_PIN},
	    {"1.1", TRUE, "1.2", "1.1", UC_CHOICE_MODEL_PIN},
	    {"1.1", FALSE, "1.1", NULL, UC_CHOICE_NOTHING},
	    {"1.0", FALSE, "1.2", NULL, UC_CHOICE_NOTHING},
	    {"1.0", FALSE, "1.1", "1.2", UC_CHOICE_APPROVED},
	    {"1.0", FALSE, "1.0", "1.2", UC_CHOICE_APPROVED},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		const UcCandidate candidates[] = {{"1.1", FALSE, rows[i].old_waits},
						  {"1.2", FALSE, FALSE}};
		g_autoptr(UcPolicy) policy = uc_policy_new();
		UcChoiceReason reason = UC_CHOICE_MISSING;
		const UcCandidate *chosen = NULL;

		g_test_message("row %u", i);
		policy->use_version = g_strdup(rows[i].use_version);
		policy->where_offered = TRUE;
		chosen =
		    uc_release_choose(policy, candidates, 2, rows[i].current, compare, &reason);
		g_assert_cmpstr(chosen != NULL ? chosen->version : NULL, ==, rows[i].chosen);
		g_assert_cmpint(reason, ==, rows[i].reason);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/release-choice/choose", test_choose);
	g_test_add_func("/release-choice/waits", test_waits);
	g_test_add_func("/release-choice/where-offered", test_where_offered);
	return g_test_run();
}
