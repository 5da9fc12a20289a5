/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A reader of the UC bind format, docs/firmware-format.md: a fixed part, fields, a SHA-256 of both,
 * then the payloads one after the other. The plugin has a reader of its own on fwupd's terms; this
 * one lets a wrong package be refused where somebody can still do something about it.
 */

#include <string.h>

#include "uc-bind.h"
#include "uc-error.h"
#include "uc-sha256.h"

#define UC_BIND_MAGIC		  "UC-BIND!"
#define UC_BIND_FORMAT_VERSION	  1
#define UC_BIND_FIELDS_MAX	  256
#define UC_BIND_STRING_MAX_BYTES  255
#define UC_BIND_PAYLOADS_MAX	  8
#define UC_BIND_PAYLOAD_MAX_BYTES (G_GUINT64_CONSTANT(1) << 40)
#define UC_BIND_SHA256_BYTES	  32
#define UC_BIND_ENTRY_BYTES	  84
#define UC_BIND_CRITICAL	  0x8000
#define UC_BIND_CHUNK_BYTES	  (128 * 1024)

enum {
	UC_BIND_FIELD_VENDOR = 0x0001,
	UC_BIND_FIELD_MODEL = 0x0002,
	UC_BIND_FIELD_PART_NUMBER = 0x0003,
	UC_BIND_FIELD_VERSION = 0x0004,
	UC_BIND_FIELD_HARDWARE_LEVELS = 0x0005,
	UC_BIND_FIELD_MINIMUM_VERSION = 0x0006,
	UC_BIND_FIELD_LOCALE = 0x0007,
	UC_BIND_FIELD_KIND = 0x0008,
	UC_BIND_FIELD_PAYLOAD = 0x0009,
};

static void
uc_bind_payload_free(UcBindPayload *payload)
{
	g_free(payload->name);
	g_free(payload->sha256);
	g_free(payload);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcBindPayload, uc_bind_payload_free)

static UcBind *
uc_bind_new(void)
{
	UcBind *self = g_new0(UcBind, 1);

	self->models = g_ptr_array_new_with_free_func(g_free);
	self->part_numbers = g_ptr_array_new_with_free_func(g_free);
	self->levels = g_array_new(FALSE, FALSE, sizeof(UcBindLevels));
	self->payloads = g_ptr_array_new_with_free_func((GDestroyNotify)uc_bind_payload_free);
	return self;
}

void
uc_bind_free(UcBind *self)
{
	g_free(self->vendor);
	g_ptr_array_unref(self->models);
	g_ptr_array_unref(self->part_numbers);
	g_free(self->version);
	g_free(self->minimum_version);
	g_free(self->locale);
	g_free(self->kind);
	g_array_unref(self->levels);
	g_ptr_array_unref(self->payloads);
	g_free(self);
}

static guint64
uc_bind_get_uint(const guint8 *data, guint bytes)
{
	guint64 value = 0;

	for (guint i = bytes; i > 0; i--)
		value = value << 8 | data[i - 1];
	return value;
}

static gchar *
uc_bind_get_hex(const guint8 *digest)
{
	GString *hex = g_string_sized_new(UC_SHA256_HEX_CHARS);

	for (guint i = 0; i < UC_BIND_SHA256_BYTES; i++)
		g_string_append_printf(hex, "%02x", digest[i]);
	return g_string_free(hex, FALSE);
}

static gchar *
uc_bind_get_string(const guint8 *data, gsize size_bytes, const gchar *what, GError **error)
{
	const gchar *text = (const gchar *)data;
	gboolean valid = size_bytes >= 1 && size_bytes <= UC_BIND_STRING_MAX_BYTES &&
			 g_utf8_validate_len(text, size_bytes, NULL);

	for (const gchar *p = text; valid && p < text + size_bytes; p = g_utf8_next_char(p))
		valid = !g_unichar_iscntrl(g_utf8_get_char(p));
	if (valid)
		return g_strndup(text, size_bytes);
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "the %s in the UC bind header is not 1 to %d bytes of UTF-8 without control "
		    "characters",
		    what,
		    UC_BIND_STRING_MAX_BYTES);
	return NULL;
}

static gboolean
uc_bind_set_string(gchar **value,
		   const guint8 *data,
		   gsize size_bytes,
		   const gchar *what,
		   GError **error)
{
	if (*value != NULL) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "the %s is in the UC bind header more than once",
			    what);
		return FALSE;
	}
	*value = uc_bind_get_string(data, size_bytes, what, error);
	return *value != NULL;
}

static gboolean
uc_bind_add_string(GPtrArray *values,
		   const guint8 *data,
		   gsize size_bytes,
		   const gchar *what,
		   GError **error)
{
	gchar *value = uc_bind_get_string(data, size_bytes, what, error);

	if (value == NULL)
		return FALSE;
	g_ptr_array_add(values, value);
	return TRUE;
}

static gboolean
uc_bind_add_levels(UcBind *self, const guint8 *data, gsize size_bytes, GError **error)
{
	UcBindLevels levels = {0};

	if (size_bytes == 4) {
		levels.first = (guint16)uc_bind_get_uint(data, 2);
		levels.last = (guint16)uc_bind_get_uint(data + 2, 2);
	}
	if (size_bytes != 4 || levels.first > levels.last) {
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_INVALID,
				    "the hardware levels in the UC bind header are no range of two "
				    "16-bit numbers, the lower one first");
		return FALSE;
	}
	g_array_append_val(self->levels, levels);
	return TRUE;
}

static gboolean
uc_bind_add_payload(UcBind *self, const guint8 *data, gsize size_bytes, GError **error)
{
	g_autoptr(UcBindPayload) payload = g_new0(UcBindPayload, 1);

	if (size_bytes < UC_BIND_ENTRY_BYTES ||
	    size_bytes != (gsize)UC_BIND_ENTRY_BYTES + data[81] + data[82]) {
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_INVALID,
				    "a payload's entry in the UC bind header has a wrong length");
		return FALSE;
	}
	payload->name =
	    uc_bind_get_string(data + UC_BIND_ENTRY_BYTES, data[81], "payload name", error);
	if (payload->name == NULL)
		return FALSE;
	payload->size_bytes = uc_bind_get_uint(data, 8);
	payload->sha256 = uc_bind_get_hex(data + 8);
	if (payload->size_bytes < 1 || payload->size_bytes > UC_BIND_PAYLOAD_MAX_BYTES ||
	    self->payloads->len >= UC_BIND_PAYLOADS_MAX) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "payload %s in the UC bind header is empty or larger than 1 TiB, or "
			    "there are more than %d",
			    payload->name,
			    UC_BIND_PAYLOADS_MAX);
		return FALSE;
	}
	for (guint i = 0; i < self->payloads->len; i++) {
		const UcBindPayload *other = g_ptr_array_index(self->payloads, i);

		if (g_str_equal(other->name, payload->name)) {
			g_set_error(error,
				    UC_ERROR,
				    UC_ERROR_INVALID,
				    "payload %s is in the UC bind header more than once",
				    payload->name);
			return FALSE;
		}
	}
	g_ptr_array_add(self->payloads, g_steal_pointer(&payload));
	return TRUE;
}

static gboolean
uc_bind_read_field(UcBind *self, guint type, const guint8 *data, gsize size_bytes, GError **error)
{
	switch (type & ~UC_BIND_CRITICAL) {
	case UC_BIND_FIELD_VENDOR:
		return uc_bind_set_string(&self->vendor, data, size_bytes, "vendor", error);
	case UC_BIND_FIELD_MODEL:
		return uc_bind_add_string(self->models, data, size_bytes, "model", error);
	case UC_BIND_FIELD_PART_NUMBER:
		return uc_bind_add_string(self->part_numbers,
					  data,
					  size_bytes,
					  "part number",
					  error);
	case UC_BIND_FIELD_VERSION:
		return uc_bind_set_string(&self->version, data, size_bytes, "version", error);
	case UC_BIND_FIELD_HARDWARE_LEVELS:
		return uc_bind_add_levels(self, data, size_bytes, error);
	case UC_BIND_FIELD_PAYLOAD:
		return uc_bind_add_payload(self, data, size_bytes, error);
	case UC_BIND_FIELD_MINIMUM_VERSION:
		return uc_bind_set_string(&self->minimum_version,
					  data,
					  size_bytes,
					  "minimum version",
					  error);
	case UC_BIND_FIELD_LOCALE:
		return uc_bind_set_string(&self->locale, data, size_bytes, "locale", error);
	case UC_BIND_FIELD_KIND:
		return uc_bind_set_string(&self->kind, data, size_bytes, "kind", error);
	default:
		break;
	}
	if ((type & UC_BIND_CRITICAL) == 0)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "the UC bind header has the critical field 0x%04x, which this version does not "
		    "know; update the mirror first",
		    type);
	return FALSE;
}

static gboolean
uc_bind_read_fields(UcBind *self, guint count, const guint8 *data, gsize end, GError **error)
{
	gsize offset = UC_BIND_FIXED_BYTES;

	for (guint i = 0; i < count; i++) {
		guint type = 0;
		gsize length = 0;

		if (end - offset >= 4) {
			type = (guint)uc_bind_get_uint(data + offset, 2);
			length = (gsize)uc_bind_get_uint(data + offset + 2, 2);
		}
		if (end - offset < 4 || length > end - offset - 4) {
			g_set_error(error,
				    UC_ERROR,
				    UC_ERROR_INVALID,
				    "field %u goes past the end of the UC bind header",
				    i);
			return FALSE;
		}
		if (!uc_bind_read_field(self, type, data + offset + 4, length, error))
			return FALSE;
		offset += 4 + length;
	}
	if (offset == end)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "the fields of the UC bind header end at byte %" G_GSIZE_FORMAT
		    ", expected %" G_GSIZE_FORMAT,
		    offset,
		    end);
	return FALSE;
}

static gboolean
uc_bind_check_required(const UcBind *self, GError **error)
{
	const gchar *missing = NULL;

	if (self->vendor == NULL)
		missing = "vendor";
	else if (self->models->len + self->part_numbers->len == 0)
		missing = "model or part number";
	else if (self->version == NULL)
		missing = "version";
	else if (self->payloads->len == 0)
		missing = "payload";
	if (missing == NULL)
		return TRUE;
	g_set_error(error, UC_ERROR, UC_ERROR_INVALID, "the UC bind header has no %s", missing);
	return FALSE;
}

static gboolean
uc_bind_check_checksum(const guint8 *data, gsize end, GError **error)
{
	g_autofree gchar *expected = uc_bind_get_hex(data + end);
	g_autoptr(UcSha256) sum = uc_sha256_new();
	g_autofree gchar *found = NULL;

	uc_sha256_update(sum, data, end);
	found = uc_sha256_to_hex(sum);
	if (g_str_equal(found, expected))
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "the UC bind header is damaged: its SHA-256 is %s, expected %s; get the file "
		    "again",
		    found,
		    expected);
	return FALSE;
}

static gboolean
uc_bind_check_version(const guint8 *data, GError **error)
{
	guint version = (guint)uc_bind_get_uint(data + 8, 2);

	if (version == UC_BIND_FORMAT_VERSION)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "the UC bind has format version %u, this version knows only %d; update the "
		    "mirror first",
		    version,
		    UC_BIND_FORMAT_VERSION);
	return FALSE;
}

/* the size that the fixed part says, or 0 */
static gsize
uc_bind_check_fixed(const guint8 *data, gsize size_bytes, GError **error)
{
	guint64 header_bytes = 0;

	if (size_bytes < UC_BIND_FIXED_BYTES ||
	    memcmp(data, UC_BIND_MAGIC, strlen(UC_BIND_MAGIC)) != 0) {
		g_set_error_literal(
		    error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "the payload is no UC bind: it does not begin with '" UC_BIND_MAGIC "'");
		return 0;
	}
	header_bytes = uc_bind_get_uint(data + 12, 4);
	if (header_bytes >= UC_BIND_FIXED_BYTES + UC_BIND_SHA256_BYTES &&
	    header_bytes <= UC_BIND_HEADER_MAX_BYTES &&
	    uc_bind_get_uint(data + 10, 2) <= UC_BIND_FIELDS_MAX)
		return (gsize)header_bytes;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_LIMIT,
		    "the UC bind header has %u fields and %" G_GUINT64_FORMAT
		    " bytes, expected at most %d and %d to %d",
		    (guint)uc_bind_get_uint(data + 10, 2),
		    header_bytes,
		    UC_BIND_FIELDS_MAX,
		    UC_BIND_FIXED_BYTES + UC_BIND_SHA256_BYTES,
		    UC_BIND_HEADER_MAX_BYTES);
	return 0;
}

/**
 * uc_bind_parse:
 * @header: from the magic to the checksum; what follows is ignored
 * @error: set to %UC_ERROR_INVALID (not a UC bind, damaged, of a later format) or %UC_ERROR_LIMIT
 *
 * Returns: (transfer full): what the header says, or %NULL
 */
UcBind *
uc_bind_parse(GBytes *header, GError **error)
{
	g_autoptr(UcBind) self = uc_bind_new();
	gsize size_bytes = 0;
	const guint8 *data = g_bytes_get_data(header, &size_bytes);
	gsize end = 0;

	self->header_bytes = uc_bind_check_fixed(data, size_bytes, error);
	if (self->header_bytes == 0)
		return NULL;
	if (self->header_bytes > size_bytes) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "the UC bind header is truncated: %" G_GSIZE_FORMAT
			    " bytes, expected %" G_GSIZE_FORMAT,
			    size_bytes,
			    self->header_bytes);
		return NULL;
	}
	end = self->header_bytes - UC_BIND_SHA256_BYTES;
	if (!uc_bind_check_checksum(data, end, error) || !uc_bind_check_version(data, error) ||
	    !uc_bind_read_fields(self, (guint)uc_bind_get_uint(data + 10, 2), data, end, error) ||
	    !uc_bind_check_required(self, error))
		return NULL;
	return g_steal_pointer(&self);
}

/**
 * uc_bind_read:
 * @stream: an image from its first byte; afterwards at the first payload
 * @error: as of uc_bind_parse(), or set to `G_IO_ERROR`
 *
 * Returns: (transfer full): what the header says, or %NULL
 */
UcBind *
uc_bind_read(GInputStream *stream, GError **error)
{
	g_autofree guint8 *buffer = g_malloc0(UC_BIND_HEADER_MAX_BYTES);
	g_autoptr(GBytes) bytes = NULL;
	gsize fixed_bytes = 0;
	gsize rest_bytes = 0;
	gsize header_bytes = 0;

	if (!g_input_stream_read_all(stream,
				     buffer,
				     UC_BIND_FIXED_BYTES,
				     &fixed_bytes,
				     NULL,
				     error))
		return NULL;
	header_bytes = uc_bind_check_fixed(buffer, fixed_bytes, error);
	if (header_bytes == 0 || !g_input_stream_read_all(stream,
							  buffer + fixed_bytes,
							  header_bytes - fixed_bytes,
							  &rest_bytes,
							  NULL,
							  error))
		return NULL;
	bytes = g_bytes_new(buffer, fixed_bytes + rest_bytes);
	return uc_bind_parse(bytes, error);
}

static gboolean
uc_bind_check_payload(const UcBindPayload *payload,
		      GInputStream *stream,
		      guint8 *buffer,
		      GError **error)
{
	g_autoptr(UcSha256) sum = uc_sha256_new();
	g_autofree gchar *found = NULL;
	guint64 left_bytes = payload->size_bytes;
	gssize read_bytes = 1;

	while (left_bytes > 0 && read_bytes > 0) {
		read_bytes = g_input_stream_read(stream,
						 buffer,
						 (gsize)MIN(left_bytes, UC_BIND_CHUNK_BYTES),
						 NULL,
						 error);
		if (read_bytes < 0)
			return FALSE;
		uc_sha256_update(sum, buffer, (gsize)read_bytes);
		left_bytes -= (guint64)read_bytes;
	}
	found = uc_sha256_to_hex(sum);
	if (left_bytes == 0 && g_str_equal(found, payload->sha256))
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "payload %s is %s: its SHA-256 is %s, the UC bind header says %s; get the file "
		    "again",
		    payload->name,
		    left_bytes > 0 ? "truncated" : "damaged",
		    found,
		    payload->sha256);
	return FALSE;
}

/**
 * uc_bind_check_payloads:
 * @self: a header
 * @stream: the image from its first payload on
 * @error: set to %UC_ERROR_INVALID, or `G_IO_ERROR`
 *
 * Reads the rest of the image as a stream and compares it with the checksums of the header. Nothing
 * may follow the last payload.
 *
 * Returns: whether it is whole
 */
gboolean
uc_bind_check_payloads(UcBind *self, GInputStream *stream, GError **error)
{
	g_autofree guint8 *buffer = g_malloc(UC_BIND_CHUNK_BYTES);
	gssize read_bytes = 0;

	for (guint i = 0; i < self->payloads->len; i++) {
		if (!uc_bind_check_payload(g_ptr_array_index(self->payloads, i),
					   stream,
					   buffer,
					   error))
			return FALSE;
	}
	read_bytes = g_input_stream_read(stream, buffer, 1, NULL, error);
	if (read_bytes > 0)
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_INVALID,
				    "the UC bind goes on after its last payload");
	return read_bytes == 0;
}

/**
 * uc_bind_has_level:
 * @self: a header
 * @level: a hardware level
 *
 * Returns: whether the image is for that level; one that names no level is for all
 */
gboolean
uc_bind_has_level(const UcBind *self, guint level)
{
	for (guint i = 0; i < self->levels->len; i++) {
		const UcBindLevels *levels = &g_array_index(self->levels, UcBindLevels, i);

		if (level >= levels->first && level <= levels->last)
			return TRUE;
	}
	return self->levels->len == 0;
}
