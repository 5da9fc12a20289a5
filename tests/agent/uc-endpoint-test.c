/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>

#include "uc-config.h"
#include "uc-endpoint-value.h"
#include "uc-endpoint.h"
#include "uc-error.h"
#include "uc-limits.h"
#include "uc-test-state.h"

/* what fwupd 2.0.20 makes of "uc-endpoint:panel" */
#define PANEL_DEVICE_ID "76a153f9ded399fe70f2a76cfb7d28f5a4f25bfd"

static void
write_file(const gchar *dir, const gchar *name, const gchar *text)
{
	g_autofree gchar *path = g_build_filename(dir, name, NULL);
	g_autofree gchar *parent = g_path_get_dirname(path);
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
	g_file_set_contents(path, text, -1, &error);
	g_assert_no_error(error);
}

static void
test_value(gconstpointer user_data)
{
	const gchar *dir = user_data;
	static const struct {
		const gchar *line; /* %s is the directory */
		const gchar *value;
		const gchar *sentence; /* part of it, if there is no value */
	} rows[] = {
	    {"Serial= AC0001 ", "AC0001", NULL},
	    {"SerialFile=%s/serial", "AC0002", NULL},
	    {"SerialDmi=board_serial", "AC0003", NULL},
	    {"SerialDeviceTree=serial-number", "AC0004", NULL},
	    {"SerialDeviceTree=soc/serial", "AC0005", NULL},
	    {"SerialOsRelease=IMAGE_ID", "AC 0006", NULL},
	    {"Name=AC0001", NULL, "Serial"},
	    {"Serial=AC\\2", NULL, "[Endpoint] Serial is not UTF-8 or has a backslash"},
	    {"Serial=", NULL, "Serial: the value is not UTF-8 of 1 to 255 bytes"},
	    {"SerialFile=serial", NULL, "'serial' is no absolute path"},
	    {"SerialFile=%s/long", NULL, "Serial: the value is not UTF-8 of 1 to 255 bytes"},
	    {"SerialFile=%s/latin", NULL, "Serial: the value is not UTF-8 of 1 to 255 bytes"},
	    {"SerialDmi=product_serial", NULL, "No such file or directory"},
	    {"SerialDmi=../../../serial", NULL, "'../../../serial' is no name of an attribute in"},
	    {"SerialDmi=/etc/passwd", NULL, "'/etc/passwd' is no name of an attribute in"},
	    {"SerialDmi=", NULL, "'' is no name of an attribute in"},
	    {"SerialOsRelease=SERIAL", NULL, "os-release has no SERIAL"},
	};
	g_autofree gchar *digits = g_strnfill(256, '1');

	write_file(dir, "serial", "AC0002\nmore\n");
	write_file(dir, "long", digits);
	write_file(dir, "latin", "\xe4\n");
	write_file(dir, "sys/class/dmi/id/board_serial", "AC0003  \n");
	write_file(dir, "proc/device-tree/serial-number", "AC0004");
	write_file(dir, "proc/device-tree/soc/serial", "AC0005");
	write_file(dir, "os-release", "NAME=x\nIMAGE_ID=\"AC 0006\"\n");
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_auto(GStrv) parts = g_strsplit(rows[i].line, "%s", -1);
		g_autofree gchar *line = g_strjoinv(dir, parts);
		g_autofree gchar *text = g_strdup_printf("[Endpoint]\n%s\n", line);
		g_autofree gchar *value = NULL;
		g_autoptr(GKeyFile) file = g_key_file_new();
		g_autoptr(GError) error = NULL;

		g_test_message("%s", line);
		g_assert_true(g_key_file_load_from_data(file, text, -1, G_KEY_FILE_NONE, &error));
		g_assert_cmpint(uc_endpoint_value_is_set(file, "Serial"),
				==,
				g_str_has_prefix(line, "Serial"));
		value = uc_endpoint_value_read(file, "Serial", &error);
		g_assert_cmpstr(value, ==, rows[i].value);
		if (rows[i].value != NULL)
			g_assert_no_error(error);
		else
			g_assert_nonnull(strstr(error->message, rows[i].sentence));
	}
}

static UcEndpoint *
load(const gchar *dir, const gchar *lines, GError **error)
{
	g_autofree gchar *text = g_strdup_printf("[Endpoint]\n%s", lines);
	g_autofree gchar *path = g_build_filename(dir, "endpoint.conf", NULL);

	write_file(dir, "endpoint.conf", text);
	return uc_endpoint_load(path, NULL, error);
}

static void
test_load(gconstpointer user_data)
{
	const gchar *dir = user_data;
	g_autoptr(UcEndpoint) endpoint = NULL;
	g_autoptr(GError) error = NULL;

	g_assert_null(load(dir, "Id=panel\nVendor=Acme\n", &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
	g_assert_nonnull(strstr(error->message,
				"endpoint.conf: [Endpoint] Id, Vendor and one of Model and "
				"PartNumber are needed"));
	g_clear_error(&error);
	g_assert_null(load(dir, "Id=panel\nModel=x\nVendorFoo=Acme\n", &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
	g_clear_error(&error);
	write_file(dir, "sys/class/dmi/id/sys_vendor", "Acme\n");
	endpoint = load(dir, "Id=panel\nVendorDmi=sys_vendor\nModelDmi=hidden\n", &error);
	g_assert_no_error(error);
	g_assert_cmpstr(endpoint->vendor, ==, "Acme");
	g_assert_null(endpoint->model);
}

static FwupdDevice *
device_new(const gchar *id)
{
	FwupdDevice *device = fwupd_device_new();

	fwupd_device_set_id(device, id);
	fwupd_device_set_vendor(device, "Acme");
	fwupd_device_set_name(device, "Panel 7");
	fwupd_device_set_serial(device, "AC0002");
	return device;
}

static void
test_complete(gconstpointer user_data)
{
	g_autoptr(FwupdDevice) device = device_new(PANEL_DEVICE_ID);
	g_autoptr(UcEndpoint) hidden = NULL;
	g_autoptr(UcEndpoint) said = NULL;

	hidden = load(user_data, "Id=panel\nVendorDmi=no\nModelDmi=no\nSerialDmi=no\n", NULL);
	g_assert_nonnull(hidden);
	g_assert_null(uc_endpoint_get_guid(hidden));
	g_assert_true(uc_endpoint_is_device(hidden, device));
	uc_endpoint_complete(hidden, device);
	g_assert_cmpstr(hidden->vendor, ==, "Acme");
	g_assert_cmpstr(hidden->serial, ==, "AC0002");
	g_assert_cmpstr(hidden->name, ==, "Panel 7");
	g_assert_cmpstr(hidden->model, ==, "Panel 7");

	said = load(user_data, "Id=codec\nVendor=Bcme\nPartNumber=P1\nSerial=X\nName=N\n", NULL);
	g_assert_false(uc_endpoint_is_device(said, device));
	uc_endpoint_complete(said, device);
	g_assert_cmpstr(said->vendor, ==, "Bcme");
	g_assert_cmpstr(said->serial, ==, "X");
	g_assert_cmpstr(said->name, ==, "N");
	g_assert_null(said->model);
}

/* only what the file says where to find, and not what root has added */
static void
test_level(gconstpointer user_data)
{
	static const struct {
		const gchar *lines;
		const gchar *ids; /* in the order of the plugin */
		const gchar *level;
	} rows[] = {
	    {"HardwareLevel=2\n", "MODEL_p MODEL_p&HW_2 MODEL_p&HW_9", "2"},
	    {"HardwareLevelFile=/hidden\n", "MODEL_p MODEL_p&HW_3 MODEL_p&HW_9", "3"},
	    {"PartNumber=P1\nHardwareLevelByPartNumber=P1:7\n",
	     "MODEL_p MODEL_p&HW_7 PN_p1 MODEL_p&HW_9",
	     "7"},
	    {"PartNumberDmi=hidden\nHardwareLevelByPartNumber=P1:7\n",
	     "MODEL_p MODEL_p&HW_7 PN_p1",
	     "7"},
	    {"PartNumber=P2\nHardwareLevelByPartNumber=P1:7\n", "MODEL_p PN_p2 MODEL_p&HW_9", NULL},
	    {"HardwareLevelByPartNumber=P1:7\n", "MODEL_p MODEL_p&HW_9", NULL},
	    {"OverrideHardwareLevel=9\n", "MODEL_p MODEL_p&HW_9", NULL},
	    {"HardwareLevelFile=/hidden\n", "", NULL},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree gchar *text =
		    g_strdup_printf("Id=panel\nVendor=a\nModel=p\n%s", rows[i].lines);
		g_auto(GStrv) ids = g_strsplit(rows[i].ids, " ", -1);
		g_autoptr(FwupdDevice) device = device_new(PANEL_DEVICE_ID);
		g_autoptr(UcEndpoint) endpoint = load(user_data, text, NULL);

		for (guint j = 0; ids[j] != NULL; j++) {
			g_autofree gchar *id = g_strdup_printf("UC\\VEN_a&%s", ids[j]);
			fwupd_device_add_instance_id(device, id);
		}
		g_test_message("%s", rows[i].lines);
		uc_endpoint_complete(endpoint, device);
		g_assert_cmpstr(endpoint->hardware_level, ==, rows[i].level);
	}
}

/* the plugin's file of a quirk comes after all others, and not beside a file with its Id */
static void
test_quirk(gconstpointer user_data)
{
	static const gchar *const quirk = "lib/fwupd/uc-endpoint/quirk.conf";
	const gchar *dir = user_data;
	g_autoptr(GPtrArray) alone = NULL;
	g_autoptr(GPtrArray) beside = NULL;
	g_autoptr(GPtrArray) replaced = NULL;
	g_autoptr(GPtrArray) broken = NULL;

	write_file(dir, quirk, "[Endpoint]\nId=codec\nVendor=Acme\nModel=Quirk\n");
	alone = uc_endpoint_load_all(NULL, NULL);
	g_assert_cmpuint(alone->len, ==, 1);
	write_file(dir,
		   "ucupdates/endpoints.d/z.conf",
		   "[Endpoint]\nId=mic\nVendor=Acme\nModel=Mic\n");
	beside = uc_endpoint_load_all(NULL, NULL);
	g_assert_cmpuint(beside->len, ==, 2);
	g_assert_cmpstr(((UcEndpoint *)g_ptr_array_index(beside, 1))->model, ==, "Quirk");
	write_file(dir,
		   "ucupdates/endpoints.d/a.conf",
		   "[Endpoint]\nId=codec\nVendor=Acme\nModel=File\n");
	replaced = uc_endpoint_load_all(NULL, NULL);
	g_assert_cmpuint(replaced->len, ==, 2);
	g_assert_cmpstr(((UcEndpoint *)g_ptr_array_index(replaced, 0))->model, ==, "File");

	write_file(dir, quirk, "[Endpoint]\nId=other\n");
	g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "*quirk.conf: [Endpoint] Id, Vendor*");
	broken = uc_endpoint_load_all(NULL, NULL);
	g_test_assert_expected_messages();
	g_assert_cmpuint(broken->len, ==, 2);
}

/* a file that is none is told by its name, which need not be UTF-8 */
static void
test_unusable(gconstpointer user_data)
{
	const gchar *name = "ucupdates/endpoints.d/\xff.conf";
	g_autofree gchar *path = g_build_filename(user_data, name, NULL);
	g_autoptr(GPtrArray) unusable = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(UcSaid) said = uc_said_new();
	g_autoptr(GPtrArray) endpoints = NULL;
	g_autoptr(GPtrArray) again = NULL;
	g_autoptr(GPtrArray) removed = NULL;
	g_autoptr(GPtrArray) back = NULL;

	write_file(user_data, name, "[Endpoint]\nId=codec\n");
	g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "*conf: [Endpoint] Id, Vendor*");
	g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "*quirk.conf: [Endpoint] Id, Vendor*");
	endpoints = uc_endpoint_load_all(unusable, said);
	g_test_assert_expected_messages();
	g_assert_cmpuint(unusable->len, ==, 1);
	g_assert_cmpstr(g_ptr_array_index(unusable, 0), ==, "\357\277\275.conf");
	/* said once, and again only after it was different */
	uc_said_begin(said);
	again = uc_endpoint_load_all(NULL, said);
	g_assert_cmpint(g_remove(path), ==, 0);
	uc_said_begin(said);
	removed = uc_endpoint_load_all(NULL, said);
	write_file(user_data, name, "[Endpoint]\nId=codec\n");
	g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "*conf: [Endpoint] Id, Vendor*");
	uc_said_begin(said);
	back = uc_endpoint_load_all(NULL, said);
	g_test_assert_expected_messages();
	g_assert_cmpint(g_remove(path), ==, 0);
}

/* so many files, and the quirk */
static void
test_limit(gconstpointer user_data)
{
	const gchar *dir = user_data;
	g_autofree gchar *own = g_build_filename(dir, "ucupdates", "endpoints.d", NULL);
	g_autoptr(GPtrArray) paths = uc_keyfile_list(own, NULL);
	g_autoptr(GPtrArray) all = NULL;
	g_autoptr(GPtrArray) most = NULL;

	for (guint i = paths->len; i < UC_LIMIT_ENDPOINTS; i++) {
		g_autofree gchar *name = g_strdup_printf("ucupdates/endpoints.d/m%04u.conf", i);
		g_autofree gchar *text =
		    g_strdup_printf("[Endpoint]\nId=m%04u\nVendor=Acme\nModel=Mic\n", i);

		write_file(dir, name, text);
	}
	write_file(dir,
		   "lib/fwupd/uc-endpoint/quirk.conf",
		   "[Endpoint]\nId=quirk\nVendor=Acme\nModel=Quirk\n");
	all = uc_endpoint_load_all(NULL, NULL);
	g_assert_cmpuint(all->len, ==, 1001);
	write_file(dir,
		   "ucupdates/endpoints.d/n.conf",
		   "[Endpoint]\nId=n\nVendor=Acme\nModel=Mic\n");
	g_test_expect_message(NULL,
			      G_LOG_LEVEL_WARNING,
			      "*/endpoints.d has 1001 endpoint files, only the first 1000 are "
			      "read; remove some");
	most = uc_endpoint_load_all(NULL, NULL);
	g_test_assert_expected_messages();
	g_assert_cmpuint(most->len, ==, 1001);
}

int
main(int argc, char **argv)
{
	g_autofree gchar *dir = NULL;
	g_autofree gchar *sysfs = NULL;
	g_autofree gchar *procfs = NULL;

	g_test_init(&argc, &argv, NULL);
	dir = uc_test_state_new();
	sysfs = g_build_filename(dir, "sys", NULL);
	procfs = g_build_filename(dir, "proc", NULL);
	g_assert_true(g_setenv("UCUPDATES_SYSFSDIR", sysfs, TRUE));
	g_assert_true(g_setenv("UCUPDATES_PROCFS", procfs, TRUE));
	g_assert_true(g_setenv("FWUPD_LOCALSTATEDIR", dir, TRUE));
	g_test_add_data_func("/endpoint/value", dir, test_value);
	g_test_add_data_func("/endpoint/load", dir, test_load);
	g_test_add_data_func("/endpoint/complete", dir, test_complete);
	g_test_add_data_func("/endpoint/level", dir, test_level);
	g_test_add_data_func("/endpoint/quirk", dir, test_quirk);
	g_test_add_data_func("/endpoint/unusable", dir, test_unusable);
	g_test_add_data_func("/endpoint/limit", dir, test_limit);
	return g_test_run();
}
