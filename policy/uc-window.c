/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Windows of the week in the endpoint's own wall time. How a wall time becomes an instant is
 * uc-zone.c's part.
 */

#include <string.h>

#include "uc-civil.h"
#include "uc-window.h"

#define UC_WINDOW_DAYS_AHEAD 9 /* a week, yesterday, and a day that a zone can skip */
#define UC_WINDOW_JOINS_MAX  16

/**
 * uc_window_parse_time:
 * @text: `HH:MM`, `00:00` to `24:00`
 * @mins_out: (out): minutes after midnight, 0 to 1440
 *
 * Returns: whether it is such a time and nothing else
 */
gboolean
uc_window_parse_time(const gchar *text, gint *mins_out)
{
	gint mins = 0;

	if (strlen(text) != 5 || text[2] != ':')
		return FALSE;
	for (guint i = 0; i < 5; i++) {
		if (i != 2 && !g_ascii_isdigit(text[i]))
			return FALSE;
	}
	mins = ((text[0] - '0') * 10 + text[1] - '0') * 60 + (text[3] - '0') * 10 + text[4] - '0';
	if (text[3] > '5' || mins > UC_WINDOW_MINS_DAY)
		return FALSE;
	*mins_out = mins;
	return TRUE;
}

static const gchar *const uc_window_days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

static gboolean
uc_window_parse_days(const gchar *text, guint *weekdays_out)
{
	g_auto(GStrv) names = g_strsplit(text, ",", -1);
	guint weekdays = 0;

	for (guint i = 0; names[i] != NULL; i++) {
		guint day = 0;

		while (day < G_N_ELEMENTS(uc_window_days) &&
		       !g_str_equal(names[i], uc_window_days[day]))
			day++;
		if (day == G_N_ELEMENTS(uc_window_days))
			return FALSE;
		weekdays |= 1u << day;
	}
	*weekdays_out = weekdays;
	return weekdays != 0;
}

static gboolean
uc_window_parse(const gchar *text, UcWindow *window_out)
{
	const gchar *space = strchr(text, ' ');
	g_autofree gchar *days = space != NULL ? g_strndup(text, (gsize)(space - text)) : NULL;
	g_auto(GStrv) ends = g_strsplit(space != NULL ? space + 1 : text, "-", -1);
	UcWindow window = {.weekdays = UC_WINDOW_ALL_DAYS};

	if (g_strv_length(ends) != 2 || !uc_window_parse_time(ends[0], &window.start_mins) ||
	    !uc_window_parse_time(ends[1], &window.end_mins) ||
	    window.start_mins == UC_WINDOW_MINS_DAY ||
	    (days != NULL && !uc_window_parse_days(days, &window.weekdays)))
		return FALSE;
	*window_out = window;
	return TRUE;
}

/**
 * uc_window_parse_list:
 * @texts: each `HH:MM-HH:MM`, or with the days on which it begins `sat,sun HH:MM-HH:MM`
 *
 * Returns: (transfer full) (element-type UcWindow) (nullable): %NULL when one of them is no window
 */
GArray *
uc_window_parse_list(const gchar *const *texts)
{
	g_autoptr(GArray) windows = g_array_new(FALSE, FALSE, sizeof(UcWindow));

	for (guint i = 0; texts[i] != NULL; i++) {
		UcWindow window = {0};

		if (!uc_window_parse(texts[i], &window))
			return NULL;
		g_array_append_val(windows, window);
	}
	return g_steal_pointer(&windows);
}

/**
 * uc_window_to_string:
 *
 * Returns: (transfer full): `HH:MM-HH:MM`, with the days before it when it is not every day
 */
gchar *
uc_window_to_string(const UcWindow *self)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < G_N_ELEMENTS(uc_window_days) && self->weekdays != UC_WINDOW_ALL_DAYS;
	     i++) {
		if ((self->weekdays & 1u << i) != 0)
			g_string_append_printf(text, "%s ", uc_window_days[i]);
	}
	g_string_append_printf(text,
			       "%02d:%02d-%02d:%02d",
			       self->start_mins / 60,
			       self->start_mins % 60,
			       self->end_mins / 60,
			       self->end_mins % 60);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static gboolean
uc_window_is_on(const UcWindow *self, gint64 day)
{
	return self->weekdays == 0 || (self->weekdays & 1u << uc_civil_get_weekday(day)) != 0;
}

static UcSpan
uc_window_at_day(const UcWindow *self, gint64 day, const UcZone *zone)
{
	gint64 start_secs = day * UC_CIVIL_DAY_SECS + self->start_mins * 60;
	gint64 end_secs = day * UC_CIVIL_DAY_SECS + self->end_mins * 60;
	UcSpan span = {0};

	if (self->end_mins <= self->start_mins)
		end_secs += UC_CIVIL_DAY_SECS;
	span.start_secs = uc_zone_wall_to_unix(zone, start_secs);
	span.end_secs = uc_zone_wall_to_unix(zone, end_secs);
	return span;
}

static gint64
uc_window_get_day(gint64 unix_secs, const UcZone *zone)
{
	return uc_civil_day(unix_secs + uc_zone_get_offset(zone, unix_secs));
}

/* the earliest span that ends after @from_secs */
static gboolean
uc_window_find_first(const UcWindow *windows,
		     guint n_windows,
		     gint64 from_secs,
		     const UcZone *zone,
		     UcSpan *span_out)
{
	gint64 today = uc_window_get_day(from_secs, zone);
	gboolean found = FALSE;

	/* yesterday's may last until today, and until tomorrow where a zone skips a day */
	for (gint64 day = today - 2; day <= today + UC_WINDOW_DAYS_AHEAD; day++) {
		/* what begins two days later in wall time begins later */
		if (found && day * UC_CIVIL_DAY_SECS > span_out->start_secs + 2 * UC_CIVIL_DAY_SECS)
			break;
		for (guint i = 0; i < n_windows; i++) {
			UcSpan span = {0};

			if (!uc_window_is_on(&windows[i], day))
				continue;
			span = uc_window_at_day(&windows[i], day, zone);
			if (span.end_secs <= from_secs || span.end_secs <= span.start_secs)
				continue;
			if (!found || span.start_secs < span_out->start_secs)
				*span_out = span;
			found = TRUE;
		}
	}
	return found;
}

/* windows that touch or overlap are one */
static gboolean
uc_window_join(const UcWindow *windows, guint n_windows, const UcZone *zone, UcSpan *span)
{
	gint64 today = uc_window_get_day(span->end_secs, zone);
	gboolean longer = FALSE;

	for (gint64 day = today - 2; day <= today + 1; day++) {
		for (guint i = 0; i < n_windows; i++) {
			UcSpan other = {0};

			if (!uc_window_is_on(&windows[i], day))
				continue;
			other = uc_window_at_day(&windows[i], day, zone);
			if (other.start_secs > span->end_secs || other.end_secs <= span->end_secs)
				continue;
			span->end_secs = other.end_secs;
			longer = TRUE;
		}
	}
	return longer;
}

/**
 * uc_window_find:
 * @windows: (array length=n_windows): windows, which may overlap
 * @from_secs: an instant, seconds since the Unix epoch
 * @zone: the endpoint's zone
 * @span_out: (out): the span that holds @from_secs, else the next one; windows that touch are one
 *   span, of which at most %UC_WINDOW_JOINS_MAX are joined. A window inside a missing hour still
 *   happens, one inside a doubled hour happens once
 *
 * Returns: whether there is one
 */
gboolean
uc_window_find(const UcWindow *windows,
	       guint n_windows,
	       gint64 from_secs,
	       const UcZone *zone,
	       UcSpan *span_out)
{
	if (!uc_window_find_first(windows, n_windows, from_secs, zone, span_out))
		return FALSE;
	for (guint i = 0; i < UC_WINDOW_JOINS_MAX; i++) {
		if (n_windows == 1 && windows[0].end_mins != windows[0].start_mins &&
		    windows[0].end_mins - windows[0].start_mins != UC_WINDOW_MINS_DAY)
			break;
		if (!uc_window_join(windows, n_windows, zone, span_out))
			break;
	}
	return TRUE;
}
