/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-window.h"

static void
test_parse_time(void)
{
	static const struct {
		const gchar *text;
		gint mins; /* -1: not a time */
	} rows[] = {
	    {"", -1},
	    {"24:01", -1},
	    {"25:00", -1},
	    {"12:60", -1},
	    {"1:00", -1},
	    {"012:00", -1},
	    {"12.00", -1},
	    {"-1:00", -1},
	    {"12:0a", -1},
	    {"99:99", -1},
	    {"00:00", 0},
	    {"00:01", 1},
	    {"23:59", 1439},
	    {"24:00", 1440},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		gint mins = -1;

		g_assert_cmpint(uc_window_parse_time(rows[i].text, &mins), ==, rows[i].mins >= 0);
		g_assert_cmpint(mins, ==, rows[i].mins);
	}
}

static gint64
at(const gchar *text)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, NULL);

	g_assert_nonnull(time);
	return g_date_time_to_unix(time);
}

/* the second before, the first, the last and the one after */
static void
test_contains(void)
{
	static const struct {
		UcWindow window;
		const gchar *zone;
		const gchar *now;
		gboolean inside;
	} rows[] = {
	    {{1200, 360}, "UTC", "2026-03-01T19:59:59Z", FALSE},
	    {{1200, 360}, "UTC", "2026-03-01T20:00:00Z", TRUE},
	    {{1200, 360}, "UTC", "2026-03-01T23:59:59Z", TRUE},
	    {{1200, 360}, "UTC", "2026-03-02T00:00:00Z", TRUE},
	    {{1200, 360}, "UTC", "2026-03-02T05:59:59Z", TRUE},
	    {{1200, 360}, "UTC", "2026-03-02T06:00:00Z", FALSE},
	    {{0, 1440}, "UTC", "2026-03-02T00:00:00Z", TRUE},
	    {{0, 1440}, "UTC", "2026-03-02T23:59:59Z", TRUE},
	    {{600, 600}, "UTC", "2026-03-02T09:59:59Z", TRUE}, /* end <= start: a whole day */
	    {{60, 120}, "Europe/Berlin", "2026-01-10T00:00:00Z", TRUE},
	    {{60, 120}, "Europe/Berlin", "2026-01-10T01:00:00Z", FALSE},
	    /* the hour from 02:00 is missing: it counts with the offset before, 03:10 to 03:50 */
	    {{130, 170}, "Europe/Berlin", "2026-03-29T01:09:59Z", FALSE},
	    {{130, 170}, "Europe/Berlin", "2026-03-29T01:10:00Z", TRUE},
	    {{130, 170}, "Europe/Berlin", "2026-03-29T01:49:59Z", TRUE},
	    {{130, 170}, "Europe/Berlin", "2026-03-29T01:50:00Z", FALSE},
	    /* the hour from 02:00 is doubled: only the first pass */
	    {{130, 170}, "Europe/Berlin", "2026-10-25T00:10:00Z", TRUE},
	    {{130, 170}, "Europe/Berlin", "2026-10-25T00:50:00Z", FALSE},
	    {{130, 170}, "Europe/Berlin", "2026-10-25T01:10:00Z", FALSE},
	    {{130, 170}, "Europe/Berlin", "2026-10-25T01:49:59Z", FALSE},
	    /* half an hour of daylight saving */
	    {{110, 120}, "Australia/Lord_Howe", "2026-04-04T14:50:00Z", TRUE},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(rows[i].zone);

		g_test_message("row %u: %s", i, rows[i].now);
		g_assert_nonnull(zone);
		g_assert_cmpint(uc_window_contains(&rows[i].window, 1, at(rows[i].now), zone, NULL),
				==,
				rows[i].inside);
	}
}

static void
test_until(void)
{
	const UcWindow windows[] = {{1200, 360}, {300, 420}};
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
	gint64 until = 7;

	g_assert_false(uc_window_contains(windows, 2, at("2026-03-01T12:00:00Z"), zone, &until));
	g_assert_cmpint(until, ==, 7);
	g_assert_true(uc_window_contains(windows, 2, at("2026-03-01T05:30:00Z"), zone, &until));
	g_assert_cmpint(until, ==, at("2026-03-01T07:00:00Z"));
}

static void
test_next_open(void)
{
	const UcWindow windows[] = {{1200, 360}, {720, 780}};
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();

	g_assert_cmpint(uc_window_next_open(NULL, 0, 1000, zone), ==, -1);
	g_assert_cmpint(uc_window_next_open(windows, 2, at("2026-03-01T06:00:00Z"), zone),
			==,
			at("2026-03-01T12:00:00Z"));
	g_assert_cmpint(uc_window_next_open(windows, 2, at("2026-03-01T12:59:59Z"), zone),
			==,
			at("2026-03-01T12:59:59Z"));
	g_assert_cmpint(uc_window_next_open(windows, 2, at("2026-03-01T13:00:00Z"), zone),
			==,
			at("2026-03-01T20:00:00Z"));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/window/parse-time", test_parse_time);
	g_test_add_func("/window/contains", test_contains);
	g_test_add_func("/window/until", test_until);
	g_test_add_func("/window/next-open", test_next_open);
	return g_test_run();
}
