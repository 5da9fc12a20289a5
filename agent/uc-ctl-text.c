/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Rows that fit the terminal: what is a sentence goes on in lines of its own, below its beginning.
 */

#include "uc-ctl-text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define UC_CTL_TEXT_COLUMNS_MAX 1000
#define UC_CTL_TEXT_COLUMNS_MIN 20 /* of a sentence; with less it begins further to the left */
#define UC_CTL_TEXT_INDENT	4

/**
 * uc_ctl_text_get_columns:
 *
 * Returns: `COLUMNS` of the environment, else the width of the terminal; 0 for no limit, where the
 * output is none
 */
guint
uc_ctl_text_get_columns(void)
{
	const gchar *text = g_getenv("COLUMNS");
	struct winsize size = {0};
	guint64 columns = 0;

	if (text != NULL &&
	    g_ascii_string_to_unsigned(text, 10, 1, UC_CTL_TEXT_COLUMNS_MAX, &columns, NULL))
		return (guint)columns;
	if (isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		return size.ws_col;
	return 0;
}

/**
 * uc_ctl_text_get_width:
 * @rows: (element-type JsonObject): of a table
 * @member: of each row, a string or missing
 *
 * Returns: how many characters the longest one has
 */
guint
uc_ctl_text_get_width(JsonArray *rows, const gchar *member)
{
	glong width = 0;

	for (guint i = 0; i < json_array_get_length(rows); i++) {
		JsonObject *row = json_array_get_object_element(rows, i);
		const gchar *text = json_object_get_string_member_with_default(row, member, "-");

		width = MAX(width, g_utf8_strlen(text, -1));
	}
	return (guint)width;
}

static void
uc_ctl_text_begin_line(GString *out, guint indent)
{
	g_string_append_c(out, '\n');
	for (guint i = 0; i < indent; i++)
		g_string_append_c(out, ' ');
}

/**
 * uc_ctl_text_pad:
 * @width: in characters, which printf() would take for bytes
 *
 * Returns: (transfer full): the text with spaces after it, so that it is at least so long
 */
gchar *
uc_ctl_text_pad(const gchar *text, guint width)
{
	GString *out = g_string_new(text);

	for (glong length = g_utf8_strlen(text, -1); length < (glong)width; length++)
		g_string_append_c(out, ' ');
	return g_string_free(out, FALSE);
}

/**
 * uc_ctl_text_wrap:
 * @head: what comes before it, as it is
 * @text: words that may go on in other lines
 * @columns: in characters; 0 for no limit
 *
 * Returns: (transfer full): both, without blanks or a newline at the end; a word that is longer
 * than a line is not cut
 */
gchar *
uc_ctl_text_wrap(const gchar *head, const gchar *text, guint columns)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	GString *out = g_string_new(head);
	guint indent = (guint)g_utf8_strlen(head, -1);
	guint at = indent;
	gboolean first = TRUE;

	if (columns > 0 && indent + UC_CTL_TEXT_COLUMNS_MIN > columns)
		indent = UC_CTL_TEXT_INDENT;
	for (guint i = 0; words[i] != NULL; i++) {
		guint length = (guint)g_utf8_strlen(words[i], -1);

		if (columns > 0 && (at > indent || !first) && at + !first + length > columns) {
			uc_ctl_text_begin_line(out, indent);
			at = indent;
			first = TRUE;
		}
		g_string_append_printf(out, "%s%s", first ? "" : " ", words[i]);
		at += !first + length;
		first = FALSE;
	}
	return g_strchomp(g_string_free(out, FALSE));
}

/**
 * uc_ctl_text_print:
 * @text: words that may go on in other lines
 * @format: of what comes before it, without newline
 *
 * Prints one row of a table, or a sentence with its title.
 */
void
uc_ctl_text_print(const gchar *text, const gchar *format, ...)
{
	g_autofree gchar *head = NULL;
	g_autofree gchar *row = NULL;
	va_list args;

	va_start(args, format);
	head = g_strdup_vprintf(format, args);
	va_end(args);
	row = uc_ctl_text_wrap(head, text, uc_ctl_text_get_columns());
	g_print("%s\n", row);
}
