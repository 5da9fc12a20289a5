/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-range.h"
#include "uc-server-file.h"

static void
test_range_table(void)
{
	const struct {
		const gchar *header;
		guint64 size_bytes;
		UcRangeResult result;
		guint64 first;
		guint64 last;
	} cases[] = {
	    {NULL, 10, UC_RANGE_WHOLE, 0, 0},
	    {"", 10, UC_RANGE_WHOLE, 0, 0},
	    {"bytes=", 10, UC_RANGE_WHOLE, 0, 0},
	    {"bytes=-", 10, UC_RANGE_WHOLE, 0, 0},
	    {"bytes=1", 10, UC_RANGE_WHOLE, 0, 0},
	    {"bytes=5-4", 10, UC_RANGE_WHOLE, 0, 0},
	    {"bytes=+1-2", 10, UC_RANGE_WHOLE, 0, 0},
	    {"bytes= 1-2", 10, UC_RANGE_WHOLE, 0, 0},
	    {"bytes=1-2,4-5", 10, UC_RANGE_WHOLE, 0, 0},
	    {"bytes=1--2", 10, UC_RANGE_WHOLE, 0, 0},
	    {"bytes=99999999999999999999-", 10, UC_RANGE_WHOLE, 0, 0},
	    {"bytes=10-", 10, UC_RANGE_UNSATISFIABLE, 0, 0},
	    {"bytes=-0", 10, UC_RANGE_UNSATISFIABLE, 0, 0},
	    {"bytes=0-", 0, UC_RANGE_UNSATISFIABLE, 0, 0},
	    {"bytes=-5", 0, UC_RANGE_UNSATISFIABLE, 0, 0},
	    {"bytes=0-0", 10, UC_RANGE_PART, 0, 0},
	    {"bytes=9-9", 10, UC_RANGE_PART, 9, 9},
	    {"bytes=3-", 10, UC_RANGE_PART, 3, 9},
	    {"bytes=0-100", 10, UC_RANGE_PART, 0, 9},
	    {"bytes=-3", 10, UC_RANGE_PART, 7, 9},
	    {"bytes=-30", 10, UC_RANGE_PART, 0, 9},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		guint64 first = 0;
		guint64 last = 0;

		g_test_message("%s", cases[i].header != NULL ? cases[i].header : "(none)");
		g_assert_cmpint(uc_range_parse(cases[i].header, cases[i].size_bytes, &first, &last),
				==,
				cases[i].result);
		g_assert_cmpuint(first, ==, cases[i].first);
		g_assert_cmpuint(last, ==, cases[i].last);
	}
}

static void
test_server_file_paths(void)
{
	const gchar *const bad[] = {"",
				    "x",
				    "/",
				    "//",
				    "/a/",
				    "/../a",
				    "/a/..",
				    "/.hidden",
				    "/a/.well-known",
				    "/a b",
				    "/a%2e",
				    "/a\\b",
				    "/a\nb",
				    "/é"};
	const gchar *const good[] = {"/policy.json",
				     "/.well-known/ucupdates.json",
				     "/testing/firmware.xml.zst.jcat",
				     "/cabs/0af1.cab"};

	for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
		g_assert_false(uc_server_file_is_path(bad[i]));
	for (guint i = 0; i < G_N_ELEMENTS(good); i++)
		g_assert_true(uc_server_file_is_path(good[i]));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/range/table", test_range_table);
	g_test_add_func("/server-file/paths", test_server_file_paths);
	return g_test_run();
}
