/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* When does a version reach an endpoint? docs/policy.md, 1.3: stable and monotone, because the
 * share grows and the endpoint's own number stays. */

#include "uc-rollout.h"

/**
 * uc_rollout_hash:
 * @text: (nullable): such as the id of an endpoint
 * @salt: other salts lead to other orders of the same texts
 *
 * FNV-1a, then mixed so that neighbours are far apart. The same on every machine and in every
 * release: rollouts and spreads depend on it.
 *
 * Returns: evenly distributed
 */
guint64
uc_rollout_hash(const gchar *text, guint64 salt)
{
	guint64 hash = G_GUINT64_CONSTANT(14695981039346656037) ^ salt;

	for (; text != NULL && *text != '\0'; text++) {
		hash ^= (guint8)*text;
		hash *= G_GUINT64_CONSTANT(1099511628211);
	}
	hash = (hash ^ hash >> 30) * G_GUINT64_CONSTANT(0xbf58476d1ce4e5b9);
	hash = (hash ^ hash >> 27) * G_GUINT64_CONSTANT(0x94d049bb133111eb);
	return hash ^ hash >> 31;
}

/**
 * uc_rollout_get_secs:
 * @endpoint: (nullable): the `Id` of the endpoint
 * @version: (nullable): of the release
 *
 * Returns: when the rollout comes to the endpoint, seconds since the Unix epoch; -1 when there is
 * none, and %G_MAXINT64 when it is not meant to
 */
gint64
uc_rollout_get_secs(const UcPolicy *policy, const gchar *endpoint, const gchar *version)
{
	const UcRollout *rollout = uc_policy_find_rollout(policy, version);
	gint64 own = 0;

	if (rollout == NULL)
		return -1;
	/* of a million; so many endpoints come before this one */
	own = (gint64)(uc_rollout_hash(endpoint, uc_rollout_hash(rollout->version, 0)) % 1000000);
	if (own >= rollout->percent * 10000)
		return G_MAXINT64;
	return rollout->start_secs + rollout->duration_secs * own / (rollout->percent * 10000);
}

/**
 * uc_rollout_reaches:
 * @now_secs: the present time, seconds since the Unix epoch
 *
 * Returns: whether the version may be installed on the endpoint as far as its rollout goes
 */
gboolean
uc_rollout_reaches(const UcPolicy *policy,
		   const gchar *endpoint,
		   const gchar *version,
		   gint64 now_secs)
{
	const UcRollout *rollout = uc_policy_find_rollout(policy, version);

	return rollout == NULL ||
	       (!rollout->halted && uc_rollout_get_secs(policy, endpoint, version) <= now_secs);
}

/**
 * uc_rollout_get_next_secs:
 * @now_secs: the present time, seconds since the Unix epoch
 *
 * Returns: when the version is still to come to the endpoint, seconds since the Unix epoch; -1 when
 * it is there already, or is not meant to come, or is halted, the end of which is no moment but
 * another policy
 */
gint64
uc_rollout_get_next_secs(const UcPolicy *policy,
			 const gchar *endpoint,
			 const gchar *version,
			 gint64 now_secs)
{
	const UcRollout *rollout = uc_policy_find_rollout(policy, version);
	gint64 at_secs = uc_rollout_get_secs(policy, endpoint, version);

	return rollout != NULL && !rollout->halted && at_secs > now_secs && at_secs != G_MAXINT64
		   ? at_secs
		   : -1;
}
