/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#define UC_CIVIL_DAY_SECS 86400

gint64
uc_civil_day(gint64 secs) G_GNUC_CONST;
gint64
uc_civil_to_day(gint64 year, gint month, gint day) G_GNUC_CONST;
gint64
uc_civil_get_year(gint64 day) G_GNUC_CONST;
gint
uc_civil_get_weekday(gint64 day) G_GNUC_CONST;
gint
uc_civil_get_month_days(gint64 year, gint month) G_GNUC_CONST;
gboolean
uc_civil_parse(const gchar *text, gint64 *day_out) G_GNUC_WARN_UNUSED_RESULT;
