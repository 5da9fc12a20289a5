/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-mirror.h"

/**
 * UcSync:
 * @url: of the compressed metadata, https://; its jcat is beside it
 * @anchors_dir: directory of CAs that sign the metadata
 * @tls_dir: (nullable): directory of CAs that count for TLS; %NULL takes those of this machine
 * @pass_on: (nullable): name of the remote as which it is passed on with the signature that it has;
 *   %NULL to import
 * @budget_bytes: of cabs may be fetched on one day (UTC)
 * @now_secs: the present time, seconds since the Unix epoch
 *
 * Where from. Nothing is owned.
 */
typedef struct {
	const gchar *url;
	const gchar *anchors_dir;
	const gchar *tls_dir;
	const gchar *pass_on;
	guint64 budget_bytes;
	gint64 now_secs;
} UcSync;

/**
 * UcSyncResult:
 * @wanted: releases that the inventory can use
 * @present: were there already
 * @imported: are pending now, or new beside what is passed on
 * @refused: cannot be imported or passed on, now or when they were tried before
 * @failed: could not be fetched
 * @left: for another day
 * @whole: whether the next publication passes this state on
 * @fetched_bytes: of cabs, now
 * @sentences: (element-type utf8): why, for each that was refused or failed
 *
 * What became of it.
 */
typedef struct {
	guint wanted;
	guint present;
	guint imported;
	guint refused;
	guint failed;
	guint left;
	gboolean whole;
	guint64 fetched_bytes;
	GPtrArray *sentences;
} UcSyncResult;

void
uc_sync_result_clear(UcSyncResult *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UcSyncResult, uc_sync_result_clear)

gboolean
uc_sync(UcMirror *mirror, const UcSync *sync, UcSyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
