/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-label.h"

/* a line that ends, or a terminal that does what it is told */
static gboolean
uc_label_is_control(gunichar c)
{
	GUnicodeType type = g_unichar_type(c);

	return type == G_UNICODE_CONTROL || type == G_UNICODE_LINE_SEPARATOR ||
	       type == G_UNICODE_PARAGRAPH_SEPARATOR;
}

/**
 * uc_label_new:
 * @text: what somebody who is not trusted says to people, UTF-8
 * @max_chars: the rest is cut off
 *
 * It is shown on displays, in the journal and on the terminal of an administrator.
 *
 * Returns: (transfer full): one line of it, with spaces for control characters
 */
gchar *
uc_label_new(const gchar *text, glong max_chars)
{
	g_autoptr(GString) label = g_string_new(NULL);

	for (glong i = 0; *text != '\0' && i < max_chars; i++, text = g_utf8_next_char(text)) {
		gunichar c = g_utf8_get_char(text);

		g_string_append_unichar(label, uc_label_is_control(c) ? ' ' : c);
	}
	return g_string_free(g_steal_pointer(&label), FALSE);
}

/**
 * uc_label_cut:
 * @text: UTF-8
 * @max_bytes: of the result
 *
 * Returns: (transfer full): as much of its beginning as fits, in whole characters
 */
gchar *
uc_label_cut(const gchar *text, gsize max_bytes)
{
	const gchar *end = NULL;

	if (strlen(text) <= max_bytes)
		return g_strdup(text);
	end = g_utf8_find_prev_char(text, text + max_bytes + 1);
	return g_strndup(text, (gsize)(end - text));
}
