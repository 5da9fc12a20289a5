/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <xmlb.h>

#define UC_METAINFO_SUFFIX    ".metainfo.xml"
#define UC_METAINFO_MAX_BYTES (1024 * 1024)
#define UC_METAINFO_GUIDS_MAX 256

/**
 * UcMetainfo:
 * @id: component id
 * @name: for people
 * @vendor: the developer's name, for people
 * @version: of its one release
 * @protocol: fwupd's update protocol
 * @payload_name: member of the cab that is installed
 * @payload_sha256: (nullable): SHA-256 it must have, if the metadata says one
 * @payload_bytes: size it must have, 0 if the metadata does not say
 * @guids: the hardware it is for, in lower case, one at least
 * @silo: keeps @component alive
 * @component: all of it
 *
 * What the AppStream metadata of a package says.
 */
typedef struct {
	gchar *id;
	gchar *name;
	gchar *vendor;
	gchar *version;
	gchar *protocol;
	gchar *payload_name;
	gchar *payload_sha256;
	guint64 payload_bytes;
	GStrv guids;
	XbSilo *silo;
	XbNode *component;
} UcMetainfo;

UcMetainfo *
uc_metainfo_parse(GBytes *xml, GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcMetainfo *
uc_metainfo_load(const gchar *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcMetainfo *
uc_metainfo_load_accepted(const gchar *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_metainfo_free(UcMetainfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcMetainfo, uc_metainfo_free)
