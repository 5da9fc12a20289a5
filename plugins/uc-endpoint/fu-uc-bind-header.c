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

/* The header of a UC bind: fixed part, fields, checksum. docs/firmware-format.md specifies it.
 * Everything here is in memory; a header has at most 64 KiB. */

FuUcBindHeader *
fu_uc_bind_header_new(void)
{
	FuUcBindHeader *self = g_new0(FuUcBindHeader, 1);
	self->models = g_ptr_array_new_with_free_func(g_free);
	self->part_numbers = g_ptr_array_new_with_free_func(g_free);
	self->levels = fu_uc_hardware_levels_new();
	self->entries =
	    g_ptr_array_new_with_free_func((GDestroyNotify)fu_uc_bind_header_entry_free);
	self->signatures = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	return self;
}

void
fu_uc_bind_header_free(FuUcBindHeader *self)
{
	g_free(self->vendor);
	g_ptr_array_unref(self->models);
	g_ptr_array_unref(self->part_numbers);
	g_free(self->version);
	g_array_unref(self->levels);
	g_free(self->minimum_version);
	g_free(self->locale);
	g_free(self->kind);
	g_ptr_array_unref(self->entries);
	g_ptr_array_unref(self->signatures);
	g_clear_pointer(&self->signed_fields, g_bytes_unref);
	g_free(self);
}

void
fu_uc_bind_header_entry_free(FuUcBindEntry *entry)
{
	g_free(entry->name);
	g_free(entry->target);
	g_free(entry->sha256);
	g_free(entry->installed_sha256);
	g_free(entry);
}

/**
 * fu_uc_bind_header_check_string:
 * @str: bytes, with a terminator if @strsz is negative
 * @strsz: number of bytes, or negative
 * @what: what it is, for people
 * @error: (nullable): optional return location for an error
 *
 * Returns: %TRUE if it is 1 to 255 bytes of UTF-8 without control characters, otherwise %FALSE with
 * %FWUPD_ERROR_INVALID_FILE
 **/
gboolean
fu_uc_bind_header_check_string(const gchar *str, gssize strsz, const gchar *what, GError **error)
{
	gsize len = strsz < 0 ? strlen(str) : (gsize)strsz;

	if (len < 1 || len > FU_UC_BIND_STRING_MAX || !g_utf8_validate_len(str, len, NULL)) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_FILE,
			    "%s in the UC bind header is not 1 to %d bytes of UTF-8",
			    what,
			    FU_UC_BIND_STRING_MAX);
		return FALSE;
	}
	for (const gchar *p = str; p < str + len; p = g_utf8_next_char(p)) {
		if (g_unichar_iscntrl(g_utf8_get_char(p))) {
			g_set_error(error,
				    FWUPD_ERROR,
				    FWUPD_ERROR_INVALID_FILE,
				    "%s in the UC bind header has a control character",
				    what);
			return FALSE;
		}
	}
	return TRUE;
}

static gchar *
fu_uc_bind_header_read_string(const guint8 *buf, gsize bufsz, const gchar *what, GError **error)
{
	if (!fu_uc_bind_header_check_string((const gchar *)buf, (gssize)bufsz, what, error))
		return NULL;
	return g_strndup((const gchar *)buf, bufsz);
}

static gboolean
fu_uc_bind_header_read_once(gchar **value,
			    const guint8 *buf,
			    gsize bufsz,
			    const gchar *what,
			    GError **error)
{
	if (*value != NULL) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_FILE,
			    "%s is in the UC bind header more than once",
			    what);
		return FALSE;
	}
	*value = fu_uc_bind_header_read_string(buf, bufsz, what, error);
	return *value != NULL;
}

static gboolean
fu_uc_bind_header_read_more(GPtrArray *values,
			    const guint8 *buf,
			    gsize bufsz,
			    const gchar *what,
			    GError **error)
{
	g_autofree gchar *value = fu_uc_bind_header_read_string(buf, bufsz, what, error);
	if (value == NULL)
		return FALSE;
	g_ptr_array_add(values, g_steal_pointer(&value));
	return TRUE;
}

static gboolean
fu_uc_bind_header_check_length(gsize found, gsize expected, const gchar *what, GError **error)
{
	if (found == expected)
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_INVALID_FILE,
		    "%s in the UC bind header has %" G_GSIZE_FORMAT
		    " bytes, expected %" G_GSIZE_FORMAT,
		    what,
		    found,
		    expected);
	return FALSE;
}

static gboolean
fu_uc_bind_header_read_levels(FuUcBindHeader *self, const guint8 *buf, gsize bufsz, GError **error)
{
	g_autoptr(FuStructUcBindLevels) st = NULL;

	if (!fu_uc_bind_header_check_length(bufsz,
					    FU_STRUCT_UC_BIND_LEVELS_SIZE,
					    "hardware-levels",
					    error))
		return FALSE;
	st = fu_struct_uc_bind_levels_parse(buf, bufsz, 0, error);
	if (st == NULL)
		return FALSE;
	return fu_uc_hardware_levels_add(self->levels,
					 fu_struct_uc_bind_levels_get_first(st),
					 fu_struct_uc_bind_levels_get_last(st),
					 error);
}

static gboolean
fu_uc_bind_header_check_entry(FuUcBindHeader *self, FuUcBindEntry *entry, GError **error)
{
	if (self->entries->len >= FU_UC_BIND_PAYLOADS_MAX) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_FILE,
			    "UC bind header has more than %d payloads",
			    FU_UC_BIND_PAYLOADS_MAX);
		return FALSE;
	}
	if (entry->size < 1 || entry->size > FU_UC_BIND_PAYLOAD_SIZE_MAX ||
	    entry->installed_size < 1 || entry->installed_size > FU_UC_BIND_PAYLOAD_SIZE_MAX) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_FILE,
			    "payload %s is oversized or empty: %" G_GUINT64_FORMAT
			    " bytes, expected 1 byte to 1 TiB",
			    entry->name,
			    entry->size);
		return FALSE;
	}
	if (entry->compression == FU_UC_BIND_COMPRESSION_NONE &&
	    (entry->size != entry->installed_size ||
	     g_strcmp0(entry->sha256, entry->installed_sha256) != 0)) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_FILE,
			    "payload %s is not compressed, but what is installed is said to be "
			    "something else",
			    entry->name);
		return FALSE;
	}
	for (guint i = 0; i < self->entries->len; i++) {
		FuUcBindEntry *other = g_ptr_array_index(self->entries, i);
		if (g_strcmp0(other->name, entry->name) == 0) {
			g_set_error(error,
				    FWUPD_ERROR,
				    FWUPD_ERROR_INVALID_FILE,
				    "payload %s is in the UC bind header more than once",
				    entry->name);
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean
fu_uc_bind_header_read_entry(FuUcBindHeader *self, const guint8 *buf, gsize bufsz, GError **error)
{
	gsize namesz;
	gsize targetsz;
	const guint8 *text = buf + FU_STRUCT_UC_BIND_PAYLOAD_SIZE;
	g_autoptr(FuStructUcBindPayload) st = NULL;
	g_autoptr(FuUcBindEntry) entry = g_new0(FuUcBindEntry, 1);

	if (bufsz < FU_STRUCT_UC_BIND_PAYLOAD_SIZE)
		return fu_uc_bind_header_check_length(bufsz,
						      FU_STRUCT_UC_BIND_PAYLOAD_SIZE,
						      "payload",
						      error);
	st = fu_struct_uc_bind_payload_parse(buf, bufsz, 0, error);
	if (st == NULL)
		return FALSE;
	namesz = fu_struct_uc_bind_payload_get_name_length(st);
	targetsz = fu_struct_uc_bind_payload_get_target_length(st);
	if (!fu_uc_bind_header_check_length(bufsz,
					    FU_STRUCT_UC_BIND_PAYLOAD_SIZE + namesz + targetsz,
					    "payload",
					    error))
		return FALSE;
	entry->name = fu_uc_bind_header_read_string(text, namesz, "payload name", error);
	if (entry->name == NULL)
		return FALSE;
	if (targetsz > 0) {
		entry->target =
		    fu_uc_bind_header_read_string(text + namesz, targetsz, "payload target", error);
		if (entry->target == NULL)
			return FALSE;
	}
	entry->size = fu_struct_uc_bind_payload_get_size(st);
	entry->sha256 = fu_uc_sha256_to_string(fu_struct_uc_bind_payload_get_sha256(st, NULL));
	entry->installed_size = fu_struct_uc_bind_payload_get_installed_size(st);
	entry->installed_sha256 =
	    fu_uc_sha256_to_string(fu_struct_uc_bind_payload_get_installed_sha256(st, NULL));
	entry->compression = fu_struct_uc_bind_payload_get_compression(st);
	if (!fu_uc_bind_header_check_entry(self, entry, error))
		return FALSE;
	g_ptr_array_add(self->entries, g_steal_pointer(&entry));
	return TRUE;
}

/**
 * fu_uc_bind_header_add_signature:
 * @self: a header
 * @buf: a signature
 * @bufsz: bytes
 * @error: (nullable): optional return location for an error
 *
 * Whose it is, and whether it is right, is found out by fu_uc_bind_signature_check().
 *
 * Returns: %TRUE, or %FALSE with %FWUPD_ERROR_INVALID_FILE if it or their number is over the limit
 **/
gboolean
fu_uc_bind_header_add_signature(FuUcBindHeader *self,
				const guint8 *buf,
				gsize bufsz,
				GError **error)
{
	if (bufsz < 1 || bufsz > FU_UC_BIND_SIGNATURE_MAX ||
	    self->signatures->len >= FU_UC_BIND_SIGNATURES_MAX) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_FILE,
			    "UC bind header has more than %d signatures, or one of %" G_GSIZE_FORMAT
			    " bytes, expected 1 to %d",
			    FU_UC_BIND_SIGNATURES_MAX,
			    bufsz,
			    FU_UC_BIND_SIGNATURE_MAX);
		return FALSE;
	}
	g_ptr_array_add(self->signatures, g_bytes_new(buf, bufsz));
	return TRUE;
}

static gboolean
fu_uc_bind_header_read_field(FuUcBindHeader *self,
			     guint16 type,
			     const guint8 *buf,
			     gsize bufsz,
			     GError **error)
{
	switch (type & ~FU_UC_BIND_FIELD_CRITICAL) {
	case FU_UC_BIND_FIELD_VENDOR:
		return fu_uc_bind_header_read_once(&self->vendor, buf, bufsz, "vendor", error);
	case FU_UC_BIND_FIELD_MODEL:
		return fu_uc_bind_header_read_more(self->models, buf, bufsz, "model", error);
	case FU_UC_BIND_FIELD_PART_NUMBER:
		return fu_uc_bind_header_read_more(self->part_numbers,
						   buf,
						   bufsz,
						   "part number",
						   error);
	case FU_UC_BIND_FIELD_VERSION:
		return fu_uc_bind_header_read_once(&self->version, buf, bufsz, "version", error);
	case FU_UC_BIND_FIELD_HARDWARE_LEVELS:
		return fu_uc_bind_header_read_levels(self, buf, bufsz, error);
	case FU_UC_BIND_FIELD_MINIMUM_VERSION:
		return fu_uc_bind_header_read_once(&self->minimum_version,
						   buf,
						   bufsz,
						   "minimum version",
						   error);
	case FU_UC_BIND_FIELD_LOCALE:
		return fu_uc_bind_header_read_once(&self->locale, buf, bufsz, "locale", error);
	case FU_UC_BIND_FIELD_KIND:
		return fu_uc_bind_header_read_once(&self->kind, buf, bufsz, "kind", error);
	case FU_UC_BIND_FIELD_PAYLOAD:
		return fu_uc_bind_header_read_entry(self, buf, bufsz, error);
	case FU_UC_BIND_FIELD_SIGNATURE:
		return fu_uc_bind_header_add_signature(self, buf, bufsz, error);
	default:
		break;
	}
	if (type & FU_UC_BIND_FIELD_CRITICAL) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_NOT_SUPPORTED,
			    "UC bind header has the critical field 0x%04x, which this version does "
			    "not know; update the endpoint's ucupdates first",
			    type);
		return FALSE;
	}
	return TRUE;
}

/**
 * fu_uc_bind_header_check_required:
 * @self: a header
 * @error: (nullable): optional return location for an error
 *
 * Returns: %TRUE if nothing that has to be there is missing, otherwise %FALSE with
 * %FWUPD_ERROR_INVALID_FILE
 **/
gboolean
fu_uc_bind_header_check_required(FuUcBindHeader *self, GError **error)
{
	const gchar *missing = NULL;

	if (self->vendor == NULL)
		missing = "vendor";
	else if (self->models->len + self->part_numbers->len == 0)
		missing = "model or part number";
	else if (self->version == NULL)
		missing = "version";
	else if (self->entries->len == 0)
		missing = "payload";
	if (missing == NULL)
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_INVALID_FILE,
		    "UC bind header has no %s",
		    missing);
	return FALSE;
}

/* the last 32 bytes are the checksum of all before them */
static gboolean
fu_uc_bind_header_check_checksum(const guint8 *buf, gsize bufsz, GError **error)
{
	gsize fieldsz = bufsz - FU_UC_SHA256_SIZE;
	g_autofree gchar *found = fu_uc_sha256_of_buffer(buf, fieldsz);
	g_autofree gchar *expected = fu_uc_sha256_to_string(buf + fieldsz);

	if (g_str_equal(found, expected))
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_INVALID_FILE,
		    "UC bind header is damaged: its SHA-256 is %s, expected %s; "
		    "get the file again",
		    found,
		    expected);
	return FALSE;
}

/* signatures are over all fields before them, so that none may follow */
static gboolean
fu_uc_bind_header_check_signed(FuUcBindHeader *self,
			       guint16 type,
			       const guint8 *buf,
			       gsize fieldsz,
			       GError **error)
{
	if ((type & ~FU_UC_BIND_FIELD_CRITICAL) == FU_UC_BIND_FIELD_SIGNATURE) {
		if (self->signed_fields == NULL)
			self->signed_fields = g_bytes_new(buf, fieldsz);
		return TRUE;
	}
	if (self->signed_fields == NULL)
		return TRUE;
	g_set_error(
	    error,
	    FWUPD_ERROR,
	    FWUPD_ERROR_INVALID_FILE,
	    "UC bind header has the field 0x%04x behind a signature, which does not cover it",
	    type);
	return FALSE;
}

static gboolean
fu_uc_bind_header_read_fields(FuUcBindHeader *self,
			      guint count,
			      const guint8 *buf,
			      gsize bufsz,
			      GError **error)
{
	gsize offset = FU_STRUCT_UC_BIND_SIZE;

	for (guint i = 0; i < count; i++) {
		gsize length;
		g_autoptr(FuStructUcBindField) st = NULL;

		st = fu_struct_uc_bind_field_parse(buf, bufsz, offset, error);
		if (st == NULL)
			return FALSE;
		if (!fu_uc_bind_header_check_signed(self,
						    fu_struct_uc_bind_field_get_type(st),
						    buf + FU_STRUCT_UC_BIND_SIZE,
						    offset - FU_STRUCT_UC_BIND_SIZE,
						    error))
			return FALSE;
		offset += FU_STRUCT_UC_BIND_FIELD_SIZE;
		length = fu_struct_uc_bind_field_get_length(st);
		if (length > bufsz - offset)
			return fu_uc_bind_header_check_length(bufsz - offset,
							      length,
							      "a field",
							      error);
		if (!fu_uc_bind_header_read_field(self,
						  fu_struct_uc_bind_field_get_type(st),
						  buf + offset,
						  length,
						  error))
			return FALSE;
		offset += length;
	}
	return fu_uc_bind_header_check_length(bufsz, offset, "all fields", error);
}

/**
 * fu_uc_bind_header_parse:
 * @buf: the header, from the magic to the checksum
 * @bufsz: bytes in @buf, the header size that the fixed part says
 * @error: (nullable): optional return location for an error
 *
 * Returns: (transfer full): the header, or %NULL with %FWUPD_ERROR_INVALID_FILE if it is damaged or
 * not as docs/firmware-format.md says, with %FWUPD_ERROR_NOT_SUPPORTED if it is of a later format
 **/
FuUcBindHeader *
fu_uc_bind_header_parse(const guint8 *buf, gsize bufsz, GError **error)
{
	guint16 version = 0;
	guint16 count = 0;
	g_autoptr(FuUcBindHeader) self = fu_uc_bind_header_new();

	if (bufsz < FU_STRUCT_UC_BIND_SIZE + FU_UC_SHA256_SIZE) {
		(void)fu_uc_bind_header_check_length(bufsz,
						     FU_STRUCT_UC_BIND_SIZE + FU_UC_SHA256_SIZE,
						     "all of it",
						     error);
		return NULL;
	}
	if (!fu_uc_bind_header_check_checksum(buf, bufsz, error))
		return NULL;
	version = fu_memread_uint16(buf + FU_STRUCT_UC_BIND_OFFSET_FORMAT_VERSION, G_LITTLE_ENDIAN);
	if (version != FU_UC_BIND_FORMAT_VERSION) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_NOT_SUPPORTED,
			    "UC bind has format version %u, this version knows only %u",
			    version,
			    (guint)FU_UC_BIND_FORMAT_VERSION);
		return NULL;
	}
	count = fu_memread_uint16(buf + FU_STRUCT_UC_BIND_OFFSET_FIELD_COUNT, G_LITTLE_ENDIAN);
	if (count > FU_UC_BIND_FIELDS_MAX) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_FILE,
			    "UC bind header has %u fields, expected at most %d",
			    count,
			    FU_UC_BIND_FIELDS_MAX);
		return NULL;
	}
	if (!fu_uc_bind_header_read_fields(self, count, buf, bufsz - FU_UC_SHA256_SIZE, error))
		return NULL;
	if (!fu_uc_bind_header_check_required(self, error))
		return NULL;
	return g_steal_pointer(&self);
}
