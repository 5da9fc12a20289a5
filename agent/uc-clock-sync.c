/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Whether the clock is synchronised. The kernel knows, whoever sets the clock, but tells nobody
 * when that becomes so; systemd-timedated only repeats it, without a signal either. The file that
 * systemd-timesyncd makes at that moment is the event, and a clock that jumps is another
 * (uc-timer.c).
 */

#include <gio/gio.h>
#include <sys/timex.h>

#include "uc-clock-sync.h"
#include "uc-paths.h"

struct _UcClockSync {
	UcClockSyncFunc func;
	gpointer user_data;
	GFileMonitor *monitor; /* (nullable): as long as there is something to wait for */
};

/**
 * uc_clock_sync_is_synchronised:
 *
 * The unit's system call filter allows adjtimex(2) for that; where another sandbox does not, the
 * file has to do. In a lab, which has `UCUPDATES_TEST_CLOCK`, only the file counts.
 *
 * Returns: whether somebody has synchronised the clock
 */
gboolean
uc_clock_sync_is_synchronised(void)
{
	g_autofree gchar *mark = uc_path_timesync();
	struct timex state = {0};

	if (g_getenv("UCUPDATES_TEST_CLOCK") == NULL && adjtimex(&state) >= 0)
		return (state.status & STA_UNSYNC) == 0;
	return g_file_test(mark, G_FILE_TEST_EXISTS);
}

static void
uc_clock_sync_stop(UcClockSync *self)
{
	if (self->monitor != NULL)
		g_signal_handlers_disconnect_by_data(self->monitor, self);
	g_clear_object(&self->monitor);
}

static void
uc_clock_sync_changed_cb(UcClockSync *self)
{
	if (self->monitor == NULL || !uc_clock_sync_is_synchronised())
		return;
	uc_clock_sync_stop(self);
	self->func(self->user_data);
}

/* GLib looks every few seconds for a directory that is not there */
static gboolean
uc_clock_sync_has_timesync(GFile *mark)
{
	g_autoptr(GFile) directory = g_file_get_parent(mark);

	return g_file_query_exists(directory, NULL);
}

/**
 * uc_clock_sync_new:
 * @func: called when the clock has been synchronised, once
 *
 * Watches as long as it is not synchronised, and only where systemd-timesyncd(8) runs.
 *
 * Returns: (transfer full): the watch
 */
UcClockSync *
uc_clock_sync_new(UcClockSyncFunc func, gpointer user_data)
{
	UcClockSync *self = g_new0(UcClockSync, 1);
	g_autofree gchar *path = uc_path_timesync();
	g_autoptr(GFile) mark = g_file_new_for_path(path);
	g_autoptr(GError) error = NULL;

	self->func = func;
	self->user_data = user_data;
	if (!uc_clock_sync_has_timesync(mark) || uc_clock_sync_is_synchronised())
		return self;
	self->monitor = g_file_monitor_file(mark, G_FILE_MONITOR_WATCH_MOVES, NULL, &error);
	if (self->monitor == NULL) {
		g_warning("a clock that is synchronised is only seen at the next look: %s",
			  error->message);
		return self;
	}
	g_signal_connect_swapped(self->monitor,
				 "changed",
				 G_CALLBACK(uc_clock_sync_changed_cb),
				 self);
	/* it may have become so just before the watch */
	if (uc_clock_sync_is_synchronised())
		uc_clock_sync_stop(self);
	return self;
}

void
uc_clock_sync_free(UcClockSync *self)
{
	uc_clock_sync_stop(self);
	g_free(self);
}
