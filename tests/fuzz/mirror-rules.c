/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "fuzz.h"
#include "uc-rules.h"

/* A file of rules: either they can be read, or the sentence says which file. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree gchar *dir = g_dir_make_tmp("uc-fuzz-rules-XXXXXX", NULL);
	g_autofree gchar *path = g_build_filename(dir, "50-fuzz.conf", NULL);
	g_autoptr(UcRules) rules = NULL;
	g_autoptr(GError) error = NULL;

	g_assert_true(g_file_set_contents(path, (const gchar *)data, (gssize)size, NULL));
	rules = uc_rules_load(dir, &error);
	(void)g_remove(path);
	(void)g_rmdir(dir);
	g_assert_true((rules == NULL) == (error != NULL));
	if (rules == NULL) {
		g_assert_nonnull(strstr(error->message, "50-fuzz.conf"));
		return 0;
	}
	g_assert_cmpuint(rules->expire_days, >=, 1);
	g_assert_cmpuint(rules->expire_days, <=, 400);
	g_assert_cmpuint(rules->retention_days, <=, 3650);
	return 0;
}
