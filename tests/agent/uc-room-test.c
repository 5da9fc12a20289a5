/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <unistd.h>

#include "uc-error.h"
#include "uc-limits.h"
#include "uc-room.h"

static gint64 boot_secs;

static gint64
get_boot_secs(gpointer user_data)
{
	return boot_secs;
}

static const UcClock test_clock = {get_boot_secs, get_boot_secs, NULL};

static void
count_cb(UcRoom *room, gpointer user_data)
{
	(*(guint *)user_data)++;
}

static void
test_refused(void)
{
	g_autofree gchar *long_who = g_strnfill(UC_LIMIT_WHO_BYTES + 1, 'x');
	g_autofree gchar *long_why = g_strnfill(UC_LIMIT_WHY_BYTES + 1, 'x');
	const struct {
		const gchar *what;
		const gchar *who;
		const gchar *why;
	} rows[] = {
	    {"", "app", ""},
	    {"sleep", "app", ""},
	    {"call", "", ""},
	    {"call", long_who, ""},
	    {"call", "app", long_why},
	};
	g_autoptr(UcRoom) room = uc_room_new(&test_clock);

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_cmpint(
		    uc_room_inhibit(room, rows[i].what, rows[i].who, rows[i].why, &error),
		    ==,
		    -1);
		g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
	}
	g_assert_cmpint(uc_room_get_use(room), ==, UC_USE_NONE);
}

static void
test_limit(void)
{
	g_autoptr(UcRoom) room = uc_room_new(&test_clock);
	g_autoptr(GError) error = NULL;
	gint fds[UC_LIMIT_INHIBITORS];

	for (guint i = 0; i < UC_LIMIT_INHIBITORS; i++) {
		fds[i] = uc_room_inhibit(room, "call", "app", "", NULL);
		g_assert_cmpint(fds[i], >=, 0);
	}
	g_assert_cmpint(uc_room_inhibit(room, "call", "app", "", &error), ==, -1);
	g_assert_error(error, UC_ERROR, UC_ERROR_LIMIT);
	for (guint i = 0; i < UC_LIMIT_INHIBITORS; i++)
		g_assert_cmpint(close(fds[i]), ==, 0);
	while (uc_room_get_use(room) != UC_USE_NONE)
		g_main_context_iteration(NULL, TRUE);
}

/* a copy that a child has keeps the room in use; the end of the last one is activity */
static void
test_call(void)
{
	g_autoptr(UcRoom) room = NULL;
	g_autofree gchar *reason = NULL;
	guint changed = 0;
	gint fd = -1;
	gint copy = -1;

	boot_secs = 100;
	room = uc_room_new(&test_clock);
	g_signal_connect(room, "changed", G_CALLBACK(count_cb), &changed);
	boot_secs = 150;
	g_assert_cmpint(uc_room_get_idle_secs(room), ==, 50);
	fd = uc_room_inhibit(room, "call", "phone", "with Berlin", NULL);
	copy = dup(fd);
	g_assert_cmpint(changed, ==, 1);
	g_assert_cmpint(uc_room_get_use(room), ==, UC_USE_CALL);
	g_assert_cmpint(uc_room_get_idle_secs(room), ==, 0);
	reason = uc_room_get_reason(room);
	g_assert_cmpstr(reason, ==, "call (phone): with Berlin");
	g_assert_cmpint(close(fd), ==, 0);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_assert_cmpint(uc_room_get_use(room), ==, UC_USE_CALL);
	boot_secs = 200;
	g_assert_cmpint(close(copy), ==, 0);
	while (uc_room_get_use(room) != UC_USE_NONE)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpint(changed, ==, 2);
	g_assert_cmpint(uc_room_get_idle_secs(room), ==, 0);
	boot_secs = 201;
	g_assert_cmpint(uc_room_get_idle_secs(room), ==, 1);
}

static void
test_source(void)
{
	g_autoptr(UcRoom) room = uc_room_new(&test_clock);
	g_autofree gchar *reason = NULL;

	uc_room_set_source(room, "org.example.Phone", FALSE);
	g_assert_cmpint(uc_room_get_use(room), ==, UC_USE_UNKNOWN);
	reason = uc_room_get_reason(room);
	g_assert_nonnull(strstr(reason, "org.example.Phone"));
	uc_room_set_source(room, "org.example.Phone", TRUE);
	g_assert_cmpint(uc_room_get_use(room), ==, UC_USE_NONE);
}

static void
test_activity(void)
{
	g_autoptr(UcRoom) room = NULL;
	guint activity = 0;

	boot_secs = 10;
	room = uc_room_new(&test_clock);
	g_signal_connect(room, "activity", G_CALLBACK(count_cb), &activity);
	boot_secs = 500;
	uc_room_add_activity(room);
	g_assert_cmpint(activity, ==, 1);
	g_assert_cmpint(uc_room_get_idle_secs(room), ==, 0);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/room/refused", test_refused);
	g_test_add_func("/room/limit", test_limit);
	g_test_add_func("/room/call", test_call);
	g_test_add_func("/room/source", test_source);
	g_test_add_func("/room/activity", test_activity);
	return g_test_run();
}
