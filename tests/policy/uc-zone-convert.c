/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* uc-zone-convert START-MINS END-MINS FROM-SECS TO-SECS: reads names of zones, and writes for each
 * "COUNT NANOSECONDS" and all spans of that daily window as pairs of 64-bit numbers of this
 * machine, for test_window_zones.py to compare. */

#include <stdio.h>

#include "uc-window.h"
#include "uc-zone-load.h"

static gint64
number(const gchar *text)
{
	return g_ascii_strtoll(text, NULL, 10);
}

static gboolean
convert(const gchar *name, const UcWindow *window, gint64 from_secs, gint64 to_secs)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(UcZone) zone = uc_zone_load(name, &error);
	g_autoptr(GArray) spans = g_array_new(FALSE, FALSE, sizeof(UcSpan));
	gint64 begin_usec = g_get_monotonic_time();
	UcSpan span = {0};

	if (zone == NULL) {
		fprintf(stderr, "%s: %s\n", name, error->message);
		return FALSE;
	}
	while (uc_window_find(window, 1, from_secs, zone, &span) && span.start_secs < to_secs) {
		g_array_append_val(spans, span);
		from_secs = span.end_secs;
	}
	printf("%u %" G_GINT64_FORMAT "\n",
	       spans->len,
	       (g_get_monotonic_time() - begin_usec) * 1000 / MAX(spans->len, 1));
	return fwrite(spans->data, sizeof(UcSpan), spans->len, stdout) == spans->len &&
	       fflush(stdout) == 0;
}

int
main(int argc, char **argv)
{
	gchar name[65] = {'\0'};
	UcWindow window = {0};

	if (argc != 5)
		return 2;
	window.start_mins = (gint)number(argv[1]);
	window.end_mins = (gint)number(argv[2]);
	while (scanf("%64s", name) == 1) {
		if (!convert(name, &window, number(argv[3]), number(argv[4])))
			return 1;
	}
	return 0;
}
