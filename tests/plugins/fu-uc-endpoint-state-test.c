/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-endpoint-running.h"
#include "fu-uc-test.h"

static FuUcEndpointRecord record = {
    .sha256 = (gchar *)"aaaa",
    .size = 5,
    .version = (gchar *)"2.0",
    .slot = (gchar *)"B",
};

static void
test_round_trip(void)
{
	g_autofree gchar *directory = fu_uc_test_make_directory();
	g_autofree gchar *path = g_build_filename(directory, "sub", "codec.state", NULL);
	g_autoptr(FuUcEndpointState) state = fu_uc_endpoint_state_new(path);
	g_autoptr(FuUcEndpointState) again = fu_uc_endpoint_state_new(path);
	const FuUcEndpointRecord *found = NULL;
	g_autoptr(GError) error = NULL;

	g_assert_true(fu_uc_endpoint_state_load(state, &error));
	g_assert_null(fu_uc_endpoint_state_get_staged(state));
	fu_uc_endpoint_state_set_staged(state, &record);
	g_assert_true(fu_uc_endpoint_state_save(state, &error));
	g_assert_true(fu_uc_endpoint_state_load(again, &error));
	found = fu_uc_endpoint_state_get_staged(again);
	g_assert_cmpstr(found->sha256, ==, "aaaa");
	g_assert_cmpuint(found->size, ==, 5);
	g_assert_cmpstr(found->slot, ==, "B");
	fu_uc_endpoint_state_set_activated(again, "boot-1");
	g_assert_true(fu_uc_endpoint_state_save(again, &error));
	g_assert_true(fu_uc_endpoint_state_load(state, &error));
	g_assert_null(fu_uc_endpoint_state_get_staged(state));
	g_assert_cmpstr(fu_uc_endpoint_state_get_activated(state)->boot_id, ==, "boot-1");
	fu_uc_test_remove_directory(g_steal_pointer(&directory));
}

/* what a power cut leaves while something takes the place of what is activated */
static void
test_replacing(void)
{
	FuUcEndpointRecord replacing = {
	    .sha256 = (gchar *)"bbbb",
	    .size = 7,
	    .version = (gchar *)"3.0",
	    .slot = (gchar *)"B",
	    .boot_id = (gchar *)"boot-2",
	};
	g_autofree gchar *directory = fu_uc_test_make_directory();
	g_autofree gchar *path = g_build_filename(directory, "codec.state", NULL);
	g_autoptr(FuUcEndpointState) state = fu_uc_endpoint_state_new(path);
	g_autoptr(GError) error = NULL;

	fu_uc_endpoint_state_set_staged(state, &record);
	fu_uc_endpoint_state_set_activated(state, "boot-1");
	fu_uc_endpoint_state_set_replacing(state, &replacing);
	g_assert_true(fu_uc_endpoint_state_save(state, &error));
	g_assert_true(fu_uc_endpoint_state_load(state, &error));
	g_assert_cmpstr(fu_uc_endpoint_state_get_activated(state)->version, ==, "2.0");
	g_assert_cmpstr(fu_uc_endpoint_state_get_replacing(state)->sha256, ==, "bbbb");
	fu_uc_endpoint_state_end_replacing(state, FALSE, TRUE);
	g_assert_null(fu_uc_endpoint_state_get_replacing(state));
	g_assert_cmpstr(fu_uc_endpoint_state_get_activated(state)->version, ==, "2.0");
	g_assert_true(fu_uc_endpoint_state_load(state, &error));
	fu_uc_endpoint_state_end_replacing(state, TRUE, TRUE);
	g_assert_null(fu_uc_endpoint_state_get_replacing(state));
	g_assert_cmpstr(fu_uc_endpoint_state_get_activated(state)->version, ==, "3.0");
	g_assert_cmpstr(fu_uc_endpoint_state_get_activated(state)->boot_id, ==, "boot-2");
	g_assert_true(fu_uc_endpoint_state_load(state, &error));
	fu_uc_endpoint_state_end_replacing(state, TRUE, FALSE);
	g_assert_null(fu_uc_endpoint_state_get_activated(state));
	g_assert_cmpint(fu_uc_endpoint_state_get_outcome(state),
			==,
			FU_UC_ENDPOINT_OUTCOME_SUCCESS);
	fu_uc_test_remove_directory(g_steal_pointer(&directory));
}

static void
test_broken(void)
{
	g_autofree gchar *directory = fu_uc_test_make_directory();
	g_autofree gchar *path = g_build_filename(directory, "codec.state", NULL);
	g_autoptr(FuUcEndpointState) state = fu_uc_endpoint_state_new(path);
	g_autoptr(GError) error = NULL;

	fu_uc_test_write(directory, "codec.state", "\x01 no keyfile");
	g_assert_false(fu_uc_endpoint_state_load(state, &error));
	g_assert_error(error, FWUPD_ERROR, FWUPD_ERROR_READ);
	g_assert_null(fu_uc_endpoint_state_get_staged(state));
	fu_uc_test_remove_directory(g_steal_pointer(&directory));
}

static void
test_reconcile(void)
{
	static const struct {
		gboolean activated; /* in boot-1 */
		FuUcEndpointRunning running;
		gboolean changed;
		gboolean staged_after;
		gboolean activated_after;
		FuUcEndpointOutcome outcome;
	} table[] = {
	    /* still staged: same boot, next boot */
	    {FALSE, {"A", "1.0", "A", "boot-1"}, FALSE, TRUE, FALSE, FU_UC_ENDPOINT_OUTCOME_NONE},
	    {FALSE, {"A", "1.0", "", "boot-2"}, FALSE, TRUE, FALSE, FU_UC_ENDPOINT_OUTCOME_NONE},
	    /* cut off between switch and record, and the same after a restart */
	    {FALSE, {"A", "1.0", "B", "boot-1"}, TRUE, FALSE, TRUE, FU_UC_ENDPOINT_OUTCOME_NONE},
	    {FALSE,
	     {"B", "2.0", "B", "boot-2"},
	     TRUE,
	     FALSE,
	     FALSE,
	     FU_UC_ENDPOINT_OUTCOME_SUCCESS},
	    /* activated: before the restart, after it, fallen back, wrong version */
	    {TRUE, {"A", "1.0", "B", "boot-1"}, FALSE, FALSE, TRUE, FU_UC_ENDPOINT_OUTCOME_NONE},
	    {TRUE, {"B", "2.0", "B", "boot-2"}, TRUE, FALSE, FALSE, FU_UC_ENDPOINT_OUTCOME_SUCCESS},
	    {TRUE, {"A", "1.0", "A", "boot-2"}, TRUE, FALSE, FALSE, FU_UC_ENDPOINT_OUTCOME_FAILED},
	    {TRUE, {"B", "1.9", "B", "boot-2"}, TRUE, FALSE, FALSE, FU_UC_ENDPOINT_OUTCOME_FAILED},
	};
	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(FuUcEndpointState) state = fu_uc_endpoint_state_new("/nonexistent");

		fu_uc_endpoint_state_set_staged(state, &record);
		if (table[i].activated)
			fu_uc_endpoint_state_set_activated(state, "boot-1");
		g_assert_cmpint(fu_uc_endpoint_running_reconcile(&table[i].running, state),
				==,
				table[i].changed);
		g_assert_cmpint(fu_uc_endpoint_state_get_staged(state) != NULL,
				==,
				table[i].staged_after);
		g_assert_cmpint(fu_uc_endpoint_state_get_activated(state) != NULL,
				==,
				table[i].activated_after);
		g_assert_cmpint(fu_uc_endpoint_state_get_outcome(state), ==, table[i].outcome);
		g_assert_cmpint(fu_uc_endpoint_state_has_failed(state, "aaaa"),
				==,
				table[i].outcome == FU_UC_ENDPOINT_OUTCOME_FAILED);
		g_assert_false(fu_uc_endpoint_running_reconcile(&table[i].running, state));
	}
}

/* what is activated runs, and the boot loader may still go back */
static void
test_trial(void)
{
	g_autoptr(FuUcEndpointState) state = fu_uc_endpoint_state_new("/nonexistent");
	FuUcEndpointRunning running = {"B", "2.0", "B", "boot-2", TRUE, NULL};

	fu_uc_endpoint_state_set_staged(state, &record);
	fu_uc_endpoint_state_set_activated(state, "boot-1");
	g_assert_false(fu_uc_endpoint_running_reconcile(&running, state));
	g_assert_true(fu_uc_endpoint_state_is_trial(state));
	g_assert_nonnull(fu_uc_endpoint_state_get_activated(state));
	running.unconfirmed = FALSE;
	g_assert_true(fu_uc_endpoint_running_reconcile(&running, state));
	g_assert_false(fu_uc_endpoint_state_is_trial(state));
	g_assert_cmpint(fu_uc_endpoint_state_get_outcome(state),
			==,
			FU_UC_ENDPOINT_OUTCOME_SUCCESS);
}

/* the same after an activation that was cut off, and then back with a complaint */
static void
test_trial_back(void)
{
	g_autoptr(FuUcEndpointState) state = fu_uc_endpoint_state_new("/nonexistent");
	FuUcEndpointRunning trial = {"B", "2.0", "B", "boot-2", TRUE, NULL};
	FuUcEndpointRunning back = {"A", "1.0", "A", "boot-3", FALSE, "no sound"};

	fu_uc_endpoint_state_set_staged(state, &record);
	g_assert_true(fu_uc_endpoint_running_reconcile(&trial, state));
	g_assert_true(fu_uc_endpoint_state_is_trial(state));
	g_assert_false(fu_uc_endpoint_running_reconcile(&trial, state));
	g_assert_true(fu_uc_endpoint_running_reconcile(&back, state));
	g_assert_false(fu_uc_endpoint_state_is_trial(state));
	g_assert_true(fu_uc_endpoint_state_has_failed(state, "aaaa"));
	g_assert_cmpstr(fu_uc_endpoint_state_get_reason(state),
			==,
			"version 2.0 in slot B was activated, but after the restart version 1.0 in "
			"slot A runs: no sound");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/state/round-trip", test_round_trip);
	g_test_add_func("/state/replacing", test_replacing);
	g_test_add_func("/state/broken", test_broken);
	g_test_add_func("/state/reconcile", test_reconcile);
	g_test_add_func("/state/trial", test_trial);
	g_test_add_func("/state/trial-back", test_trial_back);
	return g_test_run();
}
