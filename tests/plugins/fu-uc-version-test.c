/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include "fu-uc-version.h"

static void
test_normalize(void)
{
	/* the table of docs/firmware-format.md, and its edges */
	static const struct {
		const gchar *spelling;
		const gchar *normal;
		FwupdVersionFormat format;
	} table[] = {
	    {"4.1.0.73405", "4.1.0.73405", FWUPD_VERSION_FORMAT_QUAD},
	    {"V3 R5.12.0", "3.5.12.0", FWUPD_VERSION_FORMAT_QUAD},
	    {"v1r2", "1.2", FWUPD_VERSION_FORMAT_PAIR},
	    {"5.4.3AA", "5.4.3.27", FWUPD_VERSION_FORMAT_QUAD},
	    {"5.4.3a", "5.4.3.1", FWUPD_VERSION_FORMAT_QUAD},
	    {"5.4.3ZZ", "5.4.3.702", FWUPD_VERSION_FORMAT_QUAD},
	    {"5.4.3ABC", "5.4.3ABC", FWUPD_VERSION_FORMAT_PLAIN},
	    {"V2.07.010", "2.7.10", FWUPD_VERSION_FORMAT_TRIPLET},
	    {"17", "17", FWUPD_VERSION_FORMAT_NUMBER},
	    {"0.0", "0.0", FWUPD_VERSION_FORMAT_PAIR},
	    {"  1.2\n", "1.2", FWUPD_VERSION_FORMAT_PAIR},
	    {"1.2.3.4.5", "1.2.3.4.5", FWUPD_VERSION_FORMAT_PLAIN},
	    {"1..2", "1..2", FWUPD_VERSION_FORMAT_PLAIN},
	    {"1.2.", "1.2.", FWUPD_VERSION_FORMAT_PLAIN},
	    {"1234567890", "1234567890", FWUPD_VERSION_FORMAT_PLAIN},
	    {"beta-3", "beta-3", FWUPD_VERSION_FORMAT_PLAIN},
	    {"", "", FWUPD_VERSION_FORMAT_PLAIN},
	};
	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autofree gchar *normal = fu_uc_version_normalize(table[i].spelling);
		g_autofree gchar *again = fu_uc_version_normalize(normal);
		g_assert_cmpstr(normal, ==, table[i].normal);
		g_assert_cmpstr(again, ==, normal);
		g_assert_cmpint(fu_uc_version_format(normal), ==, table[i].format);
	}
}

static void
test_compare(void)
{
	g_assert_cmpint(fu_uc_version_compare("V3 R5.12.0", "3.5.9.0"), >, 0);
	g_assert_cmpint(fu_uc_version_compare("5.4.3Z", "5.4.3AA"), <, 0);
	g_assert_cmpint(fu_uc_version_compare("5.4.3", "5.4.3A"), <, 0);
	g_assert_cmpint(fu_uc_version_compare("1.02", "1.2"), ==, 0);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/version/normalize", test_normalize);
	g_test_add_func("/version/compare", test_compare);
	return g_test_run();
}
