/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads "ZONE WALL-SECS" lines and writes what uc_window_wall_to_unix() makes of them, for
 * test_window_zones.py to compare. */

#include <stdio.h>

#include "uc-window.h"

int
main(void)
{
	g_autoptr(GTimeZone) zone = NULL;
	g_autofree gchar *current = NULL;
	gchar name[65] = {'\0'};
	gint64 wall_secs = 0;

	while (scanf("%64s %" G_GINT64_FORMAT, name, &wall_secs) == 2) {
		if (g_strcmp0(name, current) != 0) {
			g_clear_pointer(&zone, g_time_zone_unref);
			zone = g_time_zone_new_identifier(name);
			g_free(current);
			current = g_strdup(name);
		}
		if (zone == NULL)
			return 1;
		printf("%" G_GINT64_FORMAT "\n", uc_window_wall_to_unix(wall_secs, zone));
	}
	return 0;
}
