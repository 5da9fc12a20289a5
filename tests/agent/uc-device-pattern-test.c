/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-device-pattern.h"
#include "uc-error.h"

#define ID   "08d460be0f1f9f128413f816022a6439e0078018"
#define GUID "b585990a-003e-5270-89d5-3705a17f9a43"

static FwupdDevice *
device_new(FwupdDeviceFlags flags)
{
	FwupdDevice *device = fwupd_device_new();

	fwupd_device_set_id(device, ID);
	fwupd_device_add_guid(device, GUID);
	fwupd_device_set_plugin(device, "dock");
	fwupd_device_add_protocol(device, "com.acme.dock");
	fwupd_device_set_flags(device, flags);
	return device;
}

static void
test_matches(void)
{
	static const struct {
		const gchar *pattern;
		gboolean matches;
	} rows[] = {
	    {ID, TRUE},
	    {"08d460be*", TRUE},
	    {"08d460be", FALSE},
	    {GUID, TRUE},
	    {"b585990a-?03e-*", TRUE},
	    {"dock", TRUE},
	    {"Dock", FALSE},
	    {"doc", FALSE},
	    {"com.acme.*", TRUE},
	    {"com.acme", FALSE},
	};
	const gchar *none[] = {NULL};
	const gchar *second[] = {"other", "dock", NULL};
	g_autoptr(FwupdDevice) device = device_new(FWUPD_DEVICE_FLAG_UPDATABLE);
	g_autoptr(FwupdDevice) fixed = device_new(0);
	g_autoptr(FwupdDevice) bare = fwupd_device_new();

	fwupd_device_set_flags(bare, FWUPD_DEVICE_FLAG_UPDATABLE);
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		const gchar *patterns[] = {rows[i].pattern, NULL};

		g_assert_cmpint(uc_device_pattern_matches(patterns, device), ==, rows[i].matches);
		g_assert_false(uc_device_pattern_matches(patterns, fixed));
		g_assert_false(uc_device_pattern_matches(patterns, bare));
	}
	g_assert_false(uc_device_pattern_matches(none, device));
	g_assert_true(uc_device_pattern_matches(second, device));
}

static void
test_check(void)
{
	g_autofree gchar *most = g_strnfill(128, 'a');
	g_autofree gchar *more = g_strnfill(129, 'a');
	const gchar *good[] = {"dock", "a*", most, NULL};
	const gchar *none[] = {NULL};
	const gchar *bad[] = {"*", "?*", "", more};
	const gchar *many[UC_DEVICE_PATTERNS_MAX + 2] = {NULL};
	g_autoptr(GError) error = NULL;

	g_assert_true(uc_device_pattern_check(none, &error));
	g_assert_true(uc_device_pattern_check(good, &error));
	g_assert_no_error(error);
	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		const gchar *patterns[] = {"dock", bad[i], NULL};

		g_assert_false(uc_device_pattern_check(patterns, &error));
		g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
		g_assert_true(g_str_has_prefix(error->message, " has '"));
		g_clear_error(&error);
	}
	for (guint i = 0; i < UC_DEVICE_PATTERNS_MAX; i++)
		many[i] = "dock";
	g_assert_true(uc_device_pattern_check(many, NULL));
	many[UC_DEVICE_PATTERNS_MAX] = "dock";
	g_assert_false(uc_device_pattern_check(many, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
}

gint
main(gint argc, gchar **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/device-pattern/matches", test_matches);
	g_test_add_func("/device-pattern/check", test_check);
	return g_test_run();
}
