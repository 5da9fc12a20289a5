/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The policy that was verified last, here and on disk. It is verified again at every start. Once
 * the organisation has had one, an endpoint without it does nothing by itself until it is there
 * again: the built-in policy would allow what the organisation does not.
 */

#include "uc-document.h"
#include "uc-error.h"
#include "uc-file.h"
#include "uc-kept-policy.h"
#include "uc-names.h"
#include "uc-paths.h"
#include "uc-policy-json.h"
#include "uc-sha256.h"
#include "uc-state-file.h"

#define UC_KEPT_POLICY_FILE "policy.json"

struct _UcKeptPolicy {
	UcState *state;	      /* not owned */
	const UcClock *clock; /* not owned */
	UcPolicy *policy;
	gchar *sha256; /* (nullable): of the envelope in use */
};

static UcDocument *
uc_kept_policy_verify(UcKeptPolicy *self, GBytes *envelope, GError **error)
{
	g_autofree gchar *anchors = uc_path_anchors(UC_ANCHOR_DOCUMENTS);
	UcDocumentExpect expect = {
	    .type = UC_DOCUMENT_POLICY,
	    .organisation = uc_state_get_organisation(self->state),
	    .anchors_dir = anchors,
	    .serial_min = uc_state_get_serial(self->state, UC_DOCUMENT_POLICY),
	    .now_secs = uc_clock_now_secs(self->clock),
	    .floor_secs = uc_state_get_floor_secs(self->state),
	};

	return uc_document_verify(envelope, &expect, error);
}

static UcPolicy *
uc_kept_policy_read(UcKeptPolicy *self, GBytes *envelope, GError **error)
{
	g_autoptr(UcDocument) document = uc_kept_policy_verify(self, envelope, error);
	UcPolicy *policy = NULL;

	if (document == NULL)
		return NULL;
	policy = uc_policy_from_json(document->body, error);
	if (policy == NULL) {
		g_prefix_error(error, "policy: ");
		return NULL;
	}
	uc_state_add_serial(self->state, UC_DOCUMENT_POLICY, document->serial);
	uc_state_add_issued(self->state, document->issued_secs);
	return policy;
}

/* takes @policy */
static void
uc_kept_policy_use(UcKeptPolicy *self, UcPolicy *policy, GBytes *envelope)
{
	uc_policy_free(self->policy);
	self->policy = policy;
	g_free(self->sha256);
	self->sha256 = envelope != NULL ? uc_sha256_for_bytes(envelope) : NULL;
}

/* one that merely does not count now may do so again: with a wrong clock it has expired, and so has
 * the certificate of its signature */
static gboolean
uc_kept_policy_is_damaged(const GError *error)
{
	return g_error_matches(error, UC_ERROR, UC_ERROR_INVALID) ||
	       g_error_matches(error, UC_ERROR, UC_ERROR_LIMIT);
}

static void
uc_kept_policy_miss(UcKeptPolicy *self, const gchar *path, const GError *error)
{
	if (g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT) &&
	    uc_state_get_serial(self->state, UC_DOCUMENT_POLICY) == 0)
		return;
	g_warning("the kept policy cannot be used until the service was asked again: %s",
		  error->message);
	if (uc_kept_policy_is_damaged(error))
		g_free(uc_state_file_set_aside(path, error->message));
	self->policy->expires_secs = 1;
}

/**
 * uc_kept_policy_load:
 * @state: must outlive it
 * @clock: must outlive it
 *
 * Returns: (transfer full): the policy of the last run. One that is damaged is set aside; without a
 * usable one after there was one before, one that has expired
 */
UcKeptPolicy *
uc_kept_policy_load(UcState *state, const UcClock *clock)
{
	UcKeptPolicy *self = g_new0(UcKeptPolicy, 1);
	g_autofree gchar *path = uc_path_state(UC_KEPT_POLICY_FILE);
	g_autoptr(GBytes) envelope = NULL;
	g_autoptr(GError) error = NULL;
	UcPolicy *policy = NULL;
	gchar *text = NULL;
	gsize size_bytes = 0;

	self->state = state;
	self->clock = clock;
	self->policy = uc_policy_new();
	if (g_file_get_contents(path, &text, &size_bytes, &error)) {
		envelope = g_bytes_new_take(text, size_bytes);
		policy = uc_kept_policy_read(self, envelope, &error);
	}
	if (policy != NULL)
		uc_kept_policy_use(self, policy, envelope);
	else
		uc_kept_policy_miss(self, path, error);
	return self;
}

void
uc_kept_policy_free(UcKeptPolicy *self)
{
	uc_policy_free(self->policy);
	g_free(self->sha256);
	g_free(self);
}

/**
 * uc_kept_policy_get:
 *
 * Returns: (transfer none): of the whole organisation, see uc_policy_select()
 */
const UcPolicy *
uc_kept_policy_get(UcKeptPolicy *self)
{
	return self->policy;
}

/**
 * uc_kept_policy_is:
 * @sha256: of an envelope, in hexadecimal
 *
 * Returns: whether that is the one in use
 */
gboolean
uc_kept_policy_is(UcKeptPolicy *self, const gchar *sha256)
{
	return g_strcmp0(sha256, self->sha256) == 0;
}

/**
 * uc_kept_policy_take:
 * @envelope: as it was fetched
 * @error: as of uc_document_verify(), or %UC_ERROR_FAILED for a disk that does not take it
 *
 * It is on the disk before it is used. On failure everything is as before.
 */
gboolean
uc_kept_policy_take(UcKeptPolicy *self, GBytes *envelope, GError **error)
{
	g_autofree gchar *path = uc_path_state(UC_KEPT_POLICY_FILE);
	g_autoptr(UcPolicy) policy = uc_kept_policy_read(self, envelope, error);

	if (policy == NULL || !uc_state_save(self->state, error) ||
	    !uc_state_file_write(path, envelope, error))
		return FALSE;
	uc_kept_policy_use(self, g_steal_pointer(&policy), envelope);
	return TRUE;
}

/**
 * uc_kept_policy_use_none:
 *
 * The organisation says that it has none: the built-in one counts, unless there is a kept one.
 */
void
uc_kept_policy_use_none(UcKeptPolicy *self)
{
	if (self->sha256 == NULL)
		uc_kept_policy_use(self, uc_policy_new(), NULL);
}

/**
 * uc_kept_policy_fetch_again:
 *
 * No envelope is the one in use, so that the next look fetches and verifies it by new keys.
 */
void
uc_kept_policy_fetch_again(UcKeptPolicy *self)
{
	g_clear_pointer(&self->sha256, g_free);
}

/**
 * uc_kept_policy_forget:
 * @error: set to %UC_ERROR_FAILED
 *
 * As if there had never been one, here and on disk; the state is for the caller to save.
 */
gboolean
uc_kept_policy_forget(UcKeptPolicy *self, GError **error)
{
	g_autofree gchar *path = uc_path_state(UC_KEPT_POLICY_FILE);

	uc_kept_policy_use(self, uc_policy_new(), NULL);
	return uc_file_remove(path, error);
}
