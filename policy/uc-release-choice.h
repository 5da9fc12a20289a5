/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-policy.h"

/**
 * UcCandidate:
 * @version: of a release that fits the endpoint
 * @pending: imported and not approved: for test devices only
 * @waits: its rollout is halted or still to come: only if there is no other
 */
typedef struct {
	const gchar *version;
	gboolean pending;
	gboolean waits;
} UcCandidate;

/**
 * UcChoiceReason:
 * @UC_CHOICE_NOTHING: nothing to be installed
 * @UC_CHOICE_DEVICE_PIN: the policy names the version for this device
 * @UC_CHOICE_PENDING: the newest, for a test device
 * @UC_CHOICE_MODEL_PIN: the policy names the version for all
 * @UC_CHOICE_APPROVED: the newest approved
 * @UC_CHOICE_MISSING: the version that the policy names is not on offer
 */
typedef enum {
	UC_CHOICE_NOTHING,
	UC_CHOICE_DEVICE_PIN,
	UC_CHOICE_PENDING,
	UC_CHOICE_MODEL_PIN,
	UC_CHOICE_APPROVED,
	UC_CHOICE_MISSING
} UcChoiceReason;

/**
 * UcVersionCompareFunc:
 *
 * Returns: less than, equal to or greater than 0 as @one is older than, the same as or newer than
 * @two
 */
typedef gint (*UcVersionCompareFunc)(const gchar *one, const gchar *two);

const UcCandidate *
uc_release_choose(const UcPolicy *policy,
		  const UcCandidate *candidates,
		  guint n_candidates,
		  const gchar *current,
		  UcVersionCompareFunc compare,
		  UcChoiceReason *reason_out) G_GNUC_WARN_UNUSED_RESULT;
