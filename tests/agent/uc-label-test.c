/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-label.h"

static void
test_label(void)
{
	static const struct {
		const gchar *text;
		glong max_chars;
		const gchar *label;
	} rows[] = {
	    {"", 4, ""},
	    {"with Berlin", 100, "with Berlin"},
	    {"\033]0;owned\007\033[2J", 100, " ]0;owned  [2J"},
	    {"one\r\ntwo\tthree\177", 100, "one  two three "},
	    {"\xc2\x9b"
	     "31m\xe2\x80\xa8x\xe2\x80\xa9",
	     100,
	     " 31m x "},
	    {"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d", 2, "\xd7\xa9\xd7\x9c"},
	    {"\xf0\x9f\x98\x80!", 1, "\xf0\x9f\x98\x80"},
	    {"cut", 0, ""},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree gchar *label = uc_label_new(rows[i].text, rows[i].max_chars);

		g_assert_cmpstr(label, ==, rows[i].label);
	}
}

/* a character that does not fit goes as a whole */
static void
test_cut(void)
{
	static const struct {
		const gchar *text;
		gsize max_bytes;
		const gchar *cut;
	} rows[] = {
	    {"", 0, ""},
	    {"cut", 3, "cut"},
	    {"cut", 2, "cu"},
	    {"cut", 0, ""},
	    {"a\xf0\x9f\x98\x80!", 5, "a\xf0\x9f\x98\x80"},
	    {"a\xf0\x9f\x98\x80!", 4, "a"},
	    {"\xf0\x9f\x98\x80", 3, ""},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree gchar *cut = uc_label_cut(rows[i].text, rows[i].max_bytes);

		g_assert_cmpstr(cut, ==, rows[i].cut);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/label/table", test_label);
	g_test_add_func("/label/cut", test_cut);
	return g_test_run();
}
