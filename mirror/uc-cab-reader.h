/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#define UC_CAB_MEMBERS_MAX    64
#define UC_CAB_NAME_MAX_BYTES 128

/**
 * UcCabMember:
 * @name: a plain file name
 * @size_bytes: unpacked
 * @sha256: of the unpacked bytes, 64 lower-case hexadecimal digits
 */
typedef struct {
	gchar *name;
	guint64 size_bytes;
	gchar *sha256;
} UcCabMember;

void
uc_cab_member_free(UcCabMember *member);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcCabMember, uc_cab_member_free)

GPtrArray *
uc_cab_reader_extract(const gchar *path, const gchar *dir, guint64 max_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
UcCabMember *
uc_cab_reader_find(GPtrArray *members, const gchar *name);
