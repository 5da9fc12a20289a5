/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-parallel.h"

#define UC_TEST_ITEMS 10000

static void
uc_test_count_cb(gpointer data, gpointer user_data)
{
	gint *total = user_data;

	g_atomic_int_inc((gint *)data);
	g_atomic_int_inc(total);
}

static void
uc_test_once(gconstpointer user_data)
{
	guint count = GPOINTER_TO_UINT(user_data);
	g_autofree gint *calls = g_new0(gint, UC_TEST_ITEMS);
	g_autoptr(GPtrArray) items = g_ptr_array_new();
	gint total = 0;

	for (guint i = 0; i < count; i++)
		g_ptr_array_add(items, &calls[i]);
	uc_parallel_for_each(items, uc_test_count_cb, &total);
	g_assert_cmpint(total, ==, count);
	for (guint i = 0; i < UC_TEST_ITEMS; i++)
		g_assert_cmpint(calls[i], ==, i < count);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_data_func("/parallel/none", GUINT_TO_POINTER(0), uc_test_once);
	g_test_add_data_func("/parallel/one", GUINT_TO_POINTER(1), uc_test_once);
	g_test_add_data_func("/parallel/many", GUINT_TO_POINTER(UC_TEST_ITEMS), uc_test_once);
	return g_test_run();
}
