/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * `CET-1CEST,M3.5.0,M10.5.0/3`: POSIX.1, 8.3, with RFC 8536's hours from -167 to 167. GLib 2.74
 * stops at the year 2037, so that it cannot be asked.
 */

#include "uc-civil.h"
#include "uc-zone-rule.h"

#define UC_ZONE_RULE_HOURS_MAX 167

static gboolean
uc_zone_rule_take_number(const gchar **text, gint min, gint max, gint *value_out)
{
	gint value = 0;
	guint digits = 0;

	for (; g_ascii_isdigit(**text) && digits < 4; (*text)++, digits++)
		value = value * 10 + **text - '0';
	*value_out = value;
	return digits > 0 && value >= min && value <= max;
}

static gboolean
uc_zone_rule_take_name(const gchar **text)
{
	guint length = 0;

	if (**text == '<') {
		for ((*text)++; g_ascii_isalnum(**text) || **text == '+' || **text == '-';
		     (*text)++)
			length++;
		return length > 0 && *(*text)++ == '>';
	}
	for (; g_ascii_isalpha(**text); (*text)++)
		length++;
	return length >= 3;
}

/* [+-]hh[:mm[:ss]] */
static gboolean
uc_zone_rule_take_time(const gchar **text, gint64 *secs_out)
{
	gint64 sign = **text == '-' ? -1 : 1;
	gint64 secs = 0;
	gint64 unit_secs = 3600;
	gint number = 0;

	if (**text == '-' || **text == '+')
		(*text)++;
	if (!uc_zone_rule_take_number(text, 0, UC_ZONE_RULE_HOURS_MAX, &number))
		return FALSE;
	secs = number * unit_secs;
	while (**text == ':' && unit_secs > 1) {
		(*text)++;
		unit_secs /= 60;
		if (!uc_zone_rule_take_number(text, 0, 59, &number))
			return FALSE;
		secs += number * unit_secs;
	}
	*secs_out = sign * secs;
	return TRUE;
}

static gboolean
uc_zone_rule_take_month_day(UcZoneDay *day, const gchar **text)
{
	return uc_zone_rule_take_number(text, 1, 12, &day->month) && *(*text)++ == '.' &&
	       uc_zone_rule_take_number(text, 1, 5, &day->week) && *(*text)++ == '.' &&
	       uc_zone_rule_take_number(text, 0, 6, &day->day);
}

static gboolean
uc_zone_rule_take_day(UcZoneDay *day, const gchar **text)
{
	gboolean taken = FALSE;

	if (*(*text)++ != ',')
		return FALSE;
	day->kind = **text == 'M' || **text == 'J' ? *(*text)++ : '0';
	if (day->kind == 'M')
		taken = uc_zone_rule_take_month_day(day, text);
	else
		taken = uc_zone_rule_take_number(text, day->kind == 'J' ? 1 : 0, 365, &day->day);
	day->wall_secs = 2 * 3600;
	if (!taken || **text != '/')
		return taken;
	(*text)++;
	return uc_zone_rule_take_time(text, &day->wall_secs);
}

/**
 * uc_zone_rule_parse:
 * @text: nul-terminated
 *
 * Returns: whether it is such a rule and nothing else; @self is undefined when not
 */
gboolean
uc_zone_rule_parse(UcZoneRule *self, const gchar *text)
{
	gint64 west_secs = 0;

	if (!uc_zone_rule_take_name(&text) || !uc_zone_rule_take_time(&text, &west_secs))
		return FALSE;
	self->standard_secs = -west_secs;
	self->has_saving = *text != '\0';
	if (!self->has_saving)
		return TRUE;
	if (!uc_zone_rule_take_name(&text))
		return FALSE;
	self->saving_secs = self->standard_secs + 3600;
	if (*text != ',') {
		if (!uc_zone_rule_take_time(&text, &west_secs))
			return FALSE;
		self->saving_secs = -west_secs;
	}
	return uc_zone_rule_take_day(&self->start, &text) &&
	       uc_zone_rule_take_day(&self->end, &text) && *text == '\0';
}

static gint64
uc_zone_rule_get_month_day(const UcZoneDay *day, gint64 year)
{
	gint64 first = uc_civil_to_day(year, day->month, 1);
	gint first_weekday = (uc_civil_get_weekday(first) + 1) % 7; /* 0 is Sunday here */
	gint offset = (day->day - first_weekday + 7) % 7 + (day->week - 1) * 7;

	if (offset >= uc_civil_get_month_days(year, day->month))
		offset -= 7;
	return first + offset;
}

/* in wall seconds of what was valid before the change */
static gint64
uc_zone_rule_get_change(const UcZoneDay *day, gint64 year)
{
	gint64 number = 0;

	if (day->kind == 'M') {
		number = uc_zone_rule_get_month_day(day, year);
	} else {
		number = uc_civil_to_day(year, 1, 1) + day->day - (day->kind == 'J' ? 1 : 0);
		if (day->kind == 'J' && day->day > 59 && uc_civil_get_month_days(year, 2) == 29)
			number++;
	}
	return number * UC_CIVIL_DAY_SECS + day->wall_secs;
}

static gboolean
uc_zone_rule_is_saving(gint64 secs, gint64 start_secs, gint64 end_secs)
{
	if (start_secs < end_secs)
		return secs >= start_secs && secs < end_secs;
	return secs >= start_secs || secs < end_secs;
}

/**
 * uc_zone_rule_get_offset:
 * @unix_secs: an instant
 *
 * Returns: seconds east of UTC
 */
gint64
uc_zone_rule_get_offset(const UcZoneRule *self, gint64 unix_secs)
{
	gint64 year = 0;
	gint64 start_secs = 0;
	gint64 end_secs = 0;

	if (!self->has_saving)
		return self->standard_secs;
	year = uc_civil_get_year(uc_civil_day(unix_secs + self->standard_secs));
	start_secs = uc_zone_rule_get_change(&self->start, year) - self->standard_secs;
	end_secs = uc_zone_rule_get_change(&self->end, year) - self->saving_secs;
	return uc_zone_rule_is_saving(unix_secs, start_secs, end_secs) ? self->saving_secs
								       : self->standard_secs;
}

/**
 * uc_zone_rule_get_wall_offset:
 * @wall_secs: a wall time
 *
 * Returns: seconds east of UTC, with fold=0 (PEP 495): the offset from before a change holds in
 * the wall times that the change skips or repeats
 */
gint64
uc_zone_rule_get_wall_offset(const UcZoneRule *self, gint64 wall_secs)
{
	gint64 larger_secs = MAX(self->standard_secs, self->saving_secs);
	gint64 year = 0;
	gint64 start_secs = 0;
	gint64 end_secs = 0;

	if (!self->has_saving)
		return self->standard_secs;
	year = uc_civil_get_year(uc_civil_day(wall_secs));
	start_secs =
	    uc_zone_rule_get_change(&self->start, year) - self->standard_secs + larger_secs;
	end_secs = uc_zone_rule_get_change(&self->end, year) - self->saving_secs + larger_secs;
	return uc_zone_rule_is_saving(wall_secs, start_secs, end_secs) ? self->saving_secs
								       : self->standard_secs;
}
