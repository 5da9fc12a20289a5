/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-error.h"
#include "uc-outcome.h"

/**
 * uc_outcome_to_string:
 * @outcome: an outcome
 *
 * Returns: its name in the JSON of `ucupdates-discover`
 */
const gchar *
uc_outcome_to_string(UcOutcome outcome)
{
	static const gchar *const names[] = {"found", "none", "unreachable", "refused"};

	G_STATIC_ASSERT(G_N_ELEMENTS(names) == UC_OUTCOME_LAST);
	g_return_val_if_fail(outcome < UC_OUTCOME_LAST, NULL);
	return names[outcome];
}

/**
 * uc_outcome_to_exit_status:
 * @outcome: an outcome
 *
 * Returns: the exit status of `ucupdates-discover` (DESIGN.md, "Contracts")
 */
gint
uc_outcome_to_exit_status(UcOutcome outcome)
{
	static const gint statuses[] = {0, 3, 4, 5};

	G_STATIC_ASSERT(G_N_ELEMENTS(statuses) == UC_OUTCOME_LAST);
	g_return_val_if_fail(outcome < UC_OUTCOME_LAST, 1);
	return statuses[outcome];
}

/**
 * uc_outcome_from_error:
 * @error: why a service that DNS named is not used
 *
 * Whatever is neither surely absent nor refused by us could not be told, also a service that wants
 * credentials and a failure of this machine.
 *
 * Returns: the outcome
 */
UcOutcome
uc_outcome_from_error(const GError *error)
{
	if (g_error_matches(error, UC_ERROR, UC_ERROR_NOT_FOUND))
		return UC_OUTCOME_NONE;
	return uc_error_is_refusal(error) ? UC_OUTCOME_REFUSED : UC_OUTCOME_UNREACHABLE;
}

/* found > could not tell > refused > none */
static guint
uc_outcome_get_rank(UcOutcome outcome)
{
	static const guint ranks[] = {3, 0, 2, 1};

	G_STATIC_ASSERT(G_N_ELEMENTS(ranks) == UC_OUTCOME_LAST);
	return ranks[outcome];
}

/**
 * uc_outcome_merge:
 * @one: an outcome
 * @other: another one
 *
 * Returns: the outcome of both together: found if either is, else unreachable, else refused
 */
UcOutcome
uc_outcome_merge(UcOutcome one, UcOutcome other)
{
	return uc_outcome_get_rank(other) > uc_outcome_get_rank(one) ? other : one;
}
