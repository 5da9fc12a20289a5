/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-facts.h"
#include "uc-release-choice.h"

#define UC_OFFERS_MAX 1000

/**
 * UcOffers:
 *
 * What runs on an endpoint and what is on offer for it, as `running` and `offers` of the facts'
 * JSON have it (docs/policy.md, section 2.1).
 */
typedef struct _UcOffers UcOffers;

UcOffers *
uc_offers_from_json(JsonObject *object, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_offers_free(UcOffers *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcOffers, uc_offers_free)

const gchar *
uc_offers_get_running(const UcOffers *self);
const gchar *
uc_offers_apply(UcOffers *self, const UcPolicy *policy, gint64 now_secs, UcFacts *facts);
void
uc_offers_write(JsonObject *object,
		const gchar *running,
		const UcCandidate *candidates,
		guint n_candidates);
