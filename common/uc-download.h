/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-http.h"

#define UC_DOWNLOAD_PART_SUFFIX ".part" /* of what is not whole yet, or not verified */

/**
 * UcDownloadProgress:
 * @done_bytes: so many are on disk
 * @total_bytes: of so many
 */
typedef void (*UcDownloadProgress)(guint64 done_bytes, guint64 total_bytes, gpointer user_data);

/**
 * UcDownload:
 * @path: absolute path of the URL
 * @destination: file to write; `<destination>.part` until it is whole and verified
 * @size_bytes: the size it must have, 0 if not known (then @max_bytes is the only bound)
 * @max_bytes: the limit
 * @sha256: the SHA-256 it must have, 64 lower-case hexadecimal digits
 * @speed_bytes_sec: a server slower than that is given up; 0 takes %UC_LIMIT_SPEED_BYTES_SEC
 * @speed_secs: when it was so slow for so long; 0 takes %UC_LIMIT_SPEED_SECS
 * @progress: (nullable): called after each piece
 *
 * What to fetch. Nothing in it is owned; it has to live until the call returns.
 */
typedef struct {
	const gchar *path;
	const gchar *destination;
	guint64 size_bytes;
	guint64 max_bytes;
	const gchar *sha256;
	guint speed_bytes_sec;
	guint speed_secs;
	UcDownloadProgress progress;
	gpointer progress_data;
} UcDownload;

void
uc_download_async(UcHttp *http,
		  const UcDownload *download,
		  GCancellable *cancellable,
		  GAsyncReadyCallback callback,
		  gpointer user_data);
gboolean
uc_download_finish(UcHttp *http, GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
