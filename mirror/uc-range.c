/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-range.h"

static gboolean
uc_range_parse_number(const gchar *text, guint64 *value_out)
{
	return g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, value_out, NULL);
}

/**
 * uc_range_parse:
 * @header: (nullable): value of a Range header
 * @size_bytes: of the file
 * @first_out: (out): first byte to send, if a part
 * @last_out: (out): last byte to send, if a part
 *
 * Understands one range of bytes (RFC 9110, section 14.1.2). What is anything else is ignored, as
 * the RFC allows.
 *
 * Returns: what to send
 */
UcRangeResult
uc_range_parse(const gchar *header, guint64 size_bytes, guint64 *first_out, guint64 *last_out)
{
	g_auto(GStrv) ends = NULL;
	guint64 first = 0;
	guint64 last = G_MAXINT64;

	if (header == NULL || !g_str_has_prefix(header, "bytes="))
		return UC_RANGE_WHOLE;
	ends = g_strsplit(header + strlen("bytes="), "-", 2);
	if (ends[0] == NULL || ends[1] == NULL || (ends[0][0] == '\0' && ends[1][0] == '\0') ||
	    (ends[0][0] != '\0' && !uc_range_parse_number(ends[0], &first)) ||
	    (ends[1][0] != '\0' && !uc_range_parse_number(ends[1], &last)))
		return UC_RANGE_WHOLE;
	if (ends[0][0] == '\0') {
		if (last == 0)
			return UC_RANGE_UNSATISFIABLE;
		first = last < size_bytes ? size_bytes - last : 0;
		last = G_MAXINT64;
	}
	if (first > last)
		return UC_RANGE_WHOLE;
	if (first >= size_bytes)
		return UC_RANGE_UNSATISFIABLE;
	*first_out = first;
	*last_out = MIN(last, size_bytes - 1);
	return UC_RANGE_PART;
}
