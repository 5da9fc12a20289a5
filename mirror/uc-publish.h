/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-publish-keys.h"

/* in the database: until when what is public counts, seconds since the Unix epoch */
#define UC_PUBLISH_META_EXPIRES "expires_secs"
/* what the name of a published tree begins with, before its serial */
#define UC_PUBLISH_TREE_PREFIX "tree-"

/**
 * UcPublished:
 * @serial: of the documents
 * @issued_secs: seconds since the Unix epoch
 * @expires_secs: until then it counts
 * @approved: number of releases for everybody
 * @pending: number of further releases for test devices
 * @expiry: of what it is signed with
 * @halted: number of releases that were halted just now, because they failed too often
 */
typedef struct {
	gint64 serial;
	gint64 issued_secs;
	gint64 expires_secs;
	UcPublishExpiry expiry;
	guint approved;
	guint pending;
	guint halted;
} UcPublished;

gboolean
uc_publish(UcMirror *mirror, UcPublished *published_out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GStrv
uc_publish_check(UcMirror *mirror, GError **error) G_GNUC_WARN_UNUSED_RESULT;
