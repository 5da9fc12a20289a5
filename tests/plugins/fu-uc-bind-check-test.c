/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-bind-check.h"
#include "fu-uc-hardware-levels.h"
#include "fu-uc-test.h"

static void
test_rules(void)
{
	/* `levels` and `version` are the image's, `more` is in the endpoint file, which is for
	 * version 2.0 of acme icon400 */
	static const struct {
		const gchar *vendor;
		const gchar *model;
		const gchar *levels;
		const gchar *version;
		const gchar *minimum;
		const gchar *more;
		gboolean forced;
		const gchar *message; /* NULL is "accepted" */
	} table[] = {
	    {"acme", "icon400", "2", "3.0", NULL, "HardwareLevel=2\n", FALSE, NULL},
	    {"ACME", "Icon400", "1,2-4", "3.0", NULL, "HardwareLevel=4\n", FALSE, NULL},
	    {"acme",
	     "icon400",
	     "3",
	     "3.0",
	     NULL,
	     "HardwareLevel=2\n",
	     FALSE,
	     "firmware is for hardware level 3, this endpoint has hardware level 2"},
	    {"acme",
	     "icon400",
	     "1,3-5",
	     "3.0",
	     NULL,
	     "HardwareLevel=2\n",
	     FALSE,
	     "firmware is for hardware levels 1,3-5, this endpoint has hardware level 2"},
	    {"acme",
	     "icon400",
	     "3",
	     "3.0",
	     NULL,
	     "",
	     FALSE,
	     "firmware is for hardware level 3, this endpoint has an unknown hardware level"},
	    {"acme", "icon400", "3", "3.0", NULL, "HardwareLevel=2\n", TRUE, NULL},
	    {"acme", "icon400", "3", "3.0", NULL, "OverrideHardwareLevel=3\n", FALSE, NULL},
	    {"acme",
	     "icon400",
	     "2-4",
	     "3.0",
	     NULL,
	     "HardwareLevel=1\nOverrideHardwareLevel=4-5\n",
	     FALSE,
	     NULL},
	    {"acme", "icon400", NULL, "3.0", NULL, "HardwareLevel=2\n", FALSE, NULL},
	    {"acme", "icon400", NULL, "3.0", NULL, "MinimumSoftware=3.0\n", FALSE, NULL},
	    {"acme",
	     "icon400",
	     NULL,
	     "2.9",
	     NULL,
	     "MinimumSoftware=3.0\n",
	     FALSE,
	     "firmware names no hardware level and is version 2.9, this endpoint needs at least "
	     "version 3.0"},
	    {"acme", "icon400", NULL, "2.9", NULL, "MinimumSoftware=3.0\n", TRUE, NULL},
	    {"acme",
	     "icon400",
	     NULL,
	     "4.0",
	     "3.0",
	     "",
	     TRUE,
	     "firmware version 4.0 can only follow version 3.0 or later, this endpoint runs "
	     "version "
	     "2.0; install version 3.0 first"},
	    {"contoso",
	     "icon400",
	     NULL,
	     "3.0",
	     NULL,
	     "",
	     TRUE,
	     "firmware is from vendor contoso, this endpoint is from vendor acme"},
	    {"acme",
	     "icon600",
	     NULL,
	     "3.0",
	     NULL,
	     "PartNumber=3111\n",
	     TRUE,
	     "firmware is for model icon600, this endpoint is model icon400, part number 3111"},
	};
	g_autofree gchar *directory = fu_uc_test_make_directory();

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(FuUcEndpointConfig) config =
		    fu_uc_test_make_config(directory, table[i].more);
		g_autoptr(FuUcBindHeader) header = fu_uc_bind_header_new();
		g_autoptr(GError) error = NULL;
		gboolean ret;

		header->vendor = g_strdup(table[i].vendor);
		header->version = g_strdup(table[i].version);
		header->minimum_version = g_strdup(table[i].minimum);
		g_ptr_array_add(header->models, g_strdup(table[i].model));
		if (table[i].levels != NULL) {
			g_array_unref(header->levels);
			header->levels = fu_uc_hardware_levels_from_string(table[i].levels, NULL);
		}
		if (table[i].forced && table[i].message == NULL)
			g_test_expect_message(G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "forced: *");
		ret = fu_uc_bind_check(header, config, "2.0", table[i].forced, &error);
		g_test_assert_expected_messages();
		if (table[i].message == NULL) {
			g_assert_no_error(error);
			g_assert_true(ret);
			continue;
		}
		g_assert_error(error, FWUPD_ERROR, FWUPD_ERROR_NOT_SUPPORTED);
		g_assert_cmpstr(error->message, ==, table[i].message);
	}
	fu_uc_test_remove_directory(g_steal_pointer(&directory));
}

static void
test_locales(void)
{
	static const struct {
		const gchar *image;
		const gchar *more;
		const gchar *message; /* NULL is "accepted" */
	} table[] = {
	    {NULL, "Locale=de\n", NULL},
	    {"de", "Locale=de\n", NULL},
	    {"DE", "Locale=de_AT.UTF-8\n", NULL},
	    {"de-at", "Locale=de_AT@euro\n", NULL},
	    {"zh-Hant", "Locale=zh-Hant-TW\n", NULL},
	    {"de", "", "firmware is for locale de, this endpoint has none"},
	    {"de", "Locale=den\n", "firmware is for locale de, this endpoint has locale den"},
	    {"de-AT", "Locale=de\n", "firmware is for locale de-AT, this endpoint has locale de"},
	    {"-", "Locale=-\n", "firmware is for locale -, this endpoint has locale -"},
	};
	g_autofree gchar *directory = fu_uc_test_make_directory();

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(FuUcEndpointConfig) config =
		    fu_uc_test_make_config(directory, table[i].more);
		g_autoptr(FuUcBindHeader) header = fu_uc_bind_header_new();
		g_autoptr(GError) error = NULL;

		header->vendor = g_strdup("acme");
		header->version = g_strdup("3.0");
		header->locale = g_strdup(table[i].image);
		g_ptr_array_add(header->models, g_strdup("icon400"));
		g_assert_cmpint(fu_uc_bind_check(header, config, "2.0", FALSE, &error),
				==,
				table[i].message == NULL);
		if (table[i].message == NULL) {
			g_assert_no_error(error);
			continue;
		}
		g_assert_error(error, FWUPD_ERROR, FWUPD_ERROR_NOT_SUPPORTED);
		g_assert_cmpstr(error->message, ==, table[i].message);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/bind-check/rules", test_rules);
	g_test_add_func("/bind-check/locales", test_locales);
	return g_test_run();
}
