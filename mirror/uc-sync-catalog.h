/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#define UC_SYNC_XML_MAX_BYTES (256 * 1024 * 1024)
#define UC_SYNC_RELEASES_MAX  50000

/**
 * UcSyncRelease:
 * @component_id: for people
 * @version: of the release
 * @location: of its cab, relative to the metadata or absolute
 * @sha256: of the cab, 64 lower-case hexadecimal digits
 * @size_bytes: of the cab, 0 when not known
 *
 * What the inventory can use.
 */
typedef struct {
	gchar *component_id;
	gchar *version;
	gchar *location;
	gchar *sha256;
	guint64 size_bytes;
} UcSyncRelease;

void
uc_sync_release_free(UcSyncRelease *self);

GPtrArray *
uc_sync_catalog_parse(GBytes *metadata,
		      GHashTable *guids,
		      GError **error) G_GNUC_WARN_UNUSED_RESULT;
