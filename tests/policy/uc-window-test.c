/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-window.h"
#include "uc-zone-load.h"

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
		g_autoptr(UcZone) zone = uc_zone_load(rows[i].zone, NULL);
		UcSpan span = {0};

		g_test_message("row %u: %s", i, rows[i].now);
		g_assert_nonnull(zone);
		g_assert_true(uc_window_find(&rows[i].window, 1, at(rows[i].now), zone, &span));
		g_assert_cmpint(span.end_secs, >, at(rows[i].now));
		g_assert_cmpint(span.start_secs <= at(rows[i].now), ==, rows[i].inside);
	}
}

static void
check_span(const UcWindow *windows,
	   guint n_windows,
	   const gchar *from,
	   const gchar *start,
	   const gchar *end)
{
	g_autoptr(UcZone) zone = uc_zone_load("UTC", NULL);
	UcSpan span = {0};

	g_assert_true(uc_window_find(windows, n_windows, at(from), zone, &span));
	g_assert_cmpint(span.start_secs, ==, at(start));
	g_assert_cmpint(span.end_secs, ==, at(end));
}

/* windows that touch or overlap are one span */
static void
test_find(void)
{
	const UcWindow overlap[] = {{1200, 360}, {300, 420}};
	const UcWindow touch[] = {{1200, 1440}, {0, 360}, {720, 780}};
	const UcWindow days[] = {{1200, 360, 1u << 4}}; /* Fridays */
	g_autoptr(UcZone) zone = uc_zone_load("UTC", NULL);
	UcSpan span = {0};

	g_assert_false(uc_window_find(NULL, 0, 1000, zone, &span));
	check_span(overlap,
		   2,
		   "2026-03-01T05:30:00Z",
		   "2026-02-28T20:00:00Z",
		   "2026-03-01T07:00:00Z");
	check_span(overlap,
		   2,
		   "2026-03-01T07:00:00Z",
		   "2026-03-01T20:00:00Z",
		   "2026-03-02T07:00:00Z");
	check_span(touch,
		   3,
		   "2026-03-01T06:00:00Z",
		   "2026-03-01T12:00:00Z",
		   "2026-03-01T13:00:00Z");
	check_span(touch,
		   3,
		   "2026-03-01T13:00:00Z",
		   "2026-03-01T20:00:00Z",
		   "2026-03-02T06:00:00Z");
	/* 2026-03-06 is a Friday */
	check_span(days, 1, "2026-03-01T00:00:00Z", "2026-03-06T20:00:00Z", "2026-03-07T06:00:00Z");
	check_span(days, 1, "2026-03-07T05:59:59Z", "2026-03-06T20:00:00Z", "2026-03-07T06:00:00Z");
	check_span(days, 1, "2026-03-07T06:00:00Z", "2026-03-13T20:00:00Z", "2026-03-14T06:00:00Z");
}

/* the rule at the end of the file, where the table has ended */
static void
test_zone_refused(void)
{
	static const gchar *const rules[] = {"",
					     "U0",
					     "Nowhere/City",
					     "UTC0x",
					     "<UTC0",
					     "CET-1CEST,M3.5.0",
					     "CET-1CEST,M13.5.0,M10.5.0",
					     "CET-1CEST,M3.6.0,M10.5.0",
					     "CET-1CEST,M3.5.7,M10.5.0",
					     "CET-168",
					     "CET-1CEST,J0,J366",
					     "../../etc/passwd",
					     "/etc/localtime"};

	for (guint i = 0; i < G_N_ELEMENTS(rules); i++) {
		g_autoptr(GError) error = NULL;

		g_test_message("%s", rules[i]);
		g_assert_null(uc_zone_load(rules[i], &error));
		g_assert_nonnull(error);
	}
}

static void
test_zone_rule(void)
{
	g_autoptr(UcZone) file = uc_zone_load("Europe/Berlin", NULL);
	g_autoptr(UcZone) rule = uc_zone_load("CET-1CEST,M3.5.0,M10.5.0/3", NULL);

	for (gint64 secs = at("2026-01-01T00:00:00Z"); secs < at("2028-01-01T00:00:00Z");
	     secs += 1800)
		g_assert_cmpint(uc_zone_get_offset(file, secs), ==, uc_zone_get_offset(rule, secs));
}

static void
test_parse_list(void)
{
	static const gchar *const good[] = {"22:00-05:00", "sat,sun 08:00-20:00", NULL};
	static const gchar *const bad[] = {"",
					   "22:00",
					   "24:00-05:00",
					   "22:00-05:00-06:00",
					   "day 08:00-20:00",
					   "sat  08:00-20:00",
					   " 08:00-20:00"};
	g_autoptr(GArray) windows = uc_window_parse_list(good);
	g_autofree gchar *first = NULL;
	g_autofree gchar *second = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		const gchar *const texts[] = {bad[i], NULL};

		g_assert_null(uc_window_parse_list(texts));
	}
	g_assert_cmpint(windows->len, ==, 2);
	first = uc_window_to_string(&g_array_index(windows, UcWindow, 0));
	second = uc_window_to_string(&g_array_index(windows, UcWindow, 1));
	g_assert_cmpstr(first, ==, "22:00-05:00");
	g_assert_cmpstr(second, ==, "sat sun 08:00-20:00");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/window/parse-time", test_parse_time);
	g_test_add_func("/window/contains", test_contains);
	g_test_add_func("/window/find", test_find);
	g_test_add_func("/zone/refused", test_zone_refused);
	g_test_add_func("/zone/rule", test_zone_rule);
	g_test_add_func("/window/parse-list", test_parse_list);
	return g_test_run();
}
