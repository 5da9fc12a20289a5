/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "uc-window.h"

#define UC_POLICY_WINDOWS_MAX  16
#define UC_POLICY_DATES_MAX    64
#define UC_POLICY_SECTIONS_MAX 64
#define UC_POLICY_NAMES_MAX    1000
#define UC_POLICY_ROLLOUTS_MAX 32
#define UC_POLICY_IDLE_SECS    300
#define UC_POLICY_POLL_SECS    86400

/**
 * UcStyle:
 * @UC_STYLE_IDLE: applied when nobody was here for a while (Lync)
 * @UC_STYLE_PROMPT: people are asked; no answer is a yes (Lifesize)
 */
typedef enum { UC_STYLE_IDLE, UC_STYLE_PROMPT } UcStyle;

/**
 * UcRestartPrompt:
 * @UC_RESTART_PROMPT_ASK: shown by day after a restart; unanswered it goes away
 * @UC_RESTART_PROMPT_START: shown; unanswered it starts the update
 * @UC_RESTART_PROMPT_OFF: not shown by day
 */
typedef enum {
	UC_RESTART_PROMPT_ASK,
	UC_RESTART_PROMPT_START,
	UC_RESTART_PROMPT_OFF
} UcRestartPrompt;

/**
 * UcFirstUpdate:
 * @UC_FIRST_UPDATE_MANDATORY: an endpoint in factory state is updated at once (Lifesize)
 * @UC_FIRST_UPDATE_NORMAL: as any other
 */
typedef enum { UC_FIRST_UPDATE_MANDATORY, UC_FIRST_UPDATE_NORMAL } UcFirstUpdate;

/**
 * UcSeverity:
 *
 * How much a release matters, as AppStream's urgency has it.
 */
typedef enum {
	UC_SEVERITY_LOW,
	UC_SEVERITY_MEDIUM,
	UC_SEVERITY_HIGH,
	UC_SEVERITY_CRITICAL,
	UC_SEVERITY_LAST
} UcSeverity;

/**
 * UcDates:
 * @first: days since 1970-01-01
 * @last: the same, included
 */
typedef struct {
	gint64 first;
	gint64 last;
} UcDates;

/**
 * UcRollout:
 * @version: of the release
 * @start_secs: when it begins, seconds since the Unix epoch
 * @duration_secs: after so long @percent of the endpoints have it on offer; 0 is at once
 * @percent: 0 to 100
 * @halted: nobody else gets it, and what is staged is held
 */
typedef struct {
	gchar *version;
	gint64 start_secs;
	gint64 duration_secs;
	gint64 percent;
	gboolean halted;
} UcRollout;

/**
 * UcPolicyGroups:
 *
 * Who is in which group, see uc_policy_groups_find().
 */
typedef struct _UcPolicyGroups UcPolicyGroups;

UcPolicyGroups *
uc_policy_groups_ref(UcPolicyGroups *self) G_GNUC_WARN_UNUSED_RESULT;
void
uc_policy_groups_unref(UcPolicyGroups *self);

/**
 * UcPolicy:
 * @windows: (element-type UcWindow): when automatic acts may happen; empty is never
 * @windows_local: (element-type UcWindow) (nullable): local ones that count as well
 * @blocked_dates: (element-type UcDates): local dates on which they may not
 * @rollouts: (element-type UcRollout): per version
 * @blocked_versions: (element-type utf8): versions that are not installed
 * @idle_secs: so long nobody used the endpoint before an automatic activation, 0 to 86400
 * @poll_secs: how often to look for updates, 10 to 604800
 * @expires_secs: until when this policy counts, seconds since the Unix epoch; 0 for ever
 * @deadline_secs: per #UcSeverity, from the first sight on; 0 for none
 * @use_version: (nullable): exactly this version, or with @or_newer this and newer
 * @where_offered: @use_version counts only where that version is on offer
 * @device_version: (nullable): the same for this one device, before all others
 * @sections: (nullable): what per model, group and device differs, see uc_policy_select()
 * @groups: (nullable): the names of @sections
 *
 * What the organisation allows, docs/policy.md. The other members are described there under the
 * same names.
 */
typedef struct {
	GArray *windows;
	GArray *windows_local;
	GArray *blocked_dates;
	GPtrArray *rollouts;
	GPtrArray *blocked_versions;
	gint64 idle_secs;
	gint64 poll_secs;
	gint64 expires_secs;
	gint64 spread_secs;
	gint64 prompt_secs;
	gint64 snooze_secs;
	gint64 after_call_secs;
	gint64 hard_deadline_secs;
	gint64 deadline_secs[UC_SEVERITY_LAST];
	gint64 battery_percent;
	guint style;
	guint restart_prompt;
	guint first_update;
	gboolean wake_display;
	gboolean apply_on_shutdown;
	gboolean metered;
	gboolean or_newer;
	gboolean where_offered;
	gchar *use_version;
	gchar *device_version;
	gboolean test_device;
	JsonObject *sections;
	UcPolicyGroups *groups;
} UcPolicy;

UcPolicy *
uc_policy_new(void) G_GNUC_WARN_UNUSED_RESULT;
UcPolicy *
uc_policy_copy(const UcPolicy *self) G_GNUC_WARN_UNUSED_RESULT;
void
uc_policy_free(UcPolicy *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcPolicy, uc_policy_free)

void
uc_policy_set_window(UcPolicy *self, gint start_mins, gint end_mins);
void
uc_policy_add_rollout(UcPolicy *self, const UcRollout *rollout);
const UcRollout *
uc_policy_find_rollout(const UcPolicy *self, const gchar *version);
gboolean
uc_policy_blocks_version(const UcPolicy *self, const gchar *version) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_policy_find_span(const UcPolicy *self,
		    gboolean with_dates,
		    gint64 from_secs,
		    const UcZone *zone,
		    UcSpan *span_out) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_policy_blocks_date(const UcPolicy *self, gint64 at_secs, const UcZone *zone, gint64 *until_out)
    G_GNUC_WARN_UNUSED_RESULT;
