/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#define UC_WINDOW_MINS_DAY 1440

/**
 * UcWindow:
 * @start_mins: minutes after local midnight, 0 to 1439
 * @end_mins: minutes after local midnight, 0 to 1440; not after @start_mins it is on the next day
 *
 * A daily window in the endpoint's own wall time, half-open.
 */
typedef struct {
	gint start_mins;
	gint end_mins;
} UcWindow;

gboolean
uc_window_parse_time(const gchar *text, gint *mins_out) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_window_to_string(const UcWindow *self) G_GNUC_WARN_UNUSED_RESULT;
gint64
uc_window_wall_to_unix(gint64 wall_secs, GTimeZone *zone) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_window_contains(const UcWindow *windows,
		   guint n_windows,
		   gint64 now_secs,
		   GTimeZone *zone,
		   gint64 *until_out) G_GNUC_WARN_UNUSED_RESULT;
gint64
uc_window_next_open(const UcWindow *windows, guint n_windows, gint64 from_secs, GTimeZone *zone)
    G_GNUC_WARN_UNUSED_RESULT;
