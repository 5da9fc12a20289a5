/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files stand in for the devices and for procfs: opening one is the same event for inotify. */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "uc-source-alsa.h"

typedef struct {
	gchar *dir;
	gchar *snd;
	gchar *device;
	gchar *asound;
	UcRoom *room;
} Fixture;

static void
set_status(Fixture *self, const gchar *name, const gchar *text)
{
	g_autofree gchar *path = g_build_filename(self->asound, name, "status", NULL);
	g_autofree gchar *parent = g_path_get_dirname(path);

	g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void
set_up(Fixture *self, gconstpointer user_data)
{
	self->dir = g_dir_make_tmp("uc-alsa-XXXXXX", NULL);
	self->snd = g_build_filename(self->dir, "snd", NULL);
	self->device = g_build_filename(self->snd, "pcmC0D0c", NULL);
	self->asound = g_build_filename(self->dir, "asound", NULL);
	g_assert_cmpint(g_mkdir(self->snd, 0700), ==, 0);
	g_assert_true(g_file_set_contents(self->device, "", 0, NULL));
	set_status(self, "card0/pcm0c/sub0", "closed\n");
	self->room = uc_room_new(uc_clock_system());
	uc_room_add_source(self->room, "alsa", UC_ROOM_CALLS);
}

static void
tear_down(Fixture *self, gconstpointer user_data)
{
	g_autofree gchar *quoted = g_shell_quote(self->dir);
	g_autofree gchar *command = g_strconcat("rm -rf ", quoted, NULL);

	g_assert_true(g_spawn_command_line_sync(command, NULL, NULL, NULL, NULL));
	g_clear_object(&self->room);
	g_free(self->asound);
	g_free(self->device);
	g_free(self->snd);
	g_free(self->dir);
}

static gboolean
late_cb(gpointer user_data)
{
	g_error("nothing happened within ten seconds");
	return G_SOURCE_REMOVE;
}

static void
wait_for_use(Fixture *self, UcUse use)
{
	guint late = g_timeout_add_seconds(10, late_cb, NULL);

	while (uc_room_get_use(self->room) != use)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(late);
}

/* the device is opened and closed; what plays counts as little as a stream that is closed */
static void
test_record(Fixture *self, gconstpointer user_data)
{
	g_autoptr(UcSourceAlsa) source = NULL;
	g_autofree gchar *reason = NULL;
	gint fd = -1;

	set_status(self, "card0/pcm0p/sub0", "state: RUNNING\n");
	source = uc_source_alsa_new(self->snd, self->asound, 20, self->room);
	g_assert_cmpint(uc_room_get_use(self->room), ==, UC_USE_NONE);
	set_status(self, "card0/pcm0c/sub0", "state: RUNNING\nowner_pid   : 7\n");
	fd = open(self->device, O_RDONLY | O_CLOEXEC);
	wait_for_use(self, UC_USE_CALL);
	reason = uc_room_get_reason(self->room);
	g_assert_cmpstr(reason, ==, "something records: card0/pcm0c/sub0/status");
	set_status(self, "card0/pcm0c/sub0", "closed\n");
	g_assert_cmpint(close(fd), ==, 0);
	wait_for_use(self, UC_USE_NONE);
}

static void
test_recording_already(Fixture *self, gconstpointer user_data)
{
	g_autoptr(UcSourceAlsa) source = NULL;

	set_status(self, "card1/pcm3c/sub1", "state: PREPARED\n");
	source = uc_source_alsa_new(self->snd, self->asound, 20, self->room);
	g_assert_cmpint(uc_room_get_use(self->room), ==, UC_USE_CALL);
}

static void
test_no_devices(Fixture *self, gconstpointer user_data)
{
	g_autoptr(UcSourceAlsa) source = NULL;

	g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "*alsa needs /nonexistent: *");
	source = uc_source_alsa_new("/nonexistent", self->asound, 20, self->room);
	g_test_assert_expected_messages();
	g_assert_cmpint(uc_room_get_use(self->room), ==, UC_USE_UNKNOWN);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add("/source-alsa/record", Fixture, NULL, set_up, test_record, tear_down);
	g_test_add("/source-alsa/recording-already",
		   Fixture,
		   NULL,
		   set_up,
		   test_recording_already,
		   tear_down);
	g_test_add("/source-alsa/no-devices", Fixture, NULL, set_up, test_no_devices, tear_down);
	return g_test_run();
}
