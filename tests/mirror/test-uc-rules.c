/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "uc-error.h"
#include "uc-mirror.h"
#include "uc-rules.h"

static UcRules *
load(const gchar *text, GError **error)
{
	g_autofree gchar *dir = g_dir_make_tmp("uc-rules-XXXXXX", NULL);
	g_autofree gchar *path = g_build_filename(dir, "a.conf", NULL);
	UcRules *rules = NULL;

	g_assert_true(g_file_set_contents(path, text, -1, NULL));
	rules = uc_rules_load(dir, error);
	g_assert_true(uc_mirror_remove_tree(dir, NULL));
	return rules;
}

static void
test_rules_refuses(void)
{
	const gchar *const cases[] = {"nonsense",
				      "[Policy]\nIdleSec=86401",
				      "[Policy]\nIdleSec=-1",
				      "[Policy]\nIdleSec=5 min",
				      "[Policy]\nIdleSec=",
				      "[Policy]\nPollSec=9",
				      "[Policy]\nPollSec=604801",
				      "[Policy]\nWindows=",
				      "[Policy]\nWindows=20:00",
				      "[Policy]\nWindows=20:00-24:01",
				      "[Policy]\nWindows=24:00-06:00",
				      "[Policy]\nWindows=8:00-9:00",
				      "[Policy]\nWindows=20:00-06:00;never",
				      "[Policy]\nWindow=20:00-06:00",
				      "[Policy]\nWindows=20:00-\\06:00",
				      "[Policy]\nBlockedVersions=1.0\\q",
				      "[Policy]\nStyle=\xff",
				      "[Else]\nWindows=never",
				      "[Publish]\nExpireDays=0",
				      "[Publish]\nExpireDays=401",
				      "[Publish]\nDomains=Room.Example",
				      "[Publish]\nInternalUrl=http://a.example/",
				      "[Publish]\nInternalUrl=https://a.example/x",
				      "[Publish]\nInternalUrl=https://a.example",
				      "[Publish]\nExternalUrl=https://u:p@a.example/"};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(UcRules) rules = load(cases[i], &error);

		g_test_message("%s", error != NULL ? error->message : cases[i]);
		g_assert_null(rules);
		g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
		g_assert_nonnull(strstr(error->message, "a.conf"));
	}
}

static void
test_rules_windows(void)
{
	const struct {
		const gchar *text;
		guint count;
	} cases[] = {
	    {"[Policy]\nWindows=never", 0},
	    {"[Policy]\nWindows=00:00-24:00", 1},
	    {"[Policy]\nWindows=20:00-06:00; 12:00-13:00;", 2},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(UcRules) rules = load(cases[i].text, &error);

		g_assert_no_error(error);
		g_assert_cmpuint(
		    json_array_get_length(json_object_get_array_member(rules->policy, "windows")),
		    ==,
		    cases[i].count);
	}
}

static void
test_rules_defaults(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree gchar *dir = g_dir_make_tmp("uc-rules-XXXXXX", NULL);
	g_autoptr(UcRules) rules = NULL;

	g_assert_nonnull(dir);
	rules = uc_rules_load(dir, &error);
	g_assert_cmpint(g_rmdir(dir), ==, 0);
	g_assert_no_error(error);
	g_assert_cmpuint(json_object_get_size(rules->policy), ==, 0);
	g_assert_cmpuint(rules->expire_days, ==, 30);
	g_assert_cmpuint(g_strv_length(rules->domains), ==, 0);
	g_assert_null(rules->internal_url);
}

static void
test_rules_gone(void)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(uc_rules_load("/nonexistent", &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_NOT_FOUND);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/rules/refuses", test_rules_refuses);
	g_test_add_func("/rules/windows", test_rules_windows);
	g_test_add_func("/rules/defaults", test_rules_defaults);
	g_test_add_func("/rules/gone", test_rules_gone);
	return g_test_run();
}
