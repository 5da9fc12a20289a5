/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-config.h"
#include "uc-endpoint-value.h"
#include "uc-endpoint.h"
#include "uc-error.h"
#include "uc-identity.h"
#include "uc-led.h"
#include "uc-limits.h"
#include "uc-paths.h"

#define UC_ENDPOINT_VALUE_BYTES 255

void
uc_endpoint_free(UcEndpoint *self)
{
	g_free(self->path);
	g_free(self->id);
	g_free(self->name);
	g_free(self->device_type);
	g_free(self->vendor);
	g_free(self->model);
	g_free(self->revision);
	g_free(self->part_number);
	g_free(self->hardware_level);
	g_free(self->serial);
	g_free(self->mac_address);
	g_free(self->locale);
	g_free(self->room);
	g_free(self->parent);
	g_free(self->install_type);
	g_free(self->led);
	g_free(self->identity);
	g_free(self);
}

/* what only root may read comes from fwupd's device, see uc_endpoint_complete() */
static gchar *
uc_endpoint_read(GKeyFile *file, const gchar *key)
{
	g_autoptr(GError) error = NULL;
	gchar *text = NULL;

	if (!uc_endpoint_value_is_set(file, key))
		return NULL;
	text = uc_endpoint_value_read(file, key, &error);
	if (text == NULL)
		g_debug("[Endpoint] %s: %s", key, error->message);
	return text;
}

/* otherwise a level that fwupd knows is only one that root has added */
static gboolean
uc_endpoint_has_level(GKeyFile *file)
{
	return uc_endpoint_value_is_set(file, "HardwareLevel") ||
	       (uc_endpoint_value_is_set(file, "HardwareLevelByPartNumber") &&
		uc_endpoint_value_is_set(file, "PartNumber"));
}

/* an endpoint without its LED is better than none */
static gchar *
uc_endpoint_read_led(GKeyFile *file, const gchar *path, UcSaid *said)
{
	g_autofree gchar *name = g_key_file_get_string(file, "Install", "Led", NULL);
	g_autofree gchar *text = NULL;

	if (name == NULL || uc_led_is_name(name))
		return g_steal_pointer(&name);
	text = g_strdup_printf(
	    "%s: [Install] Led: found '%s', expected the name of an entry in /sys/class/leds",
	    path,
	    name);
	uc_said_warn(said, text);
	return NULL;
}

/**
 * uc_endpoint_load:
 * @path: an endpoint file
 * @said: (nullable): what was warned about already
 * @error: set to %UC_ERROR_INVALID with the file and the key
 *
 * Reads what the agent tells the service about an endpoint. The plugin is the one that checks the
 * file fully. A value that is kept elsewhere and cannot be read is %NULL, the vendor and the model
 * too. Blocks for as long as reading a few small files takes.
 *
 * Returns: (transfer full): the endpoint, or %NULL
 */
UcEndpoint *
uc_endpoint_load(const gchar *path, UcSaid *said, GError **error)
{
	g_autoptr(UcEndpoint) self = g_new0(UcEndpoint, 1);
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autoptr(GError) error_load = NULL;

	if (!g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &error_load)) {
		g_set_error(error, UC_ERROR, UC_ERROR_INVALID, "%s: %s", path, error_load->message);
		return NULL;
	}
	self->path = g_strdup(path);
	self->id = uc_endpoint_read(file, "Id");
	self->name = uc_endpoint_read(file, "Name");
	self->device_type = uc_endpoint_read(file, "DeviceType");
	self->vendor = uc_endpoint_read(file, "Vendor");
	self->model = uc_endpoint_read(file, "Model");
	self->revision = uc_endpoint_read(file, "Revision");
	self->part_number = uc_endpoint_read(file, "PartNumber");
	self->hardware_level = uc_endpoint_read(file, "HardwareLevel");
	self->has_hardware_level = uc_endpoint_has_level(file);
	self->serial = uc_endpoint_read(file, "Serial");
	self->mac_address = uc_endpoint_read(file, "MacAddress");
	self->locale = uc_endpoint_read(file, "Locale");
	self->room = uc_endpoint_read(file, "Room");
	self->parent = uc_endpoint_read(file, "Parent");
	self->install_type = g_key_file_get_string(file, "Install", "Type", NULL);
	self->led = uc_endpoint_read_led(file, path, said);
	if (self->id != NULL && uc_endpoint_value_is_set(file, "Vendor") &&
	    (uc_endpoint_value_is_set(file, "Model") ||
	     uc_endpoint_value_is_set(file, "PartNumber")))
		return g_steal_pointer(&self);
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "%s: [Endpoint] Id, Vendor and one of Model and PartNumber are needed",
		    path);
	return NULL;
}

static gchar *
uc_endpoint_clean(const gchar *text)
{
	if (text == NULL || text[0] == '\0' || strlen(text) > UC_ENDPOINT_VALUE_BYTES)
		return NULL;
	for (const gchar *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		if (g_unichar_iscntrl(g_utf8_get_char(p)))
			return NULL;
	}
	return g_strdup(text);
}

/**
 * uc_endpoint_new_for_device:
 * @device: of another plugin, such as a camera or a dock
 *
 * The device's id is the `Id`, its name the model. Unless it says that it can be used during an
 * update, that is noticed, as it is with `Type=file`.
 *
 * Returns: (transfer full) (nullable): %NULL for a device without vendor or name, whose service
 * could not tell what it is
 */
UcEndpoint *
uc_endpoint_new_for_device(FwupdDevice *device)
{
	g_autoptr(UcEndpoint) self = g_new0(UcEndpoint, 1);

	self->id = g_strdup(fwupd_device_get_id(device));
	self->name = uc_endpoint_clean(fwupd_device_get_name(device));
	self->vendor = uc_endpoint_clean(fwupd_device_get_vendor(device));
	self->model = g_strdup(self->name);
	self->serial = uc_endpoint_clean(fwupd_device_get_serial(device));
	if (!fwupd_device_has_flag(device, FWUPD_DEVICE_FLAG_USABLE_DURING_UPDATE))
		self->install_type = g_strdup("file");
	return self->vendor != NULL && self->name != NULL ? g_steal_pointer(&self) : NULL;
}

/* The plugin's, by part number or from where the agent may not read: `&HW_` of an instance id.
 * Those behind `&PN_`, of an endpoint with a part number, are levels that root has added. */
static gchar *
uc_endpoint_find_level(FwupdDevice *device)
{
	GPtrArray *ids = fwupd_device_get_instance_ids(device);

	for (guint i = 0; i < ids->len; i++) {
		const gchar *id = g_ptr_array_index(ids, i);
		const gchar *level = strstr(id, "&HW_");

		if (level != NULL)
			return uc_endpoint_clean(level + strlen("&HW_"));
		if (strstr(id, "&PN_") != NULL)
			return NULL;
	}
	return NULL;
}

/**
 * uc_endpoint_complete:
 * @device: the endpoint's, see uc_endpoint_is_device()
 *
 * Takes from fwupd, which reads them as root, those of vendor, serial number, name and hardware
 * level that the agent could not read. Of a model that it could not read the name is what comes
 * nearest.
 */
void
uc_endpoint_complete(UcEndpoint *self, FwupdDevice *device)
{
	if (self->vendor == NULL)
		self->vendor = uc_endpoint_clean(fwupd_device_get_vendor(device));
	if (self->serial == NULL)
		self->serial = uc_endpoint_clean(fwupd_device_get_serial(device));
	if (self->name == NULL)
		self->name = uc_endpoint_clean(fwupd_device_get_name(device));
	if (self->hardware_level == NULL && self->has_hardware_level)
		self->hardware_level = uc_endpoint_find_level(device);
	if (self->model == NULL && self->part_number == NULL)
		self->model = g_strdup(self->name);
}

static gboolean
uc_endpoint_has_id(GPtrArray *endpoints, const gchar *id)
{
	for (guint i = 0; i < endpoints->len; i++) {
		if (g_str_equal(((UcEndpoint *)g_ptr_array_index(endpoints, i))->id, id))
			return TRUE;
	}
	return FALSE;
}

/* (nullable): if it is not usable, which is warned about */
static UcEndpoint *
uc_endpoint_try(const gchar *path, UcSaid *said)
{
	g_autoptr(GError) error = NULL;
	UcEndpoint *self = uc_endpoint_load(path, said, &error);

	if (self == NULL)
		uc_said_warn(said, error->message);
	return self;
}

/* what the plugin keeps of a quirk (fu-uc-endpoint-quirk.c); there usually is none */
static void
uc_endpoint_add_quirk(GPtrArray *endpoints, UcSaid *said)
{
	g_autofree gchar *path = uc_path_plugin_state("quirk.conf");
	g_autoptr(UcEndpoint) quirk = NULL;

	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return;
	quirk = uc_endpoint_try(path, said);
	if (quirk != NULL && !uc_endpoint_has_id(endpoints, quirk->id))
		g_ptr_array_add(endpoints, g_steal_pointer(&quirk));
}

/* those that the plugin reads, too */
static GPtrArray *
uc_endpoint_list(UcSaid *said)
{
	g_autofree gchar *dir = uc_path_sysconf("endpoints.d");
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) paths = uc_keyfile_list(dir, &error);
	g_autofree gchar *text = NULL;

	if (paths == NULL) {
		uc_said_warn(said, error->message);
		return g_ptr_array_new();
	}
	if (paths->len > UC_LIMIT_ENDPOINTS) {
		text = g_strdup_printf(
		    "%s has %u endpoint files, only the first %d are read; remove some",
		    dir,
		    paths->len,
		    UC_LIMIT_ENDPOINTS);
		uc_said_warn(said, text);
		g_ptr_array_set_size(paths, UC_LIMIT_ENDPOINTS);
	}
	return g_steal_pointer(&paths);
}

/**
 * uc_endpoint_load_all:
 * @unusable: (nullable) (element-type utf8): what the other files are called is added to it
 * @said: (nullable): what was warned about already
 *
 * Returns: (transfer full) (element-type UcEndpoint): those of the first 1000 files of
 * `endpoints.d/` that are usable, and the one that a quirk of fwupd makes unless a file has its
 * `Id`; the others are warned about
 */
GPtrArray *
uc_endpoint_load_all(GPtrArray *unusable, UcSaid *said)
{
	g_autoptr(GPtrArray) endpoints =
	    g_ptr_array_new_with_free_func((GDestroyNotify)uc_endpoint_free);
	g_autoptr(GPtrArray) paths = uc_endpoint_list(said);

	for (guint i = 0; i < paths->len; i++) {
		UcEndpoint *endpoint = uc_endpoint_try(g_ptr_array_index(paths, i), said);

		if (endpoint != NULL)
			g_ptr_array_add(endpoints, endpoint);
		else if (unusable != NULL)
			g_ptr_array_add(unusable,
					g_filename_display_basename(g_ptr_array_index(paths, i)));
	}
	uc_endpoint_add_quirk(endpoints, said);
	return g_steal_pointer(&endpoints);
}

static void
uc_endpoint_set(JsonObject *object, const gchar *member, const gchar *text)
{
	if (text != NULL)
		json_object_set_string_member(object, member, text);
}

/**
 * uc_endpoint_identify:
 * @machine_id: from uc_machine_get_id()
 * @said: (nullable): what was warned about already
 *
 * Sets @identity to what the service makes of the endpoint's check-in (docs/service-protocol.md,
 * section 5). An endpoint that it would refuse has none, and that is warned about.
 */
void
uc_endpoint_identify(UcEndpoint *self, const gchar *machine_id, UcSaid *said)
{
	g_autoptr(JsonObject) object = json_object_new();
	g_autoptr(GError) error = NULL;
	g_autofree gchar *text = NULL;

	uc_endpoint_set(object, "id", self->id);
	uc_endpoint_set(object, "vendor", self->vendor);
	uc_endpoint_set(object, "serial", self->serial);
	uc_endpoint_set(object, "mac_address", self->mac_address);
	g_free(self->identity);
	self->identity = uc_identity_new(machine_id, object, &error);
	if (self->identity != NULL)
		return;
	text = g_strdup_printf("%s: %s", self->id, error->message);
	uc_said_warn(said, text);
}

/* fwupd's own rule for what stands in an instance id, lower-cased first (DESIGN.md, decision 5) */
static gchar *
uc_endpoint_instance_value(const gchar *text)
{
	gchar *value = g_ascii_strdown(text, -1);

	return g_strdelimit(value, " _&/\\-(),", '-');
}

/**
 * uc_endpoint_writes_in_place:
 *
 * Returns: whether an install overwrites what runs, which people notice
 */
gboolean
uc_endpoint_writes_in_place(const UcEndpoint *self)
{
	return g_strcmp0(self->install_type, "file") == 0 ||
	       g_strcmp0(self->install_type, "command") == 0;
}

/**
 * uc_endpoint_get_guid:
 *
 * Returns: (transfer full) (nullable): the GUID by which fwupd's device of this endpoint is known;
 * %NULL while vendor, or model and part number, are not known
 */
gchar *
uc_endpoint_get_guid(const UcEndpoint *self)
{
	const gchar *text = self->model != NULL ? self->model : self->part_number;
	g_autofree gchar *vendor = NULL;
	g_autofree gchar *what = NULL;
	g_autofree gchar *instance_id = NULL;

	if (self->vendor == NULL || text == NULL)
		return NULL;
	vendor = uc_endpoint_instance_value(self->vendor);
	what = uc_endpoint_instance_value(text);
	instance_id =
	    g_strdup_printf("UC\\VEN_%s&%s_%s", vendor, self->model != NULL ? "MODEL" : "PN", what);
	return fwupd_guid_hash_string(instance_id);
}

/**
 * uc_endpoint_get_device_id:
 *
 * fwupd makes a device's id of the names that its plugin gives it, here the `Id` of the file. So
 * two endpoints of one model are told apart also if the agent can read nothing else of them.
 *
 * Returns: (transfer full): the id of the device that fwupd makes from this endpoint's file
 */
gchar *
uc_endpoint_get_device_id(const UcEndpoint *self)
{
	g_autofree gchar *names = g_strdup_printf("uc-endpoint:%s", self->id);

	return g_compute_checksum_for_string(G_CHECKSUM_SHA1, names, -1);
}

/**
 * uc_endpoint_is_device:
 *
 * Returns: whether fwupd's device was made from this endpoint's file
 */
gboolean
uc_endpoint_is_device(const UcEndpoint *self, FwupdDevice *device)
{
	g_autofree gchar *id = uc_endpoint_get_device_id(self);

	return g_strcmp0(fwupd_device_get_id(device), id) == 0;
}
