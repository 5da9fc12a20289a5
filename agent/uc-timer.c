/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib-unix.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "uc-timer.h"

#define UC_TIMER_FLAGS (TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)

/* a moment that passes would come again and again: the year 9999, or the end of a time_t of 32 bits
 */
#define UC_TIMER_NEVER (sizeof(time_t) > 4 ? (time_t)G_GINT64_CONSTANT(253402300799) : G_MAXINT32)

/*
 * One moment of the wall clock. The kernel's timer follows a clock that is set and a machine that
 * sleeps, which a delay in milliseconds does not, so nothing ever has to look again "to be sure".
 */
struct _UcTimer {
	UcTimerFunc func;
	gpointer user_data;
	GSource *source;
	gint fd;
};

static gboolean
uc_timer_fd_cb(gint fd, GIOCondition condition, gpointer user_data)
{
	UcTimer *self = user_data;
	guint64 count = 0;
	gssize rc = read(fd, &count, sizeof(count));

	/* ECANCELED: somebody set the clock */
	if (rc == (gssize)sizeof(count) || errno == ECANCELED)
		self->func(self->user_data);
	return G_SOURCE_CONTINUE;
}

/**
 * uc_timer_new:
 * @func: called on the thread-default main context
 *
 * Returns: (transfer full): a timer that is not set
 */
UcTimer *
uc_timer_new(UcTimerFunc func, gpointer user_data)
{
	UcTimer *self = g_new0(UcTimer, 1);

	self->func = func;
	self->user_data = user_data;
	self->fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (self->fd < 0)
		g_error("cannot make a timer: %s", g_strerror(errno));
	self->source = g_unix_fd_source_new(self->fd, G_IO_IN);
	g_source_set_callback(self->source,
			      G_SOURCE_FUNC((void (*)(void))uc_timer_fd_cb),
			      self,
			      NULL);
	g_source_attach(self->source, g_main_context_get_thread_default());
	return self;
}

void
uc_timer_free(UcTimer *self)
{
	g_source_destroy(self->source);
	g_source_unref(self->source);
	(void)close(self->fd);
	g_free(self);
}

/**
 * uc_timer_set:
 * @at_secs: the moment, seconds since the Unix epoch; -1 for never
 */
void
uc_timer_set(UcTimer *self, gint64 at_secs)
{
	/* never: far away rather than disarmed, to hear of a clock that is set */
	struct itimerspec spec = {.it_value = {.tv_sec = at_secs >= 0 ? at_secs : UC_TIMER_NEVER}};
	gint rc = timerfd_settime(self->fd, UC_TIMER_FLAGS, &spec, NULL);

	/* set between the event and here: that takes the notice with it, so the moment is now */
	if (rc != 0 && errno == ECANCELED) {
		spec.it_value.tv_sec = 1;
		rc = timerfd_settime(self->fd, UC_TIMER_FLAGS, &spec, NULL);
	}
	if (rc != 0)
		g_warning("cannot set a timer: %s", g_strerror(errno));
}
