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
	fd = uc_room_inhibit(room, "call", "phone", "with\nBerlin", NULL);
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

static UcFacts *
collect(UcRoom *room)
{
	UcFacts *facts = uc_facts_new();

	uc_room_fill_facts(room, 300, facts);
	return facts;
}

/* a configured source that is not there makes the use unknown, and a day of that is named */
static void
test_source(void)
{
	g_autoptr(UcRoom) room = NULL;
	g_autoptr(UcFacts) silent = NULL;
	g_autoptr(UcFacts) day = NULL;
	g_autoptr(UcFacts) answered = NULL;

	boot_secs = 1000;
	room = uc_room_new(&test_clock);
	uc_room_add_source(room, "org.example.Phone", UC_ROOM_CALLS);
	boot_secs += 86399;
	silent = collect(room);
	g_assert_cmpint(silent->use, ==, UC_USE_UNKNOWN);
	g_assert_cmpint(silent->busy_secs, ==, 86399);
	g_assert_cmpint(silent->free_secs, ==, -1);
	g_assert_cmpstr(silent->use_reason,
			==,
			"the source of calls org.example.Phone does not answer");
	g_assert_true(silent->call_source);
	g_assert_false(silent->activity_source);
	boot_secs += 1;
	day = collect(room);
	g_assert_cmpstr(
	    day->use_reason,
	    ==,
	    "the source of calls org.example.Phone does not answer, for 24 hours already");
	uc_room_set_answers(room, "org.example.Phone", TRUE);
	answered = collect(room);
	g_assert_cmpint(answered->use, ==, UC_USE_NONE);
	g_assert_cmpint(answered->busy_secs, ==, -1);
	g_assert_cmpint(answered->free_secs, ==, -1);
	g_assert_null(answered->use_reason);
}

/* who is silent for the longest time is named; activity alone counts as well */
static void
test_silent(void)
{
	g_autoptr(UcRoom) room = uc_room_new(&test_clock);
	g_autofree gchar *first = NULL;
	g_autofree gchar *second = NULL;

	uc_room_add_source(room, "org.example.B", UC_ROOM_ACTIVITY);
	boot_secs++;
	uc_room_add_source(room, "org.example.A", UC_ROOM_ACTIVITY | UC_ROOM_CALLS);
	first = uc_room_get_reason(room);
	g_assert_cmpstr(first, ==, "the source of activity org.example.B does not answer");
	uc_room_set_answers(room, "org.example.B", TRUE);
	second = uc_room_get_reason(room);
	g_assert_cmpstr(second, ==, "the source of calls org.example.A does not answer");
	g_assert_cmpint(uc_room_get_use(room), ==, UC_USE_UNKNOWN);
}

/* the second before the end of a call, the end, and the second after it; the longest is named */
static void
test_facts(void)
{
	g_autoptr(UcRoom) room = NULL;
	g_autoptr(UcFacts) none = NULL;
	g_autoptr(UcFacts) busy = NULL;
	g_autoptr(UcFacts) later = NULL;
	g_autoptr(UcFacts) end = NULL;
	g_autoptr(UcFacts) after = NULL;

	boot_secs = 100;
	room = uc_room_new(&test_clock);
	uc_room_add_source(room, "agent", UC_ROOM_CALLS | UC_ROOM_ACTIVITY);
	uc_room_add_source(room, "logind", UC_ROOM_CALLS);
	uc_room_set_answers(room, "agent", TRUE);
	uc_room_set_answers(room, "logind", TRUE);
	none = collect(room);
	g_assert_cmpint(none->free_secs, ==, -1);
	g_assert_cmpint(none->busy_secs, ==, -1);
	g_assert_true(none->call_source && none->activity_source);
	uc_room_set_busy(room, "logind", "film (player)");
	boot_secs += 10;
	uc_room_set_busy(room, "agent", "call");
	busy = collect(room);
	g_assert_cmpint(busy->use, ==, UC_USE_CALL);
	g_assert_cmpint(busy->busy_secs, ==, 10);
	g_assert_cmpint(busy->free_secs, ==, 0);
	g_assert_cmpint(busy->idle_secs, ==, 0);
	g_assert_cmpstr(busy->use_reason, ==, "film (player)");
	boot_secs += 86390;
	uc_room_set_busy(room, "agent", NULL);
	uc_room_set_busy(room, "agent", NULL);
	later = collect(room);
	g_assert_cmpint(later->busy_secs, ==, 86400);
	g_assert_cmpint(later->free_secs, ==, 0);
	g_assert_cmpstr(later->use_reason, ==, "film (player), for 24 hours already");
	uc_room_set_busy(room, "logind", NULL);
	end = collect(room);
	g_assert_cmpint(end->free_secs, ==, 0);
	g_assert_cmpint(end->busy_secs, ==, -1);
	boot_secs++;
	after = collect(room);
	g_assert_cmpint(after->free_secs, ==, 1);
	g_assert_cmpint(after->idle_secs, ==, 1);
}

/* idle enough last: not a second too early, kept once somebody came */
static void
test_last_idle(void)
{
	g_autoptr(UcRoom) room = NULL;
	g_autoptr(UcFacts) early = NULL;
	g_autoptr(UcFacts) idle = NULL;
	g_autoptr(UcFacts) after = NULL;
	g_autoptr(UcFacts) known = uc_facts_new();

	boot_secs = 1000;
	room = uc_room_new(&test_clock);
	boot_secs = 1299;
	early = collect(room);
	g_assert_cmpint(early->last_idle_secs, ==, 0);
	boot_secs = 1300;
	idle = collect(room);
	g_assert_cmpint(idle->last_idle_secs, ==, 1300);
	boot_secs = 2000;
	uc_room_add_activity(room);
	boot_secs = 2299;
	after = collect(room);
	g_assert_cmpint(after->last_idle_secs, ==, 2000);
	known->last_idle_secs = 9999;
	uc_room_fill_facts(room, 300, known);
	g_assert_cmpint(known->last_idle_secs, ==, 9999);
}

/* somebody who is there is no event; the moment of leaving is; a mute source is none */
static void
test_presence(void)
{
	g_autoptr(UcRoom) room = NULL;

	boot_secs = 100;
	room = uc_room_new(&test_clock);
	uc_room_add_source(room, "logind", UC_ROOM_ACTIVITY);
	uc_room_set_answers(room, "logind", TRUE);
	g_assert_true(uc_room_has_source(room, UC_ROOM_ACTIVITY));
	g_assert_false(uc_room_has_source(room, UC_ROOM_CALLS));
	uc_room_set_presence(room, "logind", UC_PRESENCE_MUTE);
	g_assert_false(uc_room_has_source(room, UC_ROOM_ACTIVITY));
	uc_room_set_presence(room, "logind", UC_PRESENCE_PRESENT);
	g_assert_true(uc_room_has_source(room, UC_ROOM_ACTIVITY));
	boot_secs = 500;
	g_assert_cmpint(uc_room_get_idle_secs(room), ==, 0);
	g_assert_cmpint(uc_room_get_use(room), ==, UC_USE_NONE);
	uc_room_set_presence(room, "logind", UC_PRESENCE_ABSENT);
	g_assert_cmpint(uc_room_get_idle_secs(room), ==, 0);
	boot_secs = 501;
	g_assert_cmpint(uc_room_get_idle_secs(room), ==, 1);
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
	g_test_add_func("/room/silent", test_silent);
	g_test_add_func("/room/facts", test_facts);
	g_test_add_func("/room/last-idle", test_last_idle);
	g_test_add_func("/room/presence", test_presence);
	g_test_add_func("/room/activity", test_activity);
	return g_test_run();
}
