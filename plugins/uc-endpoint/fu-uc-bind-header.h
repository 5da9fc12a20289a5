/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupd.h>
#include <gio/gio.h>

#define FU_UC_BIND_FIELD_CRITICAL   (1u << 15)
#define FU_UC_BIND_FORMAT_VERSION   1
#define FU_UC_BIND_HEADER_SIZE_MAX  (64 * 1024) /* bytes */
#define FU_UC_BIND_FIELDS_MAX	    256
#define FU_UC_BIND_STRING_MAX	    255 /* bytes */
#define FU_UC_BIND_PAYLOADS_MAX	    8
#define FU_UC_BIND_PAYLOAD_SIZE_MAX (1ull << 40) /* bytes */
#define FU_UC_BIND_SIGNATURES_MAX   4
#define FU_UC_BIND_SIGNATURE_MAX    1024 /* bytes */

/* one payload, as the header has it */
typedef struct {
	gchar *name;
	gchar *target; /* (nullable) */
	guint64 size;  /* bytes in the file */
	gchar *sha256; /* of the bytes in the file */
	guint64 installed_size;
	gchar *installed_sha256;
	guint8 compression; /* FuUcBindCompression, or a number that is not known */
} FuUcBindEntry;

/* what a header says */
typedef struct {
	gchar *vendor;
	GPtrArray *models;	 /* (element-type utf8) */
	GPtrArray *part_numbers; /* (element-type utf8) */
	gchar *version;		 /* in the vendor's spelling */
	GArray *levels;		 /* (element-type FuUcHardwareRange): empty is "not said" */
	gchar *minimum_version;	 /* (nullable) */
	gchar *locale;		 /* (nullable) */
	gchar *kind;		 /* (nullable) */
	GPtrArray *entries;	 /* (element-type FuUcBindEntry) */
	GPtrArray *signatures;	 /* (element-type GBytes) */
	GBytes *signed_fields;	 /* (nullable): all before the first signature, since parsing */
} FuUcBindHeader;

FuUcBindHeader *
fu_uc_bind_header_new(void);
void
fu_uc_bind_header_free(FuUcBindHeader *self);
void
fu_uc_bind_header_entry_free(FuUcBindEntry *entry);
FuUcBindHeader *
fu_uc_bind_header_parse(const guint8 *buf, gsize bufsz, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_bind_header_check_string(const gchar *str, gssize strsz, const gchar *what, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_bind_header_add_signature(FuUcBindHeader *self,
				const guint8 *buf,
				gsize bufsz,
				GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_bind_header_check_required(FuUcBindHeader *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GByteArray *
fu_uc_bind_header_write(FuUcBindHeader *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(FuUcBindHeader, fu_uc_bind_header_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FuUcBindEntry, fu_uc_bind_header_entry_free)
