/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The choice of a release without an agent: what would another policy make of what is on offer? */

#include "uc-error.h"
#include "uc-json.h"
#include "uc-limits.h"
#include "uc-offers.h"
#include "uc-rollout.h"
#include "uc-version.h"

struct _UcOffers {
	gchar *running;	    /* (nullable) */
	GArray *candidates; /* of UcCandidate, with the strings of @versions */
	GPtrArray *versions;
};

void
uc_offers_free(UcOffers *self)
{
	g_free(self->running);
	g_array_unref(self->candidates);
	g_ptr_array_unref(self->versions);
	g_free(self);
}

static gboolean
uc_offers_read_one(UcOffers *self, JsonArray *array, guint index, GError **error)
{
	JsonObject *object = uc_json_array_get_object(array, index, "offers", error);
	const gchar *version = NULL;
	UcCandidate candidate = {NULL};

	if (object == NULL ||
	    !uc_json_get_string(object,
				"version",
				UC_JSON_REQUIRED,
				UC_LIMIT_STRING_BYTES,
				&version,
				error) ||
	    !uc_json_get_boolean(object, "pending", UC_JSON_OPTIONAL, &candidate.pending, error))
		return FALSE;
	g_ptr_array_add(self->versions, g_strdup(version));
	candidate.version = g_ptr_array_index(self->versions, index);
	g_array_append_val(self->candidates, candidate);
	return TRUE;
}

static gboolean
uc_offers_read(UcOffers *self, JsonObject *object, GError **error)
{
	const gchar *running = NULL;
	JsonArray *array = NULL;

	if (!uc_json_get_string(object,
				"running",
				UC_JSON_OPTIONAL,
				UC_LIMIT_STRING_BYTES,
				&running,
				error) ||
	    !uc_json_get_array(object, "offers", UC_JSON_OPTIONAL, UC_OFFERS_MAX, &array, error))
		return FALSE;
	self->running = g_strdup(running);
	if (array != NULL && running == NULL) {
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_INVALID,
				    "offers without running, expected the version that runs");
		return FALSE;
	}
	for (guint i = 0; array != NULL && i < json_array_get_length(array); i++) {
		if (!uc_offers_read_one(self, array, i, error))
			return FALSE;
	}
	return TRUE;
}

/**
 * uc_offers_from_json:
 * @object: facts, of which `running` and `offers` are read
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT
 *
 * Returns: (transfer full): empty when the facts have none; %NULL on failure
 */
UcOffers *
uc_offers_from_json(JsonObject *object, GError **error)
{
	g_autoptr(UcOffers) self = g_new0(UcOffers, 1);

	self->candidates = g_array_new(FALSE, FALSE, sizeof(UcCandidate));
	self->versions = g_ptr_array_new_with_free_func(g_free);
	if (!uc_offers_read(self, object, error))
		return NULL;
	return g_steal_pointer(&self);
}

/**
 * uc_offers_get_running:
 *
 * Returns: (transfer none) (nullable): the version that runs
 */
const gchar *
uc_offers_get_running(const UcOffers *self)
{
	return self->running;
}

/* what is staged already is held when its rollout is halted, and no older one takes its place */
static void
uc_offers_mark(UcOffers *self, const UcPolicy *policy, gint64 now_secs, const UcFacts *facts)
{
	for (guint i = 0; i < self->candidates->len; i++) {
		UcCandidate *candidate = &g_array_index(self->candidates, UcCandidate, i);
		gboolean staged = facts->progress == UC_PROGRESS_STAGED &&
				  g_strcmp0(facts->version, candidate->version) == 0;

		candidate->waits =
		    !staged &&
		    !uc_rollout_reaches(policy, facts->endpoint, candidate->version, now_secs);
	}
}

static void
uc_offers_take(const UcCandidate *candidate, UcFacts *facts)
{
	if (candidate == NULL && facts->progress == UC_PROGRESS_STAGED) {
		facts->withdrawn = TRUE;
		return;
	}
	if (candidate != NULL && g_strcmp0(candidate->version, facts->version) == 0) {
		facts->progress = MAX(facts->progress, UC_PROGRESS_AVAILABLE);
		return;
	}
	facts->progress = candidate != NULL ? UC_PROGRESS_AVAILABLE : UC_PROGRESS_CURRENT;
	facts->failed_before = FALSE;
	g_free(facts->version);
	facts->version = candidate != NULL ? g_strdup(candidate->version) : NULL;
}

/**
 * uc_offers_apply:
 * @policy: of this endpoint, see uc_policy_select()
 * @now_secs: the moment, seconds since the Unix epoch
 * @facts: its version and progress become those of what is chosen, and what is staged and not
 * chosen is withdrawn; left alone without offers, after the activation, and by a human's "now"
 *
 * Returns: (transfer none) (nullable): the version that the policy names and that is not on offer
 */
const gchar *
uc_offers_apply(UcOffers *self, const UcPolicy *policy, gint64 now_secs, UcFacts *facts)
{
	const UcCandidate *candidate = NULL;
	UcChoiceReason reason = UC_CHOICE_NOTHING;

	if (self->candidates->len == 0 || facts->human_now ||
	    facts->progress == UC_PROGRESS_ACTIVATED)
		return NULL;
	uc_offers_mark(self, policy, now_secs, facts);
	candidate = uc_release_choose(policy,
				      (const UcCandidate *)(gpointer)self->candidates->data,
				      self->candidates->len,
				      self->running,
				      uc_version_compare,
				      &reason);
	uc_offers_take(candidate, facts);
	if (reason != UC_CHOICE_MISSING)
		return NULL;
	return policy->device_version != NULL ? policy->device_version : policy->use_version;
}

/**
 * uc_offers_write:
 * @object: facts, which get `running` and `offers`
 * @running: (nullable): the version that runs; without it nothing is written
 * @candidates: (array length=n_candidates): what is on offer
 */
void
uc_offers_write(JsonObject *object,
		const gchar *running,
		const UcCandidate *candidates,
		guint n_candidates)
{
	JsonArray *array = NULL;

	if (running == NULL)
		return;
	json_object_set_string_member(object, "running", running);
	if (n_candidates == 0)
		return;
	array = json_array_new();
	for (guint i = 0; i < n_candidates; i++) {
		JsonObject *offer = json_object_new();

		json_object_set_string_member(offer, "version", candidates[i].version);
		json_object_set_boolean_member(offer, "pending", candidates[i].pending);
		json_array_add_object_element(array, offer);
	}
	json_object_set_array_member(object, "offers", array);
}
