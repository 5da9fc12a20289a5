/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-zone.h"

#define UC_WINDOW_MINS_DAY 1440
#define UC_WINDOW_ALL_DAYS 0x7f

/**
 * UcWindow:
 * @start_mins: minutes after local midnight, 0 to 1439
 * @end_mins: minutes after local midnight, 0 to 1440; not after @start_mins it is on the next day
 * @weekdays: bits of the days on which it begins, 1 for Monday to 64 for Sunday; 0 is every day
 *
 * A window in the endpoint's own wall time, half-open.
 */
typedef struct {
	gint start_mins;
	gint end_mins;
	guint weekdays;
} UcWindow;

/**
 * UcSpan:
 * @start_secs: the first instant inside, seconds since the Unix epoch
 * @end_secs: the first instant no longer inside
 */
typedef struct {
	gint64 start_secs;
	gint64 end_secs;
} UcSpan;

gboolean
uc_window_parse_time(const gchar *text, gint *mins_out) G_GNUC_WARN_UNUSED_RESULT;
GArray *
uc_window_parse_list(const gchar *const *texts) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_window_to_string(const UcWindow *self) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_window_find(const UcWindow *windows,
	       guint n_windows,
	       gint64 from_secs,
	       const UcZone *zone,
	       UcSpan *span_out) G_GNUC_WARN_UNUSED_RESULT;
