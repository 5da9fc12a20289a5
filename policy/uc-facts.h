/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

/**
 * UcUse:
 * @UC_USE_NONE: every configured source says that there is no call
 * @UC_USE_CALL: a call, a presentation or a booking
 * @UC_USE_UNKNOWN: a configured source does not answer; counts as in use
 */
typedef enum { UC_USE_NONE, UC_USE_CALL, UC_USE_UNKNOWN } UcUse;

/**
 * UcProgress:
 * @UC_PROGRESS_CURRENT: nothing on offer that is newer
 * @UC_PROGRESS_AVAILABLE: on offer
 * @UC_PROGRESS_DOWNLOADED: on this machine's disk
 * @UC_PROGRESS_STAGED: in the inactive slot
 * @UC_PROGRESS_ACTIVATED: switched to; counts from the next restart
 *
 * How far an update of an endpoint has come.
 */
typedef enum {
	UC_PROGRESS_CURRENT,
	UC_PROGRESS_AVAILABLE,
	UC_PROGRESS_DOWNLOADED,
	UC_PROGRESS_STAGED,
	UC_PROGRESS_ACTIVATED,
	UC_PROGRESS_LAST
} UcProgress;

/**
 * UcFacts:
 * @use: whether the room is in use
 * @use_reason: (nullable): a sentence for people that belongs to it
 * @idle_secs: for so long nobody has used the endpoint; -1 when not known
 * @progress: how far the update has come
 * @version: (nullable): the version that the update leads to
 * @failed_before: whether that version failed here already
 * @human_now: whether a human said "now"
 * @human_force: whether the human also said "force", which passes a call and an unknown state only
 * @last_check_secs: when the service was last asked, seconds since the Unix epoch; 0 for never
 * @check_retry_secs: asking failed; not again before, seconds since the Unix epoch; 0 for none
 * @retry_secs: the act that is due failed; not again before, seconds since the Unix epoch; 0 for
 *   none
 * @restart_by_agent: whether the agent is to ask for the restart itself
 *
 * What is known about one endpoint at one moment. docs/policy.md has it as JSON.
 */
typedef struct {
	UcUse use;
	gchar *use_reason;
	gint64 idle_secs;
	UcProgress progress;
	gchar *version;
	gboolean failed_before;
	gboolean human_now;
	gboolean human_force;
	gint64 last_check_secs;
	gint64 check_retry_secs;
	gint64 retry_secs;
	gboolean restart_by_agent;
} UcFacts;

UcFacts *
uc_facts_new(void) G_GNUC_WARN_UNUSED_RESULT;
void
uc_facts_free(UcFacts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcFacts, uc_facts_free)

UcFacts *
uc_facts_from_json(JsonObject *object, GError **error) G_GNUC_WARN_UNUSED_RESULT;
JsonObject *
uc_facts_to_json(const UcFacts *self) G_GNUC_WARN_UNUSED_RESULT;

const gchar *
uc_progress_to_string(UcProgress progress);
