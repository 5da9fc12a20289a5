/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#define UC_BIND_PROTOCOL	 "org.ucupdates.bind"
#define UC_BIND_FIXED_BYTES	 16
#define UC_BIND_HEADER_MAX_BYTES (64 * 1024)

/**
 * UcBindLevels:
 * @first: the lowest hardware level
 * @last: the highest one, not below @first
 */
typedef struct {
	guint16 first;
	guint16 last;
} UcBindLevels;

/**
 * UcBindPayload:
 * @name: for people
 * @size_bytes: in the file
 * @sha256: of these bytes, 64 lower-case hexadecimal digits
 */
typedef struct {
	gchar *name;
	guint64 size_bytes;
	gchar *sha256;
} UcBindPayload;

/**
 * UcBind:
 * @vendor: whose endpoint it is for
 * @models: (element-type utf8): for these models, may be empty
 * @part_numbers: (element-type utf8): and these part numbers, may be empty
 * @version: in the vendor's spelling
 * @levels: (element-type UcBindLevels): for these hardware levels; empty is "not said"
 * @payloads: (element-type UcBindPayload): one at least, in the order of the file
 * @minimum_version: (nullable): the oldest version it may be installed over
 * @locale: (nullable): BCP 47
 * @kind: (nullable): what it is, firmware if not said
 * @header_bytes: the payloads begin here
 *
 * The header of an image, docs/firmware-format.md, as far as the mirror has to know it.
 */
typedef struct {
	gchar *vendor;
	GPtrArray *models;
	GPtrArray *part_numbers;
	gchar *version;
	GArray *levels;
	GPtrArray *payloads;
	gchar *minimum_version;
	gchar *locale;
	gchar *kind;
	gsize header_bytes;
} UcBind;

void
uc_bind_free(UcBind *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcBind, uc_bind_free)

UcBind *
uc_bind_parse(GBytes *header, GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcBind *
uc_bind_read(GInputStream *stream, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_bind_check_payloads(UcBind *self,
		       GInputStream *stream,
		       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_bind_has_level(const UcBind *self, guint level);
