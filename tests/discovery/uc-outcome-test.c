/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-error.h"
#include "uc-outcome.h"

static void
uc_outcome_test_errors(void)
{
	static const UcOutcome outcomes[UC_ERROR_LAST] = {
	    [UC_ERROR_FAILED] = UC_OUTCOME_UNREACHABLE,
	    [UC_ERROR_INVALID] = UC_OUTCOME_REFUSED,
	    [UC_ERROR_NOT_FOUND] = UC_OUTCOME_NONE,
	    [UC_ERROR_TEMPORARY] = UC_OUTCOME_UNREACHABLE,
	    [UC_ERROR_REFUSED] = UC_OUTCOME_REFUSED,
	    [UC_ERROR_SIGNATURE] = UC_OUTCOME_REFUSED,
	    [UC_ERROR_EXPIRED] = UC_OUTCOME_REFUSED,
	    [UC_ERROR_ROLLBACK] = UC_OUTCOME_REFUSED,
	    [UC_ERROR_LIMIT] = UC_OUTCOME_REFUSED,
	    [UC_ERROR_CLOCK] = UC_OUTCOME_UNREACHABLE,
	    [UC_ERROR_DENIED] = UC_OUTCOME_UNREACHABLE,
	    [UC_ERROR_IN_USE] = UC_OUTCOME_UNREACHABLE,
	};

	for (guint code = 0; code < UC_ERROR_LAST; code++) {
		g_autoptr(GError) error = g_error_new_literal(UC_ERROR, (gint)code, "x");

		g_assert_cmpint(uc_outcome_from_error(error), ==, outcomes[code]);
	}
}

static void
uc_outcome_test_exit_status(void)
{
	static const struct {
		UcOutcome outcome;
		const gchar *name;
		gint status;
	} table[] = {{UC_OUTCOME_FOUND, "found", 0},
		     {UC_OUTCOME_NONE, "none", 3},
		     {UC_OUTCOME_UNREACHABLE, "unreachable", 4},
		     {UC_OUTCOME_REFUSED, "refused", 5}};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_assert_cmpstr(uc_outcome_to_string(table[i].outcome), ==, table[i].name);
		g_assert_cmpint(uc_outcome_to_exit_status(table[i].outcome), ==, table[i].status);
	}
}

/* found, else unreachable, else refused, else none, in either order */
static void
uc_outcome_test_merge(void)
{
	static const UcOutcome order[] = {UC_OUTCOME_FOUND,
					  UC_OUTCOME_UNREACHABLE,
					  UC_OUTCOME_REFUSED,
					  UC_OUTCOME_NONE};

	for (guint i = 0; i < G_N_ELEMENTS(order); i++) {
		for (guint j = i; j < G_N_ELEMENTS(order); j++) {
			g_assert_cmpint(uc_outcome_merge(order[i], order[j]), ==, order[i]);
			g_assert_cmpint(uc_outcome_merge(order[j], order[i]), ==, order[i]);
		}
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/outcome/errors", uc_outcome_test_errors);
	g_test_add_func("/outcome/exit-status", uc_outcome_test_exit_status);
	g_test_add_func("/outcome/merge", uc_outcome_test_merge);
	return g_test_run();
}
