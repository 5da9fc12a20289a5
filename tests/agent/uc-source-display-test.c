/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who says that the display is off, how many may, and what it means for the idle time. */

#include <unistd.h>

#include "uc-error.h"
#include "uc-limits.h"
#include "uc-source-display.h"

typedef struct {
	gint64 boot_secs;
	UcClock clock;
	UcRoom *room;
	UcSourceDisplay *source;
} Fixture;

static gint64
get_boot_secs(gpointer user_data)
{
	return ((Fixture *)user_data)->boot_secs;
}

static void
set_up(Fixture *self, gconstpointer user_data)
{
	self->boot_secs = 100;
	self->clock = (UcClock){get_boot_secs, get_boot_secs, self};
	self->room = uc_room_new(&self->clock);
	uc_room_add_source(self->room, "display", UC_ROOM_ACTIVITY);
	self->source = uc_source_display_new(self->room);
}

static void
tear_down(Fixture *self, gconstpointer user_data)
{
	g_clear_pointer(&self->source, uc_source_display_free);
	g_clear_object(&self->room);
}

static gint
say_off(Fixture *self)
{
	g_autoptr(GError) error = NULL;
	gint fd = uc_source_display_off(self->source, "screensaver", &error);

	g_assert_no_error(error);
	g_assert_cmpint(fd, >=, 0);
	return fd;
}

static gboolean
late_cb(gpointer user_data)
{
	g_error("the closed descriptor was not noticed within a minute");
	return G_SOURCE_REMOVE;
}

/* every closed descriptor is noticed by the main loop */
static void
wait_for_idle_secs(Fixture *self, gint64 idle_secs)
{
	guint late = g_timeout_add_seconds(60, late_cb, NULL);

	while (uc_room_get_idle_secs(self->room) != idle_secs)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(late);
}

/* on somebody is there; off nobody is, until the last one says no more that it is off */
static void
test_off_and_on(Fixture *self, gconstpointer user_data)
{
	gint first = -1;
	gint second = -1;

	self->boot_secs = 500;
	g_assert_cmpint(uc_room_get_idle_secs(self->room), ==, 0);
	first = say_off(self);
	second = say_off(self);
	self->boot_secs = 530;
	g_assert_cmpint(uc_room_get_idle_secs(self->room), ==, 30);
	g_assert_cmpint(close(first), ==, 0);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_assert_cmpint(uc_room_get_idle_secs(self->room), ==, 30);
	g_assert_cmpint(close(second), ==, 0);
	wait_for_idle_secs(self, 0);
}

static void
test_refused(Fixture *self, gconstpointer user_data)
{
	g_autofree gchar *long_who = g_strnfill(UC_LIMIT_WHO_BYTES + 1, 'x');
	const gchar *const rows[] = {"", long_who};

	self->boot_secs = 200;
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_cmpint(uc_source_display_off(self->source, rows[i], &error), ==, -1);
		g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
	}
	g_assert_cmpint(uc_room_get_idle_secs(self->room), ==, 0);
}

/* so many at once and no more; who lets go makes room for somebody else */
static void
test_limit(Fixture *self, gconstpointer user_data)
{
	g_autoptr(GError) error = NULL;
	gint fds[UC_LIMIT_INHIBITORS];
	gint fd = -1;

	for (guint i = 0; i < G_N_ELEMENTS(fds); i++)
		fds[i] = say_off(self);
	g_assert_cmpint(uc_source_display_off(self->source, "one more", &error), ==, -1);
	g_assert_error(error, UC_ERROR, UC_ERROR_LIMIT);
	g_assert_cmpstr(error->message, ==, "64 applications say already that the display is off");
	self->boot_secs = 107;
	g_assert_cmpint(uc_room_get_idle_secs(self->room), ==, 7);
	g_assert_cmpint(close(fds[0]), ==, 0);
	for (guint late = g_timeout_add_seconds(60, late_cb, NULL); fd < 0;) {
		g_main_context_iteration(NULL, FALSE);
		fd = uc_source_display_off(self->source, "one more", NULL);
		if (fd >= 0)
			g_source_remove(late);
	}
	g_assert_cmpint(close(fd), ==, 0);
	for (guint i = 1; i < G_N_ELEMENTS(fds); i++)
		g_assert_cmpint(close(fds[i]), ==, 0);
	wait_for_idle_secs(self, 0);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add("/source-display/off-and-on", Fixture, NULL, set_up, test_off_and_on, tear_down);
	g_test_add("/source-display/refused", Fixture, NULL, set_up, test_refused, tear_down);
	g_test_add("/source-display/limit", Fixture, NULL, set_up, test_limit, tear_down);
	return g_test_run();
}
