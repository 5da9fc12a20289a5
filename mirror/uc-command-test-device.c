/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-command.h"
#include "uc-table.h"
#include "uc-test-device.h"

static gint
uc_command_test_device_list(const UcCommandLine *line, UcMirror *mirror)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) devices = uc_test_device_list(mirror->database, &error);
	g_autoptr(UcTable) table = uc_table_new(_("BY"), _("VALUE"), NULL);
	g_autoptr(JsonObject) object = json_object_new();
	JsonArray *array = json_array_new();

	json_object_set_array_member(object, "test_devices", array);
	if (devices == NULL)
		return uc_command_fail(error);
	for (guint i = 0; i < devices->len; i++) {
		const UcTestDevice *device = g_ptr_array_index(devices, i);
		JsonObject *item = json_object_new();

		json_object_set_string_member(item, device->kind, device->value);
		json_array_add_object_element(array, item);
		uc_table_add_row(table, device->kind, device->value, NULL);
	}
	if (line->json)
		uc_command_print_json(object);
	else
		uc_table_print(table);
	return UC_EXIT_DONE;
}

static gint
uc_command_test_device_change(const UcCommandLine *line, UcMirror *mirror, gboolean add)
{
	gint64 now_secs = g_get_real_time() / G_USEC_PER_SEC;
	g_autoptr(GError) error = NULL;
	g_autoptr(UcTestDevice) device = uc_test_device_new(line->argv[2], &error);
	g_autoptr(JsonObject) object = NULL;

	if (device == NULL)
		return uc_command_fail(error);
	if (add ? !uc_test_device_add(mirror->database, device, now_secs, &error)
		: !uc_test_device_remove(mirror->database, device, now_secs, &error))
		return uc_command_fail(error);
	if (line->json) {
		object = json_object_new();
		json_object_set_string_member(object, device->kind, device->value);
		uc_command_print_json(object);
		return UC_EXIT_DONE;
	}
	g_print(add ? _("%s '%s' is a test device; endpoints see it after the next 'publish'\n")
		    : _("%s '%s' is no test device any more; endpoints see it after the next "
			"'publish'\n"),
		device->kind,
		device->value);
	return UC_EXIT_DONE;
}

/**
 * uc_command_test_device:
 *
 * `test-device add|remove|list`
 */
gint
uc_command_test_device(UcCommandLine *line)
{
	g_autoptr(UcMirror) mirror = NULL;
	const gchar *usage = "add ENDPOINT | remove ENDPOINT | list";
	gint status = uc_command_parse(line, NULL, usage, 1, 2);
	const gchar *act = NULL;
	gboolean list = FALSE;

	if (status != UC_EXIT_DONE)
		return status;
	act = line->argv[1];
	list = g_str_equal(act, "list");
	if ((!list && !g_str_equal(act, "add") && !g_str_equal(act, "remove")) ||
	    line->argc != (list ? 2 : 3))
		return uc_command_expected(line, usage);
	mirror = uc_command_open(line);
	if (mirror == NULL)
		return UC_EXIT_FAILED;
	if (list)
		return uc_command_test_device_list(line, mirror);
	return uc_command_test_device_change(line, mirror, g_str_equal(act, "add"));
}
