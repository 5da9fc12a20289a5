/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A FIFO stands in for a device: few build machines have /dev/uinput. It carries the same events.
 */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/input.h>
#include <sys/stat.h>
#include <unistd.h>

#include "uc-source-evdev.h"

#define REST_MS 50

typedef struct {
	gchar *dir;
	gchar *path;
	gint fd; /* the hand on the device */
	UcRoom *room;
	guint activity;
} Fixture;

static void
count_cb(UcRoom *room, gpointer user_data)
{
	((Fixture *)user_data)->activity++;
}

static void
set_up(Fixture *self, gconstpointer user_data)
{
	self->dir = g_dir_make_tmp("uc-evdev-XXXXXX", NULL);
	self->path = g_build_filename(self->dir, "event0", NULL);
	self->fd = -1;
	self->room = uc_room_new(uc_clock_system());
	uc_room_add_source(self->room, "evdev", UC_ROOM_ACTIVITY);
	g_signal_connect(self->room, "activity", G_CALLBACK(count_cb), self);
}

static void
tear_down(Fixture *self, gconstpointer user_data)
{
	if (self->fd >= 0)
		g_assert_cmpint(close(self->fd), ==, 0);
	(void)g_unlink(self->path);
	(void)g_rmdir(self->dir);
	g_clear_object(&self->room);
	g_free(self->path);
	g_free(self->dir);
}

static void
plug(Fixture *self)
{
	g_assert_cmpint(mkfifo(self->path, 0600), ==, 0);
	self->fd = open(self->path, O_RDWR | O_CLOEXEC);
	g_assert_cmpint(self->fd, >=, 0);
}

static void
touch(Fixture *self)
{
	const struct input_event event = {.type = EV_KEY, .code = KEY_ENTER, .value = 1};

	g_assert_cmpint(write(self->fd, &event, sizeof(event)), ==, sizeof(event));
}

static gboolean
late_cb(gpointer user_data)
{
	g_error("nothing happened within ten seconds");
	return G_SOURCE_REMOVE;
}

static void
wait_for_activity(Fixture *self, guint count)
{
	guint late = g_timeout_add_seconds(10, late_cb, NULL);

	while (self->activity < count)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(late);
}

static void
wait_for_use(Fixture *self, UcUse use)
{
	guint late = g_timeout_add_seconds(10, late_cb, NULL);

	while (uc_room_get_use(self->room) != use)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(late);
}

/* many events are one until the rest is over, and unread ones count again then */
static void
test_activity(Fixture *self, gconstpointer user_data)
{
	g_autoptr(UcSourceEvdev) source = NULL;

	plug(self);
	source = uc_source_evdev_new(self->dir, REST_MS, self->room);
	g_assert_cmpint(uc_room_get_use(self->room), ==, UC_USE_NONE);
	g_assert_cmpint(self->activity, ==, 0);
	touch(self);
	touch(self);
	wait_for_activity(self, 1);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_assert_cmpint(self->activity, ==, 1);
	wait_for_activity(self, 2);
}

/* what is not there cannot tell; it may come later */
static void
test_plug(Fixture *self, gconstpointer user_data)
{
	g_autoptr(UcSourceEvdev) source = NULL;

	source = uc_source_evdev_new(self->dir, REST_MS, self->room);
	g_assert_cmpint(uc_room_get_use(self->room), ==, UC_USE_UNKNOWN);
	plug(self);
	wait_for_use(self, UC_USE_NONE);
	touch(self);
	wait_for_activity(self, 1);
	g_assert_cmpint(g_unlink(self->path), ==, 0);
	wait_for_use(self, UC_USE_UNKNOWN);
}

/* other names and other kinds of files are no devices */
static void
test_others(Fixture *self, gconstpointer user_data)
{
	g_autoptr(UcSourceEvdev) source = NULL;
	g_autofree gchar *mouse = g_build_filename(self->dir, "mouse0", NULL);

	g_assert_cmpint(mkfifo(mouse, 0600), ==, 0);
	g_assert_true(g_file_set_contents(self->path, "text", -1, NULL));
	source = uc_source_evdev_new(self->dir, REST_MS, self->room);
	g_assert_cmpint(uc_room_get_use(self->room), ==, UC_USE_UNKNOWN);
	g_assert_cmpint(g_unlink(mouse), ==, 0);
}

static void
test_no_directory(Fixture *self, gconstpointer user_data)
{
	g_autoptr(UcSourceEvdev) source = NULL;

	g_test_expect_message(NULL,
			      G_LOG_LEVEL_WARNING,
			      "*evdev needs /nonexistent, which is not there");
	source = uc_source_evdev_new("/nonexistent", REST_MS, self->room);
	g_test_assert_expected_messages();
	g_assert_cmpint(uc_room_get_use(self->room), ==, UC_USE_UNKNOWN);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add("/source-evdev/activity", Fixture, NULL, set_up, test_activity, tear_down);
	g_test_add("/source-evdev/plug", Fixture, NULL, set_up, test_plug, tear_down);
	g_test_add("/source-evdev/others", Fixture, NULL, set_up, test_others, tear_down);
	g_test_add("/source-evdev/no-directory",
		   Fixture,
		   NULL,
		   set_up,
		   test_no_directory,
		   tear_down);
	return g_test_run();
}
