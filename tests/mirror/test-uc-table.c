/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-table.h"

static void
test_table_fits(void)
{
	g_autoptr(UcTable) table = uc_table_new("ID", "NAME", NULL);
	g_autofree gchar *wide = NULL;
	g_autofree gchar *narrow = NULL;

	uc_table_add_row(table, "1", "ääääääääää", NULL);
	wide = uc_table_to_string(table, 80);
	narrow = uc_table_to_string(table, 10);
	g_assert_cmpstr(wide, ==, "ID  NAME\n1   ääääääääää\n");
	g_assert_cmpstr(narrow, ==, "ID  NAME\n1   äääää…\n");
}

static void
test_table_cleans(void)
{
	g_autoptr(UcTable) table = uc_table_new("A", NULL);
	g_autofree gchar *text = NULL;

	uc_table_add_row(table, "\033[31mred\n\xff", NULL);
	text = uc_table_to_string(table, 80);
	g_assert_cmpstr(text, ==, "A\n?[31mred?\xef\xbf\xbd\n");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/table/fits", test_table_fits);
	g_test_add_func("/table/cleans", test_table_cleans);
	return g_test_run();
}
