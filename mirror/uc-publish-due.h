/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-mirror.h"

/**
 * UcPublishReason:
 * @UC_PUBLISH_REASON_NONE: what is public is as it should be
 * @UC_PUBLISH_REASON_NEVER: nothing was published yet, which is for somebody to decide
 * @UC_PUBLISH_REASON_EXPIRY: a third of the time for which it counts is left, or less
 * @UC_PUBLISH_REASON_HALT: a release failed on too many endpoints
 * @UC_PUBLISH_REASON_GONE: the tree that was published is not there
 */
typedef enum {
	UC_PUBLISH_REASON_NONE,
	UC_PUBLISH_REASON_NEVER,
	UC_PUBLISH_REASON_EXPIRY,
	UC_PUBLISH_REASON_HALT,
	UC_PUBLISH_REASON_GONE
} UcPublishReason;

/**
 * UcPublishDue:
 * @reason: why, or why not
 * @due_secs: from then on for its expiry, seconds since the Unix epoch; 0 if it is not known
 * @expires_secs: until then what is public counts; 0 if it is not known
 */
typedef struct {
	UcPublishReason reason;
	gint64 due_secs;
	gint64 expires_secs;
} UcPublishDue;

gboolean
uc_publish_due_is_now(const UcPublishDue *self);
gboolean
uc_publish_due_find(UcMirror *mirror, gint64 now_secs, UcPublishDue *due_out, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
