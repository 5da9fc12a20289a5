/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The kernel's input devices as a source of activity (Documentation/input/input.rst). What was
 * touched is never read: the first event is enough, and then all devices are closed until the rest
 * is over, so that a moving mouse costs one wake-up in ten seconds. Only devices with keys or
 * buttons count, because sensors are never still. A directory without any device that can be opened
 * is a source that does not answer.
 */

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <linux/input.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "uc-limits.h"
#include "uc-source-evdev.h"

#define UC_SOURCE_EVDEV_NAME "evdev"

typedef struct {
	GSource *source;
	gint fd;
} UcSourceEvdevDevice;

struct _UcSourceEvdev {
	UcRoom *room;
	gchar *directory;
	guint rest_ms;
	GFileMonitor *monitor; /* (nullable): devices that come and go */
	GPtrArray *devices;    /* of UcSourceEvdevDevice, those that are open */
	guint rest_id;
};

static void
uc_source_evdev_device_free(UcSourceEvdevDevice *device)
{
	g_source_destroy(device->source);
	g_source_unref(device->source);
	(void)close(device->fd);
	g_free(device);
}

static void
uc_source_evdev_open_all(UcSourceEvdev *self);

static gboolean
uc_source_evdev_rested_cb(gpointer user_data)
{
	UcSourceEvdev *self = user_data;

	self->rest_id = 0;
	uc_source_evdev_open_all(self);
	return G_SOURCE_REMOVE;
}

static gboolean
uc_source_evdev_event_cb(gint fd, GIOCondition condition, gpointer user_data)
{
	UcSourceEvdev *self = user_data;

	/* unplugged ones have an error and are looked for again as well */
	if ((condition & G_IO_IN) != 0)
		uc_room_add_activity(self->room);
	if (self->rest_id == 0)
		self->rest_id = g_timeout_add(self->rest_ms, uc_source_evdev_rested_cb, self);
	g_ptr_array_set_size(self->devices, 0);
	return G_SOURCE_REMOVE;
}

static gboolean
uc_source_evdev_counts(gint fd)
{
	gulong types[(EV_MAX / (8 * sizeof(gulong))) + 1] = {0};
	struct stat st = {0};

	if (fstat(fd, &st) != 0)
		return FALSE;
	if (S_ISFIFO(st.st_mode))
		return TRUE; /* somebody hands events over */
	return S_ISCHR(st.st_mode) && ioctl(fd, EVIOCGBIT(0, sizeof(types)), types) >= 0 &&
	       (types[0] & (1UL << EV_KEY)) != 0;
}

static void
uc_source_evdev_open(UcSourceEvdev *self, const gchar *name)
{
	g_autofree gchar *path = g_build_filename(self->directory, name, NULL);
	gint fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	UcSourceEvdevDevice *device = NULL;

	if (fd < 0) {
		g_debug("cannot open %s: %s", path, g_strerror(errno));
		return;
	}
	if (!uc_source_evdev_counts(fd)) {
		(void)close(fd);
		return;
	}
	device = g_new0(UcSourceEvdevDevice, 1);
	device->fd = fd;
	device->source = g_unix_fd_source_new(fd, G_IO_IN);
	g_source_set_callback(device->source,
			      G_SOURCE_FUNC((void (*)(void))uc_source_evdev_event_cb),
			      self,
			      NULL);
	g_source_attach(device->source, g_main_context_get_thread_default());
	g_ptr_array_add(self->devices, device);
}

static void
uc_source_evdev_open_all(UcSourceEvdev *self)
{
	g_autoptr(GDir) dir = g_dir_open(self->directory, 0, NULL);
	const gchar *name = NULL;

	g_ptr_array_set_size(self->devices, 0);
	while (dir != NULL && self->devices->len < UC_LIMIT_INPUT_DEVICES &&
	       (name = g_dir_read_name(dir)) != NULL) {
		if (g_str_has_prefix(name, "event"))
			uc_source_evdev_open(self, name);
	}
	uc_room_set_answers(self->room, UC_SOURCE_EVDEV_NAME, self->devices->len > 0);
}

/* a device came, went, or may be opened now */
static void
uc_source_evdev_changed_cb(UcSourceEvdev *self)
{
	if (self->rest_id == 0)
		self->rest_id = g_timeout_add(self->rest_ms, uc_source_evdev_rested_cb, self);
}

/* a directory that is missing would be looked for again and again */
static void
uc_source_evdev_watch(UcSourceEvdev *self)
{
	g_autoptr(GFile) file = g_file_new_for_path(self->directory);
	g_autoptr(GError) error = NULL;

	if (!g_file_test(self->directory, G_FILE_TEST_IS_DIR)) {
		g_warning("[Agent] ActivitySources: evdev needs %s, which is not there",
			  self->directory);
		return;
	}
	self->monitor = g_file_monitor_directory(file, G_FILE_MONITOR_NONE, NULL, &error);
	if (self->monitor == NULL) {
		g_warning("%s: %s", self->directory, error->message);
		return;
	}
	g_signal_connect_swapped(self->monitor,
				 "changed",
				 G_CALLBACK(uc_source_evdev_changed_cb),
				 self);
}

/**
 * uc_source_evdev_new:
 * @directory: where the devices are, such as `/dev/input`
 * @rest_ms: for so long after an event none is waited for, in milliseconds
 * @room: has `evdev` as a source already
 *
 * Returns: (transfer full): the watch over the devices
 */
UcSourceEvdev *
uc_source_evdev_new(const gchar *directory, guint rest_ms, UcRoom *room)
{
	UcSourceEvdev *self = g_new0(UcSourceEvdev, 1);

	self->room = g_object_ref(room);
	self->directory = g_strdup(directory);
	self->rest_ms = rest_ms;
	self->devices = g_ptr_array_new_with_free_func((GDestroyNotify)uc_source_evdev_device_free);
	uc_source_evdev_watch(self);
	uc_source_evdev_open_all(self);
	return self;
}

void
uc_source_evdev_free(UcSourceEvdev *self)
{
	if (self->monitor != NULL)
		g_signal_handlers_disconnect_by_data(self->monitor, self);
	g_clear_object(&self->monitor);
	g_clear_handle_id(&self->rest_id, g_source_remove);
	g_ptr_array_unref(self->devices);
	g_object_unref(self->room);
	g_free(self->directory);
	g_free(self);
}
