/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-endpoint-directory.h"
#include "fu-uc-hardware-levels.h"
#include "fu-uc-test.h"
#include "uc-limits.h"

#define GOOD                                                              \
	"[Endpoint]\nId=codec\nVendor=acme\nModel=icon400\nVersion=1.0\n" \
	"[Install]\nType=slots\n"

static void
test_errors(void)
{
	/* FILE stands for the path of the endpoint file */
	static const struct {
		const gchar *text;
		const gchar *message;
	} table[] = {
	    {"Id=codec\n", "FILE:1: found 'Id=codec', expected a [Group] before the first key"},
	    {"[Endpoint]\nwhat\n",
	     "FILE:2: found 'what', expected Key=Value, [Group] or # and a comment"},
	    {"[Endpoint\n", "FILE:1: found '[Endpoint', expected [Group]"},
	    {"[Endpoint]\nVendor=acme\n", "FILE: [Endpoint] Id: is missing"},
	    {"[Endpoint]\nId=Codec 1\nVendor=acme\nModel=m\nVersion=1\n",
	     "FILE:2: [Endpoint] Id: found 'Codec 1', expected 1 to 64 of a-z, 0-9 and -"},
	    {"[Endpoint]\nId=c\nVendor=acme\nVersion=1\n",
	     "FILE: [Endpoint] Model: is missing, expected it or PartNumber"},
	    {"[Endpoint]\nId=c\nVendor=acme\nModel=m\nVersion=1\nHardwareLevel=two\n",
	     "FILE:6: [Endpoint] HardwareLevel: found 'two', expected a number from 0 to 65535"},
	    {"[Endpoint]\nId=c\nVendor=acme\nModel=m\nVersion=1\nHardwareLevel=65536\n",
	     "FILE:6: [Endpoint] HardwareLevel: found '65536', expected a number from 0 to 65535"},
	    {"[Endpoint]\nId=c\nVendor=acme\nModel=m\nVersion=1\nHardwareLevelFile=/dev/null\n"
	     "OverrideHardwareLevel=0-99\n",
	     "FILE:7: [Endpoint] OverrideHardwareLevel: found '0-99', expected at most 64 levels "
	     "from 0 to 65535, e.g. 2,4-6"},
	    {"[Endpoint]\nId=c\nVendor=acme\nPartNumber=p\nVersion=1\n"
	     "HardwareLevelByPartNumber=p=2\n",
	     "FILE:6: [Endpoint] HardwareLevelByPartNumber: found 'p=2', expected "
	     "PARTNUMBER:LEVEL"},
	    {"[Endpoint]\nId=c\nVendor=acme\nModel=m\nVersion=1\nSerialDmi=../x\n",
	     "FILE:6: [Endpoint] SerialDmi: cannot be read: '../x' is no name of an attribute in "
	     "/sys/class/dmi/id"},
	    {"[Endpoint]\nId=c\nVendor=acme\nModel=m\nVersionFile=version\n",
	     "FILE:5: [Endpoint] VersionFile: cannot be read: 'version' is no absolute path"},
	    {"[Endpoint]\nId=c\nVendor=acme\nModel=m\nVersion=1\nVersionFile=/dev/null\n",
	     "FILE:6: [Endpoint] VersionFile: there is a value for Version already, expected only "
	     "one"},
	    {"[Endpoint]\nId=c\nVendor=acme\nModel=m\nVersion=1\n[Install]\nType=tape\n",
	     "FILE:7: [Install] Type: found 'tape', expected slots, rauc, file or command"},
	};
	g_autofree gchar *directory = fu_uc_test_make_directory();
	g_autofree gchar *path = g_build_filename(directory, "a.conf", NULL);

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(FuUcEndpointConfig) config = NULL;
		g_autoptr(GError) error = NULL;
		g_autoptr(GString) expected = g_string_new(table[i].message);

		g_string_replace(expected, "FILE", path, 1);
		fu_uc_test_write(directory, "a.conf", table[i].text);
		config = fu_uc_endpoint_config_new_from_file(path, &error);
		g_assert_null(config);
		g_assert_nonnull(error);
		g_assert_cmpstr(error->message, ==, expected->str);
	}
	fu_uc_test_remove_directory(g_steal_pointer(&directory));
}

static void
test_values(void)
{
	g_autofree gchar *directory = fu_uc_test_make_directory();
	g_autofree gchar *serial = g_build_filename(directory, "serial", NULL);
	g_autofree gchar *more = g_strdup_printf("SerialFile=%s\nHardwareLevel=7\n", serial);
	g_autoptr(FuUcEndpointConfig) config = NULL;

	fu_uc_test_write(directory, "serial", " UC 0815 \nsecond line\n");
	config = fu_uc_test_make_config(directory, more);
	g_assert_cmpstr(fu_uc_endpoint_config_get_id(config), ==, "codec");
	g_assert_cmpstr(fu_uc_endpoint_config_get_value(config, "Serial"), ==, "UC 0815");
	g_assert_null(fu_uc_endpoint_config_get_value(config, "Room"));
	g_assert_cmpuint(fu_uc_endpoint_config_get_hardware_level(config), ==, 7);
	fu_uc_test_remove_directory(g_steal_pointer(&directory));
}

static void
test_places(void)
{
	g_autofree gchar *directory = fu_uc_test_make_directory();
	g_autofree gchar *level = g_build_filename(directory, "level", NULL);
	g_autofree gchar *more = g_strdup_printf("SerialDmi=product_serial\n"
						 "PartNumberDeviceTree=board/part\n"
						 "RevisionOsRelease=BUILD_ID\n"
						 "HardwareLevelFile=%s\n",
						 level);
	g_autoptr(FuUcEndpointConfig) config = NULL;

	(void)g_setenv("FWUPD_SYSFSDMIDIR", directory, TRUE);
	(void)g_setenv("FWUPD_PROCFS", directory, TRUE);
	(void)g_setenv("FWUPD_SYSCONFDIR", directory, TRUE);
	fu_uc_test_write(directory, "product_serial", "UC1\n");
	fu_uc_test_write(directory, "device-tree/board/part", "3111-1\n");
	fu_uc_test_write(directory, "os-release", "ID=x\nBUILD_ID=\"rev 2\"\n");
	fu_uc_test_write(directory, "level", "3\n");
	config = fu_uc_test_make_config(directory, more);
	g_assert_cmpstr(fu_uc_endpoint_config_get_value(config, "Serial"), ==, "UC1");
	g_assert_cmpstr(fu_uc_endpoint_config_get_value(config, "PartNumber"), ==, "3111-1");
	g_assert_cmpstr(fu_uc_endpoint_config_get_value(config, "Revision"), ==, "rev 2");
	g_assert_cmpuint(fu_uc_endpoint_config_get_hardware_level(config), ==, 3);
	g_unsetenv("FWUPD_SYSFSDMIDIR");
	g_unsetenv("FWUPD_PROCFS");
	g_unsetenv("FWUPD_SYSCONFDIR");
	fu_uc_test_remove_directory(g_steal_pointer(&directory));
}

static void
test_levels(void)
{
	static const struct {
		const gchar *more;
		guint level;
		const gchar *override;
	} table[] = {
	    {"", FU_UC_ENDPOINT_HARDWARE_LEVEL_UNKNOWN, ""},
	    {"PartNumber=b-2\nHardwareLevelByPartNumber=a-1:1; B-2:7;c:9\n", 7, ""},
	    {"PartNumber=d\nHardwareLevelByPartNumber=a-1:1\n",
	     FU_UC_ENDPOINT_HARDWARE_LEVEL_UNKNOWN,
	     ""},
	    {"PartNumber=a\nHardwareLevel=4\nHardwareLevelByPartNumber=a:1\n", 4, ""},
	    {"HardwareLevel=2\nOverrideHardwareLevel=3,5-6\n", 2, "3,5-6"},
	};
	g_autofree gchar *directory = fu_uc_test_make_directory();

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(FuUcEndpointConfig) config =
		    fu_uc_test_make_config(directory, table[i].more);
		g_autofree gchar *override = fu_uc_hardware_levels_to_string(
		    fu_uc_endpoint_config_get_override_levels(config));
		g_assert_cmpuint(fu_uc_endpoint_config_get_hardware_level(config),
				 ==,
				 table[i].level);
		g_assert_cmpstr(override, ==, table[i].override);
	}
	fu_uc_test_remove_directory(g_steal_pointer(&directory));
}

static void
test_unknown_key(void)
{
	g_autofree gchar *directory = fu_uc_test_make_directory();
	g_autofree gchar *path = g_build_filename(directory, "a.conf", NULL);
	g_autoptr(FuUcEndpointConfig) config = NULL;
	g_autoptr(GError) error = NULL;

	fu_uc_test_write(directory, "a.conf", GOOD "Colour=blue\n");
	g_test_expect_message(G_LOG_DOMAIN,
			      G_LOG_LEVEL_WARNING,
			      "*a.conf:8: [Install] Colour is not known and has no effect");
	config = fu_uc_endpoint_config_new_from_file(path, &error);
	g_assert_no_error(error);
	g_test_assert_expected_messages();
	fu_uc_test_remove_directory(g_steal_pointer(&directory));
}

/* otherwise agent and fwupd do not know the same endpoints */
G_STATIC_ASSERT(FU_UC_ENDPOINT_DIRECTORY_FILES_MAX == UC_LIMIT_ENDPOINTS);

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/config/errors", test_errors);
	g_test_add_func("/config/values", test_values);
	g_test_add_func("/config/places", test_places);
	g_test_add_func("/config/levels", test_levels);
	g_test_add_func("/config/unknown-key", test_unknown_key);
	return g_test_run();
}
