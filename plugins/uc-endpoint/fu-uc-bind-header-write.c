/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include "fu-uc-bind-header.h"
#include "fu-uc-endpoint-struct.h"
#include "fu-uc-hardware-levels.h"
#include "fu-uc-sha256.h"

/* The other direction of fu-uc-bind-header.c. */

static void
fu_uc_bind_header_write_field_type(GByteArray *fields,
				   guint *count,
				   guint16 type,
				   const guint8 *buf,
				   gsize bufsz)
{
	g_autoptr(FuStructUcBindField) st = fu_struct_uc_bind_field_new();
	fu_struct_uc_bind_field_set_type(st, type);
	fu_struct_uc_bind_field_set_length(st, (guint16)bufsz);
	g_byte_array_append(fields, st->buf->data, st->buf->len);
	g_byte_array_append(fields, buf, bufsz);
	*count += 1;
}

static void
fu_uc_bind_header_write_field(GByteArray *fields,
			      guint *count,
			      FuUcBindField type,
			      const guint8 *buf,
			      gsize bufsz)
{
	fu_uc_bind_header_write_field_type(fields,
					   count,
					   (guint16)(type | FU_UC_BIND_FIELD_CRITICAL),
					   buf,
					   bufsz);
}

/* the last fields, and not critical: a reader without keys needs not know them */
static void
fu_uc_bind_header_write_signatures(FuUcBindHeader *self, GByteArray *fields, guint *count)
{
	for (guint i = 0; i < self->signatures->len; i++) {
		gsize bufsz = 0;
		const guint8 *buf =
		    g_bytes_get_data(g_ptr_array_index(self->signatures, i), &bufsz);
		fu_uc_bind_header_write_field_type(fields,
						   count,
						   FU_UC_BIND_FIELD_SIGNATURE,
						   buf,
						   bufsz);
	}
}

static gboolean
fu_uc_bind_header_write_string(GByteArray *fields,
			       guint *count,
			       FuUcBindField type,
			       const gchar *value,
			       GError **error)
{
	const gchar *what = fu_uc_bind_field_to_string(type);

	if (value == NULL)
		return TRUE;
	if (!fu_uc_bind_header_check_string(value, -1, what, error))
		return FALSE;
	fu_uc_bind_header_write_field(fields, count, type, (const guint8 *)value, strlen(value));
	return TRUE;
}

static gboolean
fu_uc_bind_header_write_strings(GByteArray *fields,
				guint *count,
				FuUcBindField type,
				GPtrArray *values,
				GError **error)
{
	for (guint i = 0; i < values->len; i++) {
		const gchar *value = g_ptr_array_index(values, i);
		if (!fu_uc_bind_header_write_string(fields, count, type, value, error))
			return FALSE;
	}
	return TRUE;
}

static void
fu_uc_bind_header_write_levels(FuUcBindHeader *self, GByteArray *fields, guint *count)
{
	for (guint i = 0; i < self->levels->len; i++) {
		FuUcHardwareRange *range = &g_array_index(self->levels, FuUcHardwareRange, i);
		g_autoptr(FuStructUcBindLevels) st = fu_struct_uc_bind_levels_new();
		fu_struct_uc_bind_levels_set_first(st, range->first);
		fu_struct_uc_bind_levels_set_last(st, range->last);
		fu_uc_bind_header_write_field(fields,
					      count,
					      FU_UC_BIND_FIELD_HARDWARE_LEVELS,
					      st->buf->data,
					      st->buf->len);
	}
}

static gboolean
fu_uc_bind_header_write_entry(GByteArray *fields,
			      guint *count,
			      FuUcBindEntry *entry,
			      GError **error)
{
	guint8 digest[FU_UC_SHA256_SIZE] = {0};
	guint8 installed_digest[FU_UC_SHA256_SIZE] = {0};
	gsize targetsz = entry->target != NULL ? strlen(entry->target) : 0;
	g_autoptr(FuStructUcBindPayload) st = fu_struct_uc_bind_payload_new();

	if (!fu_uc_bind_header_check_string(entry->name, -1, "payload name", error))
		return FALSE;
	if (targetsz > 0 &&
	    !fu_uc_bind_header_check_string(entry->target, -1, "payload target", error))
		return FALSE;
	if (!fu_uc_sha256_from_string(entry->sha256, digest) ||
	    !fu_uc_sha256_from_string(entry->installed_sha256, installed_digest)) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_DATA,
			    "payload %s has no SHA-256 of 64 hexadecimal digits",
			    entry->name);
		return FALSE;
	}
	fu_struct_uc_bind_payload_set_size(st, entry->size);
	fu_struct_uc_bind_payload_set_installed_size(st, entry->installed_size);
	if (!fu_struct_uc_bind_payload_set_sha256(st, digest, sizeof(digest), error) ||
	    !fu_struct_uc_bind_payload_set_installed_sha256(st,
							    installed_digest,
							    sizeof(installed_digest),
							    error))
		return FALSE;
	fu_struct_uc_bind_payload_set_compression(st, entry->compression);
	fu_struct_uc_bind_payload_set_name_length(st, (guint8)strlen(entry->name));
	fu_struct_uc_bind_payload_set_target_length(st, (guint8)targetsz);
	g_byte_array_append(st->buf, (const guint8 *)entry->name, strlen(entry->name));
	if (targetsz > 0)
		g_byte_array_append(st->buf, (const guint8 *)entry->target, targetsz);
	fu_uc_bind_header_write_field(fields,
				      count,
				      FU_UC_BIND_FIELD_PAYLOAD,
				      st->buf->data,
				      st->buf->len);
	return TRUE;
}

static gboolean
fu_uc_bind_header_write_fields(FuUcBindHeader *self,
			       GByteArray *fields,
			       guint *count,
			       GError **error)
{
	if (!fu_uc_bind_header_write_string(fields,
					    count,
					    FU_UC_BIND_FIELD_VENDOR,
					    self->vendor,
					    error) ||
	    !fu_uc_bind_header_write_strings(fields,
					     count,
					     FU_UC_BIND_FIELD_MODEL,
					     self->models,
					     error) ||
	    !fu_uc_bind_header_write_strings(fields,
					     count,
					     FU_UC_BIND_FIELD_PART_NUMBER,
					     self->part_numbers,
					     error) ||
	    !fu_uc_bind_header_write_string(fields,
					    count,
					    FU_UC_BIND_FIELD_VERSION,
					    self->version,
					    error))
		return FALSE;
	fu_uc_bind_header_write_levels(self, fields, count);
	if (!fu_uc_bind_header_write_string(fields,
					    count,
					    FU_UC_BIND_FIELD_MINIMUM_VERSION,
					    self->minimum_version,
					    error) ||
	    !fu_uc_bind_header_write_string(fields,
					    count,
					    FU_UC_BIND_FIELD_LOCALE,
					    self->locale,
					    error) ||
	    !fu_uc_bind_header_write_string(fields,
					    count,
					    FU_UC_BIND_FIELD_KIND,
					    self->kind,
					    error))
		return FALSE;
	for (guint i = 0; i < self->entries->len; i++) {
		FuUcBindEntry *entry = g_ptr_array_index(self->entries, i);
		if (!fu_uc_bind_header_write_entry(fields, count, entry, error))
			return FALSE;
	}
	fu_uc_bind_header_write_signatures(self, fields, count);
	return TRUE;
}

/**
 * fu_uc_bind_header_write:
 * @self: a header
 * @error: (nullable): optional return location for an error
 *
 * Returns: (transfer full): the bytes from the magic to the checksum, or %NULL if something that is
 * required is missing or too long
 **/
GByteArray *
fu_uc_bind_header_write(FuUcBindHeader *self, GError **error)
{
	guint count = 0;
	gsize headersz;
	guint8 digest[FU_UC_SHA256_SIZE] = {0};
	g_autofree gchar *sha256 = NULL;
	g_autoptr(FuStructUcBind) st = fu_struct_uc_bind_new();
	g_autoptr(GByteArray) fields = g_byte_array_new();
	g_autoptr(GByteArray) buf = g_byte_array_new();

	if (!fu_uc_bind_header_check_required(self, error))
		return NULL;
	if (!fu_uc_bind_header_write_fields(self, fields, &count, error))
		return NULL;
	headersz = FU_STRUCT_UC_BIND_SIZE + fields->len + FU_UC_SHA256_SIZE;
	if (headersz > FU_UC_BIND_HEADER_SIZE_MAX || count > FU_UC_BIND_FIELDS_MAX) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_DATA,
			    "UC bind header would have %u fields and %u bytes, expected at most "
			    "%d and %d",
			    count,
			    (guint)headersz,
			    FU_UC_BIND_FIELDS_MAX,
			    FU_UC_BIND_HEADER_SIZE_MAX);
		return NULL;
	}
	fu_struct_uc_bind_set_format_version(st, FU_UC_BIND_FORMAT_VERSION);
	fu_struct_uc_bind_set_field_count(st, (guint16)count);
	fu_struct_uc_bind_set_header_size(st, (guint32)headersz);
	g_byte_array_append(buf, st->buf->data, st->buf->len);
	g_byte_array_append(buf, fields->data, fields->len);
	sha256 = fu_uc_sha256_of_buffer(buf->data, buf->len);
	if (!fu_uc_sha256_from_string(sha256, digest))
		g_assert_not_reached();
	g_byte_array_append(buf, digest, sizeof(digest));
	return g_steal_pointer(&buf);
}
