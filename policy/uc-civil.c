/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Days of the Gregorian calendar, counted from 1970-01-01, without GDateTime's allocations. */

#include <string.h>

#include "uc-civil.h"

#define UC_CIVIL_CYCLE_DAYS 146097 /* 400 years */
#define UC_CIVIL_EPOCH_DAYS 719468 /* from 0000-03-01 to 1970-01-01 */

static gint64
uc_civil_divide(gint64 value, gint64 by)
{
	return value / by - (value % by < 0 ? 1 : 0);
}

/**
 * uc_civil_day:
 * @secs: seconds since the epoch, of UTC or of a wall
 *
 * Returns: the day that holds it
 */
gint64
uc_civil_day(gint64 secs)
{
	return uc_civil_divide(secs, UC_CIVIL_DAY_SECS);
}

/* the year begins in March, so that a leap day is its last */
static gint64
uc_civil_get_march_day(gint64 year)
{
	return year * 365 + uc_civil_divide(year, 4) - uc_civil_divide(year, 100) +
	       uc_civil_divide(year, 400) - UC_CIVIL_EPOCH_DAYS;
}

/**
 * uc_civil_to_day:
 * @month: 1 to 12
 * @day: 1 to 31
 */
gint64
uc_civil_to_day(gint64 year, gint month, gint day)
{
	gint64 shifted = month > 2 ? month - 3 : month + 9;

	return uc_civil_get_march_day(month > 2 ? year : year - 1) + (shifted * 153 + 2) / 5 + day -
	       1;
}

/**
 * uc_civil_get_year:
 * @day: days since 1970-01-01
 */
gint64
uc_civil_get_year(gint64 day)
{
	gint64 year = uc_civil_divide((day + UC_CIVIL_EPOCH_DAYS) * 400, UC_CIVIL_CYCLE_DAYS);

	while (uc_civil_to_day(year, 1, 1) > day)
		year--;
	while (uc_civil_to_day(year + 1, 1, 1) <= day)
		year++;
	return year;
}

/**
 * uc_civil_get_weekday:
 * @day: days since 1970-01-01, a Thursday
 *
 * Returns: 0 for Monday to 6 for Sunday
 */
gint
uc_civil_get_weekday(gint64 day)
{
	return (gint)(day + 3 - uc_civil_divide(day + 3, 7) * 7);
}

gint
uc_civil_get_month_days(gint64 year, gint month)
{
	gint64 next = month == 12 ? uc_civil_to_day(year + 1, 1, 1)
				  : uc_civil_to_day(year, month + 1, 1);

	return (gint)(next - uc_civil_to_day(year, month, 1));
}

/**
 * uc_civil_parse:
 * @text: `YYYY-MM-DD`
 * @day_out: (out): days since 1970-01-01
 *
 * Returns: whether it is a date that exists, and nothing else
 */
gboolean
uc_civil_parse(const gchar *text, gint64 *day_out)
{
	gint numbers[3] = {0, 0, 0};
	guint field = 0;

	if (strlen(text) != 10)
		return FALSE;
	for (guint i = 0; i < 10; i++) {
		if (i == 4 || i == 7) {
			if (text[i] != '-')
				return FALSE;
			field++;
			continue;
		}
		if (!g_ascii_isdigit(text[i]))
			return FALSE;
		numbers[field] = numbers[field] * 10 + text[i] - '0';
	}
	if (numbers[1] < 1 || numbers[1] > 12 || numbers[2] < 1 ||
	    numbers[2] > uc_civil_get_month_days(numbers[0], numbers[1]))
		return FALSE;
	*day_out = uc_civil_to_day(numbers[0], numbers[1], numbers[2]);
	return TRUE;
}
