/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-ctl-text.h"

static void
test_wrap(void)
{
	static const struct {
		const gchar *head;
		const gchar *text;
		guint columns;
		const gchar *wrapped;
	} rows[] = {
	    {"", "", 0, ""},
	    {"codec  staged    ", "", 0, "codec  staged"},
	    {"id  ", "one ", 0, "id  one"},
	    {"id  ", "one two three", 0, "id  one two three"},
	    {"id  ", "a sentence of just 24", 25, "id  a sentence of just 24"},
	    {"id  ", "a sentence of just 24", 24, "id  a sentence of just\n    24"},
	    {"", "one two", 3, "one\n    two"},
	    {"id  ", "verylongwordwithoutspaces x", 24, "id  verylongwordwithoutspaces\n    x"},
	    {"a head that is long  ", "one two", 30, "a head that is long  one two"},
	    {"a head that is long  ", "one twelve", 30, "a head that is long  one\n    twelve"},
	    {"ü  ", "ä ä ä ä ä ä ä ä ä ä ä", 23, "ü  ä ä ä ä ä ä ä ä ä ä\n   ä"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree gchar *wrapped =
		    uc_ctl_text_wrap(rows[i].head, rows[i].text, rows[i].columns);

		g_assert_cmpstr(wrapped, ==, rows[i].wrapped);
	}
}

static void
test_columns(void)
{
	static const struct {
		const gchar *text;
		guint columns;
	} rows[] =
	    {{"40", 40}, {"1000", 1000}, {"1001", 0}, {"0", 0}, {"-1", 0}, {"4x", 0}, {"", 0}};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_setenv("COLUMNS", rows[i].text, TRUE);
		g_assert_cmpuint(uc_ctl_text_get_columns(), ==, rows[i].columns);
	}
}

static void
test_width(void)
{
	g_autoptr(JsonNode) node =
	    json_from_string("[{\"id\": \"codec\"}, {\"id\": \"fünf\"}, {}]", NULL);
	g_autoptr(JsonNode) none = json_from_string("[]", NULL);

	g_assert_cmpuint(uc_ctl_text_get_width(json_node_get_array(node), "id"), ==, 5);
	g_assert_cmpuint(uc_ctl_text_get_width(json_node_get_array(node), "other"), ==, 1);
	g_assert_cmpuint(uc_ctl_text_get_width(json_node_get_array(none), "id"), ==, 0);
}

gint
main(gint argc, gchar **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/ctl-text/wrap", test_wrap);
	g_test_add_func("/ctl-text/columns", test_columns);
	g_test_add_func("/ctl-text/width", test_width);
	return g_test_run();
}
