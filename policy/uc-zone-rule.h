/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * UcZoneDay:
 * @kind: `M` (month, week, weekday), `J` (day of the year, 29 February never counted, 1 to 365) or
 *   `0` (day of the year, 0 to 365)
 * @wall_secs: after the local midnight of that day, -604799 to 604799
 *
 * When a rule changes the offset, each year.
 */
typedef struct {
	gchar kind;
	gint month;
	gint week;
	gint day;
	gint64 wall_secs;
} UcZoneDay;

/**
 * UcZoneRule:
 * @standard_secs: east of UTC
 * @saving_secs: east of UTC, while daylight saving lasts
 * @has_saving: whether the offset changes at all
 *
 * The `TZ` rule of POSIX, as the end of a TZif file has it for all years to come (RFC 8536, 3.3).
 */
typedef struct {
	gint64 standard_secs;
	gint64 saving_secs;
	gboolean has_saving;
	UcZoneDay start;
	UcZoneDay end;
} UcZoneRule;

gboolean
uc_zone_rule_parse(UcZoneRule *self, const gchar *text) G_GNUC_WARN_UNUSED_RESULT;
gint64
uc_zone_rule_get_offset(const UcZoneRule *self, gint64 unix_secs) G_GNUC_WARN_UNUSED_RESULT;
gint64
uc_zone_rule_get_wall_offset(const UcZoneRule *self, gint64 wall_secs) G_GNUC_WARN_UNUSED_RESULT;
