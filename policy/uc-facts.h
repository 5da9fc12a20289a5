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
 * UcPrompt:
 * @UC_PROMPT_NONE: not on the display
 * @UC_PROMPT_SHOWN: on the display, not answered
 * @UC_PROMPT_ACCEPTED: answered with yes
 *
 * The prompt of the room. A no takes it away and is #UcFacts.said_no_secs.
 */
typedef enum { UC_PROMPT_NONE, UC_PROMPT_SHOWN, UC_PROMPT_ACCEPTED } UcPrompt;

/**
 * UcFacts:
 * @use_reason: (nullable): a sentence for people that belongs to @use
 * @idle_secs: for so long nobody has used the endpoint; -1 when not known
 * @free_secs: for so long there has been no call; -1 when there was none since the start
 * @busy_secs: for so long the room has been in use; -1 when it is not
 * @prompt_shown_secs: for so long the prompt is on the display; -1 when it is not
 * @prompt_input_secs: so long ago was input that is no answer; -1 for none
 *
 * What is known about one endpoint at one moment. docs/policy.md has every member with its unit
 * under the same name; moments are seconds since the Unix epoch, 0 for never, durations are
 * measured by a clock that counts suspend and never jumps.
 */
typedef struct {
	gchar *endpoint;
	gchar *vendor;
	gchar *model;
	gchar *group;
	gchar *serial;
	gchar *mac_address;
	gchar *identity;
	guint use;
	gchar *use_reason;
	gint64 idle_secs;
	gint64 free_secs;
	gint64 busy_secs;
	guint progress;
	gchar *version;
	guint severity;
	gint64 duration_secs;
	gint64 room_duration_secs;
	gboolean failed_before;
	gboolean withdrawn;
	gboolean write_in_place;
	gboolean children_pending;
	gboolean human_now;
	gboolean human_force;
	gboolean first_update;
	gboolean second_step;
	gboolean restarted;
	guint prompt;
	gint64 prompt_shown_secs;
	gint64 prompt_input_secs;
	gboolean call_source;
	gboolean activity_source;
	gboolean clock_synchronised;
	gboolean mains;
	gint64 battery_percent;
	gint64 disk_free_bytes;
	gint64 disk_needed_bytes;
	gboolean metered;
	gboolean other_update;
	gboolean shutdown;
	gboolean restart_by_agent;
	gint64 first_seen_secs;
	gint64 said_no_secs;
	gint64 last_idle_secs;
	gint64 last_check_secs;
	gint64 check_retry_secs;
	gint64 retry_secs;
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
