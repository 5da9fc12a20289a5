/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Daily windows. Wall times are converted as PEP 495 says for fold=0: what lies in a missing hour
 * counts with the offset from before the change, what lies in a doubled hour is the first pass. So
 * a window inside a missing hour still happens, and one inside a doubled hour happens once. GLib's
 * own conversion from wall time does neither (2.74), so that only its offsets at an instant of UTC
 * are used here.
 */

#include <string.h>

#include "uc-window.h"

#define UC_WINDOW_DAY_SECS   86400
#define UC_WINDOW_DAYS_AHEAD 3 /* a zone can skip one whole day */

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

/**
 * uc_window_to_string:
 *
 * Returns: (transfer full): `HH:MM-HH:MM`
 */
gchar *
uc_window_to_string(const UcWindow *self)
{
	return g_strdup_printf("%02d:%02d-%02d:%02d",
			       self->start_mins / 60,
			       self->start_mins % 60,
			       self->end_mins / 60,
			       self->end_mins % 60);
}

static gint64
uc_window_offset(gint64 unix_secs, GTimeZone *zone)
{
	gint interval = g_time_zone_find_interval(zone, G_TIME_TYPE_UNIVERSAL, unix_secs);

	return g_time_zone_get_offset(zone, interval);
}

/**
 * uc_window_wall_to_unix:
 * @wall_secs: a wall time, counted as if it were seconds of UTC since the Unix epoch
 * @zone: the zone of the wall
 *
 * PEP 495, fold=0. An instant fits when the offset at that instant leads back to the wall time;
 * two offsets come into question, the one before and the one after a change near by.
 *
 * Returns: the instant, in seconds since the Unix epoch
 */
gint64
uc_window_wall_to_unix(gint64 wall_secs, GTimeZone *zone)
{
	gint64 offset_one = uc_window_offset(wall_secs, zone);
	gint64 one_secs = wall_secs - offset_one;
	gint64 offset_two = uc_window_offset(one_secs, zone);
	gboolean one_fits = offset_two == offset_one;
	gint64 two_secs = 0;

	if (one_fits) {
		/* it may be the second pass of a doubled hour */
		offset_two = uc_window_offset(one_secs - UC_WINDOW_DAY_SECS, zone);
		if (offset_two == offset_one)
			return one_secs;
	}
	two_secs = wall_secs - offset_two;
	if (uc_window_offset(two_secs, zone) == offset_two)
		return two_secs;
	return one_fits ? one_secs : MAX(one_secs, two_secs);
}

static gint64
uc_window_first_day(gint64 unix_secs, GTimeZone *zone)
{
	gint64 wall_secs = unix_secs + uc_window_offset(unix_secs, zone);
	gint64 day_secs = wall_secs - wall_secs % UC_WINDOW_DAY_SECS;

	if (wall_secs < day_secs)
		day_secs -= UC_WINDOW_DAY_SECS;
	return day_secs - UC_WINDOW_DAY_SECS; /* yesterday's may last until today */
}

static void
uc_window_at_day(const UcWindow *self,
		 gint64 day_secs,
		 GTimeZone *zone,
		 gint64 *start_out,
		 gint64 *end_out)
{
	gint64 start_secs = day_secs + self->start_mins * 60;
	gint64 end_secs = day_secs + self->end_mins * 60;

	if (self->end_mins <= self->start_mins)
		end_secs += UC_WINDOW_DAY_SECS;
	*start_out = uc_window_wall_to_unix(start_secs, zone);
	*end_out = uc_window_wall_to_unix(end_secs, zone);
}

/**
 * uc_window_contains:
 * @windows: (array length=n_windows): windows, which may overlap
 * @now_secs: an instant, seconds since the Unix epoch
 * @zone: the endpoint's zone
 * @until_out: (out) (optional): when the latest of the windows that hold @now_secs ends; unchanged
 *   when none does
 *
 * Returns: whether the instant is inside one of the windows; the end no longer is
 */
gboolean
uc_window_contains(const UcWindow *windows,
		   guint n_windows,
		   gint64 now_secs,
		   GTimeZone *zone,
		   gint64 *until_out)
{
	gint64 first_secs = uc_window_first_day(now_secs, zone);
	gboolean inside = FALSE;

	for (gint day = 0; day <= UC_WINDOW_DAYS_AHEAD; day++) {
		for (guint i = 0; i < n_windows; i++) {
			gint64 start_secs = 0;
			gint64 end_secs = 0;

			uc_window_at_day(&windows[i],
					 first_secs + day * UC_WINDOW_DAY_SECS,
					 zone,
					 &start_secs,
					 &end_secs);
			if (now_secs < start_secs || now_secs >= end_secs)
				continue;
			if (until_out != NULL && (!inside || end_secs > *until_out))
				*until_out = end_secs;
			inside = TRUE;
		}
	}
	return inside;
}

/**
 * uc_window_next_open:
 * @windows: (array length=n_windows): windows, which may overlap
 * @from_secs: an instant, seconds since the Unix epoch
 * @zone: the endpoint's zone
 *
 * Returns: the first instant from @from_secs on, itself included, that is inside a window; -1 when
 * there is none
 */
gint64
uc_window_next_open(const UcWindow *windows, guint n_windows, gint64 from_secs, GTimeZone *zone)
{
	gint64 first_secs = uc_window_first_day(from_secs, zone);
	gint64 next_secs = -1;

	for (gint day = 0; day <= UC_WINDOW_DAYS_AHEAD; day++) {
		for (guint i = 0; i < n_windows; i++) {
			gint64 start_secs = 0;
			gint64 end_secs = 0;

			uc_window_at_day(&windows[i],
					 first_secs + day * UC_WINDOW_DAY_SECS,
					 zone,
					 &start_secs,
					 &end_secs);
			start_secs = MAX(start_secs, from_secs);
			if (start_secs < end_secs && (next_secs < 0 || start_secs < next_secs))
				next_secs = start_secs;
		}
	}
	return next_secs;
}
