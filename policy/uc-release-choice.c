/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Which release? A pin of the device, before what is pending for a test device (Lync), before a
 * pin of the model (RealPresence's "Version to use" and "Allow this version or newer"), before the
 * newest approved (Lync).
 */

#include "uc-release-choice.h"

/* what the ways to choose look at */
typedef struct {
	const UcPolicy *policy;
	const UcCandidate *candidates;
	guint n_candidates;
	const gchar *current;
	UcVersionCompareFunc compare;
	gboolean with_waiting;
} UcChoice;

static gboolean
uc_release_is_allowed(const UcChoice *self, const UcCandidate *candidate)
{
	return (!candidate->waits || self->with_waiting) &&
	       (!candidate->pending || self->policy->test_device) &&
	       !uc_policy_blocks_version(self->policy, candidate->version);
}

static const UcCandidate *
uc_release_find(const UcChoice *self, const gchar *version)
{
	for (guint i = 0; i < self->n_candidates; i++) {
		const UcCandidate *candidate = &self->candidates[i];

		if (uc_release_is_allowed(self, candidate) &&
		    self->compare(candidate->version, version) == 0)
			return candidate;
	}
	return NULL;
}

/* the newest that is newer than what runs, and not older than @least */
static const UcCandidate *
uc_release_find_newest(const UcChoice *self, gboolean pending, const gchar *least)
{
	const UcCandidate *newest = NULL;

	for (guint i = 0; i < self->n_candidates; i++) {
		const UcCandidate *candidate = &self->candidates[i];

		if (!uc_release_is_allowed(self, candidate) || (pending && !candidate->pending) ||
		    self->compare(candidate->version, self->current) <= 0 ||
		    (least != NULL && self->compare(candidate->version, least) < 0))
			continue;
		if (newest == NULL || self->compare(candidate->version, newest->version) > 0)
			newest = candidate;
	}
	return newest;
}

/* exactly this one, older or newer */
static const UcCandidate *
uc_release_choose_exact(const UcChoice *self,
			const gchar *version,
			UcChoiceReason reason,
			UcChoiceReason *reason_out)
{
	const UcCandidate *candidate = NULL;

	*reason_out = UC_CHOICE_NOTHING;
	if (self->compare(self->current, version) == 0)
		return NULL;
	candidate = uc_release_find(self, version);
	*reason_out = candidate != NULL ? reason : UC_CHOICE_MISSING;
	return candidate;
}

/* (nullable): what `restore` brought back is only for the hardware and the locale of its package */
static const gchar *
uc_release_get_pin(const UcChoice *self)
{
	const gchar *version = self->policy->use_version;
	UcChoice all = *self;

	all.with_waiting = TRUE;
	if (version != NULL && self->policy->where_offered &&
	    uc_release_find(&all, version) == NULL)
		return NULL;
	return version;
}

static const UcCandidate *
uc_release_say(const UcCandidate *candidate, UcChoiceReason reason, UcChoiceReason *reason_out)
{
	*reason_out = candidate != NULL ? reason : UC_CHOICE_NOTHING;
	return candidate;
}

static const UcCandidate *
uc_release_choose_among(const UcChoice *self, UcChoiceReason *reason_out)
{
	const UcPolicy *policy = self->policy;
	const gchar *pin = uc_release_get_pin(self);
	const UcCandidate *pending = NULL;

	if (policy->device_version != NULL)
		return uc_release_choose_exact(self,
					       policy->device_version,
					       UC_CHOICE_DEVICE_PIN,
					       reason_out);
	if (policy->test_device)
		pending = uc_release_find_newest(self, TRUE, NULL);
	if (pending != NULL)
		return uc_release_say(pending, UC_CHOICE_PENDING, reason_out);
	if (pin != NULL && !policy->or_newer)
		return uc_release_choose_exact(self, pin, UC_CHOICE_MODEL_PIN, reason_out);
	return uc_release_say(uc_release_find_newest(self, FALSE, pin),
			      pin != NULL ? UC_CHOICE_MODEL_PIN : UC_CHOICE_APPROVED,
			      reason_out);
}

/**
 * uc_release_choose:
 * @policy: of this endpoint, see uc_policy_select()
 * @candidates: (array length=n_candidates): in any order
 * @current: the version that runs
 * @compare: how versions of this format compare
 * @reason_out: (out): how it was chosen
 *
 * One whose rollout has come, rather than a newer one that is still to be waited for.
 *
 * Returns: (transfer none) (nullable): the release to be installed, which may be older than what
 * runs when a pin says so; %NULL for none
 */
const UcCandidate *
uc_release_choose(const UcPolicy *policy,
		  const UcCandidate *candidates,
		  guint n_candidates,
		  const gchar *current,
		  UcVersionCompareFunc compare,
		  UcChoiceReason *reason_out)
{
	UcChoice self = {policy, candidates, n_candidates, current, compare, FALSE};
	const UcCandidate *candidate = uc_release_choose_among(&self, reason_out);

	if (candidate != NULL)
		return candidate;
	self.with_waiting = TRUE;
	return uc_release_choose_among(&self, reason_out);
}
