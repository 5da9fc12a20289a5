/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-window.h"

#define UC_POLICY_WINDOWS_MAX 16
#define UC_POLICY_IDLE_SECS   300
#define UC_POLICY_POLL_SECS   86400

/**
 * UcPolicy:
 * @windows: (element-type UcWindow): when automatic acts may happen; empty is never
 * @idle_secs: so long nobody used the endpoint before an automatic activation, 0 to 86400
 * @poll_secs: how often to look for updates, 10 to 604800
 * @expires_secs: until when this policy counts, seconds since the Unix epoch; 0 for ever
 *
 * What the organisation allows, docs/policy.md.
 */
typedef struct {
	GArray *windows;
	gint64 idle_secs;
	gint64 poll_secs;
	gint64 expires_secs;
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
