/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * UcAction:
 * @UC_ACTION_NONE: there is nothing to do
 * @UC_ACTION_WAIT: there is something to do, but not now
 * @UC_ACTION_CHECK: ask the service
 * @UC_ACTION_DOWNLOAD: fetch the release
 * @UC_ACTION_STAGE: hand it to fwupd, which fills the inactive slot
 * @UC_ACTION_ACTIVATE: let fwupd switch to it
 * @UC_ACTION_RESTART: ask for the restart that makes it count
 * @UC_ACTION_REVOKE: throw away what is staged
 */
typedef enum {
	UC_ACTION_NONE,
	UC_ACTION_WAIT,
	UC_ACTION_CHECK,
	UC_ACTION_DOWNLOAD,
	UC_ACTION_STAGE,
	UC_ACTION_ACTIVATE,
	UC_ACTION_RESTART,
	UC_ACTION_REVOKE,
	UC_ACTION_LAST
} UcAction;

/**
 * UcConditionId:
 *
 * Everything that is looked at, in the order of docs/policy.md. Those up to
 * %UC_CONDITION_SAFETY_LAST are safety stops.
 */
typedef enum {
	UC_CONDITION_USE,
	UC_CONDITION_POWER,
	UC_CONDITION_DISK,
	UC_CONDITION_CLOCK,
	UC_CONDITION_POLICY,
	UC_CONDITION_WITHDRAWN,
	UC_CONDITION_BLOCKED,
	UC_CONDITION_HALTED,
	UC_CONDITION_OTHER,
	UC_CONDITION_SAFETY_LAST = UC_CONDITION_OTHER,
	UC_CONDITION_HUMAN,
	UC_CONDITION_RETRY,
	UC_CONDITION_CHECK,
	UC_CONDITION_UPDATE,
	UC_CONDITION_FAILED,
	UC_CONDITION_SHUTDOWN,
	UC_CONDITION_SOURCES,
	UC_CONDITION_CHILDREN,
	UC_CONDITION_FIRST,
	UC_CONDITION_ROLLOUT,
	UC_CONDITION_METERED,
	UC_CONDITION_FRESH,
	UC_CONDITION_HARD,
	UC_CONDITION_DEADLINE,
	UC_CONDITION_PROMPT,
	UC_CONDITION_DATE,
	UC_CONDITION_ZONE,
	UC_CONDITION_WINDOW,
	UC_CONDITION_SPREAD,
	UC_CONDITION_FIT,
	UC_CONDITION_SNOOZE,
	UC_CONDITION_IDLE,
	UC_CONDITION_RESTART,
	UC_CONDITION_LAST
} UcConditionId;

/**
 * UcConditionState:
 * @UC_CONDITION_MET: does not stand in the way, or speaks for it
 * @UC_CONDITION_NOT_MET: stands in the way of an automatic act, or does not speak for it
 * @UC_CONDITION_UNKNOWN: not known, which stands in the way too
 */
typedef enum { UC_CONDITION_MET, UC_CONDITION_NOT_MET, UC_CONDITION_UNKNOWN } UcConditionState;

/**
 * UcPromptAct:
 * @UC_PROMPT_ACT_NONE: nothing to show
 * @UC_PROMPT_ACT_SHOW: show it
 * @UC_PROMPT_ACT_KEEP: leave it, with the countdown to @prompt_until_secs
 * @UC_PROMPT_ACT_WITHDRAW: take it away, which is no answer
 */
typedef enum {
	UC_PROMPT_ACT_NONE,
	UC_PROMPT_ACT_SHOW,
	UC_PROMPT_ACT_KEEP,
	UC_PROMPT_ACT_WITHDRAW,
	UC_PROMPT_ACT_LAST
} UcPromptAct;

/**
 * UcReport:
 *
 * Bits of what an administrator should hear by name while nothing happens.
 */
typedef enum {
	UC_REPORT_NEVER_IDLE = 1 << 0,
	UC_REPORT_MANDATORY_IN_CALL = 1 << 1,
	UC_REPORT_SOURCE_BUSY = 1 << 2,
	UC_REPORT_NO_SOURCE = 1 << 3,
	UC_REPORT_NEVER_FITS = 1 << 4,
	UC_REPORT_NO_ZONE = 1 << 5,
	UC_REPORT_FORCED = 1 << 6,
} UcReport;

/**
 * UcVerdict:
 * @next_secs: when to judge again if nothing happens, after the moment of the verdict; -1 for never
 * @prompt_until_secs: when the countdown of the prompt ends; -1 without one
 * @prompt_can_refuse: whether the prompt has a NO
 * @notice: whether a notice without buttons belongs to the act
 * @reports: of #UcReport
 * @check_secs: when the service is to be asked
 * @deadline_secs: -1 for none; so are the moments below
 * @need_secs: so long before the end of a window an act must begin
 * @idle_needed_secs: so much idleness is asked for
 *
 * A decision without any text: no memory is allocated for it, so that a simulation can have many.
 */
typedef struct {
	UcAction action;
	UcConditionId reason;
	gint64 next_secs;
	UcPromptAct prompt;
	gint64 prompt_until_secs;
	gboolean prompt_can_refuse;
	gboolean notice;
	gboolean forced;
	guint reports;
	UcConditionState states[UC_CONDITION_LAST];
	gint64 check_secs;
	gint64 deadline_secs;
	gint64 hard_secs;
	gint64 rollout_secs;
	gint64 snooze_secs;
	gint64 open_secs;
	gint64 close_secs;
	gint64 spread_secs;
	gint64 date_secs;
	gint64 need_secs;
	gint64 idle_needed_secs;
} UcVerdict;
