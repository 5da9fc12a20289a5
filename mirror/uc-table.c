/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A table for people. Where it is wider than the terminal the widest columns get narrower, and a
 * cell that does not fit ends in '…'. Control characters, which may come from an endpoint, never
 * reach the terminal.
 */

#include <sys/ioctl.h>
#include <unistd.h>

#include "uc-table.h"

#define UC_TABLE_GAP	   2
#define UC_TABLE_MIN_WIDTH 4

struct _UcTable {
	GPtrArray *rows; /* (element-type GStrv): the titles first */
	guint cells;
};

static gchar *
uc_table_clean(const gchar *text)
{
	g_autofree gchar *valid = g_utf8_make_valid(text, -1);
	g_autoptr(GString) out = g_string_new(NULL);

	for (const gchar *p = valid; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		g_string_append_unichar(out, g_unichar_isprint(c) ? c : '?');
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static GStrv
uc_table_collect(const gchar *first, va_list args)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	for (const gchar *cell = first; cell != NULL; cell = va_arg(args, const gchar *)) {
		g_autofree gchar *clean = uc_table_clean(cell);

		g_strv_builder_add(builder, clean);
	}
	return g_strv_builder_end(builder);
}

/**
 * uc_table_new:
 * @title: of the first column
 * @...: of the others, then %NULL
 *
 * Returns: (transfer full): a table without a row
 */
UcTable *
uc_table_new(const gchar *title, ...)
{
	UcTable *self = g_new0(UcTable, 1);
	GStrv row = NULL;
	va_list args;

	va_start(args, title);
	row = uc_table_collect(title, args);
	va_end(args);
	self->rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
	self->cells = g_strv_length(row);
	g_ptr_array_add(self->rows, row);
	return self;
}

static GStrv
uc_table_clean_all(const gchar *const *cells)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	for (guint i = 0; cells[i] != NULL; i++) {
		g_autofree gchar *clean = uc_table_clean(cells[i]);

		g_strv_builder_add(builder, clean);
	}
	return g_strv_builder_end(builder);
}

/**
 * uc_table_new_strv:
 * @titles: of the columns, one at least
 *
 * Returns: (transfer full): a table without a row
 */
UcTable *
uc_table_new_strv(const gchar *const *titles)
{
	UcTable *self = g_new0(UcTable, 1);
	GStrv row = uc_table_clean_all(titles);

	self->rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
	self->cells = g_strv_length(row);
	g_ptr_array_add(self->rows, row);
	return self;
}

/**
 * uc_table_add_strv:
 * @cells: as many as there are titles
 */
void
uc_table_add_strv(UcTable *self, const gchar *const *cells)
{
	g_return_if_fail(g_strv_length((GStrv)cells) == self->cells);
	g_ptr_array_add(self->rows, uc_table_clean_all(cells));
}

void
uc_table_free(UcTable *self)
{
	g_ptr_array_unref(self->rows);
	g_free(self);
}

/**
 * uc_table_add_row:
 * @cell: of the first column
 * @...: as many as there are titles, then %NULL
 */
void
uc_table_add_row(UcTable *self, const gchar *cell, ...)
{
	GStrv row = NULL;
	va_list args;

	va_start(args, cell);
	row = uc_table_collect(cell, args);
	va_end(args);
	if (g_strv_length(row) != self->cells) {
		g_strfreev(row);
		g_return_if_reached();
	}
	g_ptr_array_add(self->rows, row);
}

static guint *
uc_table_measure(UcTable *self, guint columns)
{
	guint *widths = g_new0(guint, self->cells);
	guint total = UC_TABLE_GAP * (self->cells - 1);

	for (guint i = 0; i < self->rows->len; i++) {
		GStrv row = g_ptr_array_index(self->rows, i);

		for (guint j = 0; j < self->cells; j++)
			widths[j] = MAX(widths[j], (guint)g_utf8_strlen(row[j], -1));
	}
	for (guint j = 0; j < self->cells; j++)
		total += widths[j];
	while (total > columns) {
		guint widest = 0;

		for (guint j = 1; j < self->cells; j++) {
			if (widths[j] > widths[widest])
				widest = j;
		}
		if (widths[widest] <= UC_TABLE_MIN_WIDTH)
			break;
		widths[widest]--;
		total--;
	}
	return widths;
}

static void
uc_table_append_cell(GString *out, const gchar *cell, guint width)
{
	guint length = (guint)g_utf8_strlen(cell, -1);

	if (length > width) {
		const gchar *end = g_utf8_offset_to_pointer(cell, (glong)width - 1);

		g_string_append_len(out, cell, end - cell);
		g_string_append(out, "…");
		length = width;
	} else {
		g_string_append(out, cell);
	}
	g_string_append_printf(out, "%*s", (gint)(width - length + UC_TABLE_GAP), "");
}

/**
 * uc_table_to_string:
 * @columns: as wide as this at most, if that is possible at all
 *
 * Returns: (transfer full): the lines
 */
gchar *
uc_table_to_string(UcTable *self, guint columns)
{
	g_autofree guint *widths = uc_table_measure(self, columns);
	g_autoptr(GString) out = g_string_new(NULL);

	for (guint i = 0; i < self->rows->len; i++) {
		GStrv row = g_ptr_array_index(self->rows, i);
		g_autoptr(GString) line = g_string_new(NULL);

		for (guint j = 0; j < self->cells; j++)
			uc_table_append_cell(line, row[j], widths[j]);
		g_strchomp(line->str);
		g_string_append_printf(out, "%s\n", line->str);
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

void
uc_table_print(UcTable *self)
{
	struct winsize size = {0};
	guint columns = G_MAXUINT;
	g_autofree gchar *text = NULL;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		columns = size.ws_col;
	text = uc_table_to_string(self, columns);
	g_print("%s", text);
}
