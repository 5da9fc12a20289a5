/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-endpoint-device.h"
#include "fu-uc-endpoint-directory.h"
#include "fu-uc-endpoint-health.h"
#include "fu-uc-endpoint-quirk.h"

/* The endpoint files, and the endpoints that come and go with them. Each file stands for itself: a
 * mistake in one disables its endpoint and no other. A file that names a parent waits until the
 * parent is there, whatever the order of the names. A quirk for this machine stands for a file,
 * too, unless there is a file with its Id. */

#define FU_UC_ENDPOINT_DIRECTORY_DELAY_MS  200 /* as an editor writes more than once */
#define FU_UC_ENDPOINT_DIRECTORY_RETRY_SEC 5   /* twice as long each time */
#define FU_UC_ENDPOINT_DIRECTORY_RETRY_MAX 300 /* seconds */

/* one file */
typedef struct {
	gchar *checksum;	    /* of what was in it */
	gchar *complaint;	    /* (nullable): why it is disabled */
	GError *error;		    /* (nullable): of the last attempt, while files are read */
	FuUcEndpointDevice *device; /* (nullable): if it is not */
} FuUcEndpointDirectoryItem;

struct _FuUcEndpointDirectory {
	GObject parent_instance;
	FuPlugin *plugin; /* not owned: it owns us */
	gchar *path;
	gchar *quirk_name; /* (nullable): if there is a quirk for this machine */
	gchar *quirk_text; /* (nullable) */
	GHashTable
	    *items; /* (element-type utf8 FuUcEndpointDirectoryItem): by file name, or quirk */
	GHashTable *devices;	      /* (element-type utf8 FuUcEndpointDevice): of items, by Id */
	GFileMonitor *monitor;	      /* (nullable) */
	GFileMonitor *monitor_health; /* (nullable) */
	guint timeout_id;
	guint retry_id;
	guint retry_secs;
};

G_DEFINE_TYPE(FuUcEndpointDirectory, fu_uc_endpoint_directory, G_TYPE_OBJECT)

static void
fu_uc_endpoint_directory_item_free(FuUcEndpointDirectoryItem *item)
{
	g_free(item->checksum);
	g_free(item->complaint);
	g_clear_error(&item->error);
	g_clear_object(&item->device);
	g_free(item);
}

static FuUcEndpointDirectoryItem *
fu_uc_endpoint_directory_ensure_item(FuUcEndpointDirectory *self, const gchar *filename)
{
	FuUcEndpointDirectoryItem *item = g_hash_table_lookup(self->items, filename);

	if (item == NULL) {
		item = g_new0(FuUcEndpointDirectoryItem, 1);
		g_hash_table_insert(self->items, g_strdup(filename), item);
	}
	return item;
}

/* the device that an endpoint file with this Id has made, or NULL */
static FuUcEndpointDevice *
fu_uc_endpoint_directory_find(FuUcEndpointDirectory *self, const gchar *id)
{
	return g_hash_table_lookup(self->devices, id);
}

/* the parent of a device, or NULL if it has none or that is gone already */
static FuUcEndpointDevice *
fu_uc_endpoint_directory_get_parent(FuUcEndpointDirectory *self, FuUcEndpointDevice *device)
{
	const gchar *id = fu_uc_endpoint_device_get_parent_id(device);
	return id != NULL ? fu_uc_endpoint_directory_find(self, id) : NULL;
}

/* with its children, whose files are then read anew; the plugin listens to the parent here too */
static void
fu_uc_endpoint_directory_remove(FuUcEndpointDirectory *self, FuUcEndpointDirectoryItem *item)
{
	GHashTableIter iter;
	gpointer value = NULL;
	FuUcEndpointDevice *parent = NULL;
	g_autoptr(FuUcEndpointDevice) device = g_steal_pointer(&item->device);

	if (device == NULL)
		return;
	g_hash_table_remove(self->devices, fu_device_get_logical_id(FU_DEVICE(device)));
	g_hash_table_iter_init(&iter, self->items);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		FuUcEndpointDirectoryItem *other = value;
		if (other->device != NULL &&
		    fu_uc_endpoint_device_is_child_of(other->device, device))
			fu_uc_endpoint_directory_remove(self, other);
	}
	parent = fu_uc_endpoint_directory_get_parent(self, device);
	if (parent != NULL)
		fu_device_remove_child(FU_DEVICE(parent), FU_DEVICE(device));
	else
		fu_plugin_device_remove(self->plugin, FU_DEVICE(device));
}

static gboolean
fu_uc_endpoint_directory_check_unique(FuUcEndpointDirectory *self,
				      FuUcEndpointConfig *config,
				      GError **error)
{
	if (fu_uc_endpoint_directory_find(self, fu_uc_endpoint_config_get_id(config)) == NULL)
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_INVALID_DATA,
		    "%s: [Endpoint] Id: another endpoint file has '%s' already, expected one of "
		    "its own",
		    fu_uc_endpoint_config_get_filename(config),
		    fu_uc_endpoint_config_get_id(config));
	return FALSE;
}

static gboolean
fu_uc_endpoint_directory_find_parent(FuUcEndpointDirectory *self,
				     FuUcEndpointConfig *config,
				     FuUcEndpointDevice **parent_out,
				     GError **error)
{
	const gchar *id = fu_uc_endpoint_config_get_value(config, "Parent");

	if (id == NULL)
		return TRUE;
	*parent_out = fu_uc_endpoint_directory_find(self, id);
	if (*parent_out != NULL)
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_NOT_FOUND,
		    "%s: [Endpoint] Parent: found '%s', expected the Id of another endpoint",
		    fu_uc_endpoint_config_get_filename(config),
		    id);
	return FALSE;
}

static gboolean
fu_uc_endpoint_directory_is_quirk(FuUcEndpointDirectory *self, const gchar *filename)
{
	return g_strcmp0(filename, self->quirk_name) == 0;
}

static FuUcEndpointConfig *
fu_uc_endpoint_directory_read(FuUcEndpointDirectory *self, const gchar *filename, GError **error)
{
	if (!fu_uc_endpoint_directory_is_quirk(self, filename))
		return fu_uc_endpoint_config_new_from_file(filename, error);
	return fu_uc_endpoint_config_new_from_data(filename,
						   self->quirk_text,
						   strlen(self->quirk_text),
						   error);
}

static FuUcEndpointDevice *
fu_uc_endpoint_directory_add(FuUcEndpointDirectory *self, const gchar *filename, GError **error)
{
	FuUcEndpointDevice *parent = NULL;
	g_autoptr(FuUcEndpointConfig) config = NULL;
	g_autoptr(FuUcEndpointDevice) device = NULL;

	config = fu_uc_endpoint_directory_read(self, filename, error);
	if (config == NULL)
		return NULL;
	if (!fu_uc_endpoint_directory_check_unique(self, config, error))
		return NULL;
	if (!fu_uc_endpoint_directory_find_parent(self, config, &parent, error))
		return NULL;
	device = fu_uc_endpoint_device_new(fu_plugin_get_context(self->plugin), config, error);
	if (device == NULL)
		return NULL;
	if (!fu_device_setup(FU_DEVICE(device), error)) {
		g_prefix_error(error, "%s: ", filename);
		return NULL;
	}

	/* the plugin listens to the parent, and adds its children */
	if (parent != NULL)
		fu_device_add_child(FU_DEVICE(parent), FU_DEVICE(device));
	else
		fu_plugin_device_add(self->plugin, FU_DEVICE(device));
	g_hash_table_insert(self->devices, g_strdup(fu_uc_endpoint_config_get_id(config)), device);
	return g_steal_pointer(&device);
}

/* a file that is gone or has changed takes its endpoint with it; whether there is one */
static gboolean
fu_uc_endpoint_directory_remove_changed(FuUcEndpointDirectory *self)
{
	GHashTableIter iter;
	gboolean changed = FALSE;
	gpointer key = NULL;
	gpointer value = NULL;

	g_hash_table_iter_init(&iter, self->items);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		FuUcEndpointDirectoryItem *item = value;
		g_autofree gchar *text = NULL;
		g_autofree gchar *checksum = NULL;
		gsize textsz = 0;

		if (fu_uc_endpoint_directory_is_quirk(self, (const gchar *)key))
			continue;
		if (g_file_get_contents((const gchar *)key, &text, &textsz, NULL))
			checksum = g_compute_checksum_for_data(G_CHECKSUM_SHA256,
							       (const guchar *)text,
							       textsz);
		if (g_strcmp0(checksum, item->checksum) != 0) {
			fu_uc_endpoint_directory_remove(self, item);
			changed = TRUE;
		}
		g_free(item->checksum);
		item->checksum = g_steal_pointer(&checksum);
		if (text == NULL && item->device == NULL)
			g_clear_pointer(&item->complaint, g_free);
	}
	return changed;
}

/* said once */
static void
fu_uc_endpoint_directory_complain(FuUcEndpointDirectoryItem *item)
{
	if (g_strcmp0(item->complaint, item->error->message) == 0)
		return;
	g_free(item->complaint);
	item->complaint = g_strdup(item->error->message);
	g_warning("endpoint is disabled: %s", item->complaint);
}

/* a file without an endpoint; whether it has got one. Within one reading only a parent may have
 * come since the last attempt. */
static gboolean
fu_uc_endpoint_directory_try(FuUcEndpointDirectory *self, const gchar *filename, gboolean last)
{
	FuUcEndpointDirectoryItem *item = fu_uc_endpoint_directory_ensure_item(self, filename);

	if (item->device != NULL)
		return FALSE;
	if (item->error == NULL ||
	    g_error_matches(item->error, FWUPD_ERROR, FWUPD_ERROR_NOT_FOUND)) {
		g_clear_error(&item->error);
		item->device = fu_uc_endpoint_directory_add(self, filename, &item->error);
	}
	if (item->device != NULL) {
		g_clear_pointer(&item->complaint, g_free);
		return TRUE;
	}
	if (last)
		fu_uc_endpoint_directory_complain(item);
	return FALSE;
}

/* all files without an endpoint; whether one more has got one */
static gboolean
fu_uc_endpoint_directory_try_all(FuUcEndpointDirectory *self, GPtrArray *files, gboolean last)
{
	gboolean added = FALSE;

	for (guint i = 0; i < files->len; i++)
		added |= fu_uc_endpoint_directory_try(self, g_ptr_array_index(files, i), last);
	return added;
}

/* whether a file has the Id of the quirk, which then has no effect */
static gboolean
fu_uc_endpoint_directory_has_own_file(FuUcEndpointDirectory *self)
{
	FuUcEndpointDirectoryItem *item =
	    fu_uc_endpoint_directory_ensure_item(self, self->quirk_name);
	FuUcEndpointDevice *device = NULL;
	g_autofree gchar *id = NULL;
	g_autoptr(GKeyFile) keyfile = g_key_file_new();

	if (!g_key_file_load_from_data(keyfile, self->quirk_text, -1, G_KEY_FILE_NONE, NULL))
		return FALSE;
	id = g_key_file_get_string(keyfile, "Endpoint", "Id", NULL);
	device = id != NULL ? fu_uc_endpoint_directory_find(self, id) : NULL;
	return device != NULL && device != item->device;
}

/* a file may come later than the quirk that it replaces */
static void
fu_uc_endpoint_directory_try_quirk(FuUcEndpointDirectory *self, GPtrArray *files)
{
	if (self->quirk_name == NULL || fu_uc_endpoint_directory_has_own_file(self))
		return;
	if (!fu_uc_endpoint_directory_try(self, self->quirk_name, TRUE))
		return;
	while (fu_uc_endpoint_directory_try_all(self, files, FALSE))
		;
}

/* the agent and ucupdates-confirm see the same endpoints; a file counts before the quirk there too
 */
static void
fu_uc_endpoint_directory_publish_quirk(FuUcEndpointDirectory *self)
{
	gboolean counts = self->quirk_name != NULL && !fu_uc_endpoint_directory_has_own_file(self);
	g_autoptr(GError) error_local = NULL;

	if (!fu_uc_endpoint_quirk_publish(counts ? self->quirk_text : NULL, &error_local))
		g_warning("the agent does not see what the quirk says: %s", error_local->message);
}

static gint
fu_uc_endpoint_directory_sort_cb(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(*((const gchar **)a), *((const gchar **)b));
}

static GPtrArray *
fu_uc_endpoint_directory_list(FuUcEndpointDirectory *self)
{
	g_autoptr(GPtrArray) files = fu_path_glob(self->path, "*.conf", NULL);

	/* nothing there is nothing to do */
	if (files == NULL)
		return g_ptr_array_new();
	g_ptr_array_sort(files, fu_uc_endpoint_directory_sort_cb);
	if (files->len > FU_UC_ENDPOINT_DIRECTORY_FILES_MAX) {
		g_warning("%s has %u endpoint files, only the first %d are read; remove some",
			  self->path,
			  files->len,
			  FU_UC_ENDPOINT_DIRECTORY_FILES_MAX);
		g_ptr_array_set_size(files, FU_UC_ENDPOINT_DIRECTORY_FILES_MAX);
	}
	return g_steal_pointer(&files);
}

static gboolean
fu_uc_endpoint_directory_retry_cb(gpointer user_data)
{
	FuUcEndpointDirectory *self = FU_UC_ENDPOINT_DIRECTORY(user_data);
	self->retry_id = 0;
	fu_uc_endpoint_directory_load(self);
	return G_SOURCE_REMOVE;
}

/* What an endpoint needs, such as RAUC, was busy, not there or did not answer: again later, and
 * soon only if asking takes no time. */
static void
fu_uc_endpoint_directory_retry(FuUcEndpointDirectory *self, const GError *error)
{
	if (g_error_matches(error, FWUPD_ERROR, FWUPD_ERROR_TIMED_OUT))
		self->retry_secs = FU_UC_ENDPOINT_DIRECTORY_RETRY_MAX;
	else if (!g_error_matches(error, FWUPD_ERROR, FWUPD_ERROR_BUSY) &&
		 !g_error_matches(error, FWUPD_ERROR, FWUPD_ERROR_NOT_REACHABLE))
		return;
	if (self->retry_id != 0)
		return;
	self->retry_id =
	    g_timeout_add_seconds(self->retry_secs, fu_uc_endpoint_directory_retry_cb, self);
	self->retry_secs = MIN(self->retry_secs * 2, FU_UC_ENDPOINT_DIRECTORY_RETRY_MAX);
}

/* what the reading has found is forgotten with it */
static void
fu_uc_endpoint_directory_settle_errors(FuUcEndpointDirectory *self)
{
	GHashTableIter iter;
	gpointer value = NULL;

	g_hash_table_iter_init(&iter, self->items);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		FuUcEndpointDirectoryItem *item = value;
		if (item->error != NULL)
			fu_uc_endpoint_directory_retry(self, item->error);
		g_clear_error(&item->error);
	}
	if (self->retry_id == 0)
		self->retry_secs = FU_UC_ENDPOINT_DIRECTORY_RETRY_SEC;
}

/**
 * fu_uc_endpoint_directory_load:
 * @self: a #FuUcEndpointDirectory
 *
 * Reads what is there now: endpoints whose files are gone or have changed are removed, and those
 * without an endpoint are tried. Why a file is disabled is said once; if that may pass by itself it
 * is tried again later.
 **/
void
fu_uc_endpoint_directory_load(FuUcEndpointDirectory *self)
{
	g_autoptr(GPtrArray) files = NULL;

	g_return_if_fail(FU_IS_UC_ENDPOINT_DIRECTORY(self));
	files = fu_uc_endpoint_directory_list(self);
	for (guint i = 0; i < files->len; i++)
		(void)fu_uc_endpoint_directory_ensure_item(self, g_ptr_array_index(files, i));
	if (fu_uc_endpoint_directory_remove_changed(self) && self->quirk_name != NULL)
		fu_uc_endpoint_directory_remove(
		    self,
		    fu_uc_endpoint_directory_ensure_item(self, self->quirk_name));
	while (fu_uc_endpoint_directory_try_all(self, files, FALSE))
		;
	fu_uc_endpoint_directory_try_quirk(self, files);
	(void)fu_uc_endpoint_directory_try_all(self, files, TRUE);
	fu_uc_endpoint_directory_settle_errors(self);
	fu_uc_endpoint_directory_publish_quirk(self);
}

static gboolean
fu_uc_endpoint_directory_timeout_cb(gpointer user_data)
{
	FuUcEndpointDirectory *self = FU_UC_ENDPOINT_DIRECTORY(user_data);
	self->timeout_id = 0;
	fu_uc_endpoint_directory_load(self);
	return G_SOURCE_REMOVE;
}

static void
fu_uc_endpoint_directory_changed_cb(FuUcEndpointDirectory *self)
{
	if (self->timeout_id != 0)
		g_source_remove(self->timeout_id);
	self->timeout_id = g_timeout_add(FU_UC_ENDPOINT_DIRECTORY_DELAY_MS,
					 fu_uc_endpoint_directory_timeout_cb,
					 self);
}

/* <Id>.health: the endpoint is made anew, as the engine asks how an update ended only then */
static void
fu_uc_endpoint_directory_health_cb(GFileMonitor *monitor,
				   GFile *file,
				   GFile *other_file,
				   GFileMonitorEvent event,
				   FuUcEndpointDirectory *self)
{
	FuUcEndpointDevice *device = NULL;
	GHashTableIter iter;
	gpointer value = NULL;
	g_autofree gchar *name = g_file_get_basename(other_file != NULL ? other_file : file);

	if (!g_str_has_suffix(name, FU_UC_ENDPOINT_HEALTH_SUFFIX))
		return;
	name[strlen(name) - strlen(FU_UC_ENDPOINT_HEALTH_SUFFIX)] = '\0';
	device = fu_uc_endpoint_directory_find(self, name);
	if (device == NULL)
		return;
	g_hash_table_iter_init(&iter, self->items);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		FuUcEndpointDirectoryItem *item = value;
		if (item->device == device) {
			fu_uc_endpoint_directory_remove(self, item);
			break;
		}
	}
	fu_uc_endpoint_directory_changed_cb(self);
}

static GFileMonitor *
fu_uc_endpoint_directory_follow(const gchar *path)
{
	g_autoptr(GFile) file = g_file_new_for_path(path);
	g_autoptr(GError) error_local = NULL;
	GFileMonitor *monitor =
	    g_file_monitor_directory(file, G_FILE_MONITOR_WATCH_MOVES, NULL, &error_local);

	if (monitor == NULL)
		g_warning("%s is not followed: %s", path, error_local->message);
	return monitor;
}

static void
fu_uc_endpoint_directory_follow_all(FuUcEndpointDirectory *self)
{
	g_autofree gchar *path = fu_path_build(FU_PATH_KIND_LOCALSTATEDIR_PKG, "uc-endpoint", NULL);

	self->monitor = fu_uc_endpoint_directory_follow(self->path);
	if (self->monitor != NULL)
		g_signal_connect_swapped(self->monitor,
					 "changed",
					 G_CALLBACK(fu_uc_endpoint_directory_changed_cb),
					 self);
	self->monitor_health = fu_uc_endpoint_directory_follow(path);
	if (self->monitor_health != NULL)
		g_signal_connect(self->monitor_health,
				 "changed",
				 G_CALLBACK(fu_uc_endpoint_directory_health_cb),
				 self);
}

static void
fu_uc_endpoint_directory_dispose(GObject *object)
{
	FuUcEndpointDirectory *self = FU_UC_ENDPOINT_DIRECTORY(object);
	if (self->timeout_id != 0)
		g_source_remove(self->timeout_id);
	self->timeout_id = 0;
	if (self->retry_id != 0)
		g_source_remove(self->retry_id);
	self->retry_id = 0;
	if (self->monitor != NULL)
		g_signal_handlers_disconnect_by_data(self->monitor, self);
	if (self->monitor_health != NULL)
		g_signal_handlers_disconnect_by_data(self->monitor_health, self);
	g_clear_object(&self->monitor);
	g_clear_object(&self->monitor_health);
	G_OBJECT_CLASS(fu_uc_endpoint_directory_parent_class)->dispose(object);
}

static void
fu_uc_endpoint_directory_finalize(GObject *object)
{
	FuUcEndpointDirectory *self = FU_UC_ENDPOINT_DIRECTORY(object);
	g_hash_table_unref(self->devices);
	g_hash_table_unref(self->items);
	g_free(self->path);
	g_free(self->quirk_name);
	g_free(self->quirk_text);
	G_OBJECT_CLASS(fu_uc_endpoint_directory_parent_class)->finalize(object);
}

static void
fu_uc_endpoint_directory_class_init(FuUcEndpointDirectoryClass *klass)
{
	GObjectClass *object_class = G_OBJECT_CLASS(klass);
	object_class->dispose = fu_uc_endpoint_directory_dispose;
	object_class->finalize = fu_uc_endpoint_directory_finalize;
}

static void
fu_uc_endpoint_directory_init(FuUcEndpointDirectory *self)
{
	self->items = g_hash_table_new_full(g_str_hash,
					    g_str_equal,
					    g_free,
					    (GDestroyNotify)fu_uc_endpoint_directory_item_free);
	self->devices = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	self->retry_secs = FU_UC_ENDPOINT_DIRECTORY_RETRY_SEC;
}

/**
 * fu_uc_endpoint_directory_new:
 * @plugin: the plugin that gets the devices, and owns the result
 * @path: a directory that need not exist
 *
 * Starts to follow @path, and looks for a quirk for this machine. Nothing is read before
 *fu_uc_endpoint_directory_load().
 *
 * Returns: (transfer full): the endpoint files
 **/
FuUcEndpointDirectory *
fu_uc_endpoint_directory_new(FuPlugin *plugin, const gchar *path)
{
	FuUcEndpointDirectory *self = g_object_new(FU_TYPE_UC_ENDPOINT_DIRECTORY, NULL);
	self->plugin = plugin;
	self->path = g_strdup(path);
	self->quirk_text =
	    fu_uc_endpoint_quirk_find(fu_plugin_get_context(plugin), &self->quirk_name);
	fu_uc_endpoint_directory_follow_all(self);
	return self;
}
