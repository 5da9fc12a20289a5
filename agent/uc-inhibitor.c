/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One end of a pipe; the application holds the other, and the kernel says when its last copy is
 * closed, however the application ended.
 */

#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#include "uc-error.h"
#include "uc-inhibitor.h"
#include "uc-label.h"
#include "uc-limits.h"

struct _UcInhibitor {
	gchar *what;
	gchar *who;
	gchar *why;
	GSource *source; /* (nullable) */
	UcInhibitorFunc func;
	gpointer user_data;
	gint fd;
};

void
uc_inhibitor_free(UcInhibitor *self)
{
	if (self->source != NULL) {
		g_source_destroy(self->source);
		g_source_unref(self->source);
	}
	(void)close(self->fd);
	g_free(self->what);
	g_free(self->who);
	g_free(self->why);
	g_free(self);
}

static gboolean
uc_inhibitor_check_text(const gchar *name,
			const gchar *text,
			gsize min_bytes,
			gsize max_bytes,
			GError **error)
{
	if (strlen(text) >= min_bytes && strlen(text) <= max_bytes)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "'%s' has %" G_GSIZE_FORMAT " bytes, expected %" G_GSIZE_FORMAT
		    " to %" G_GSIZE_FORMAT,
		    name,
		    strlen(text),
		    min_bytes,
		    max_bytes);
	return FALSE;
}

static gboolean
uc_inhibitor_check(const gchar *who, const gchar *why, GError **error)
{
	return uc_inhibitor_check_text("who", who, 1, UC_LIMIT_WHO_BYTES, error) &&
	       uc_inhibitor_check_text("why", why, 0, UC_LIMIT_WHY_BYTES, error);
}

/**
 * uc_inhibitor_new:
 * @what: such as `call`, for people
 * @who: name of the application, 1 to 128 bytes
 * @why: a sentence for people, up to 256 bytes; both are shown as uc_label_new() makes them
 * @fd_out: (out): the caller's end, to pass on and close
 * @error: set to %UC_ERROR_INVALID, or `G_UNIX_ERROR` without descriptors
 *
 * Returns: (transfer full): our end, or %NULL
 */
UcInhibitor *
uc_inhibitor_new(const gchar *what,
		 const gchar *who,
		 const gchar *why,
		 gint *fd_out,
		 GError **error)
{
	UcInhibitor *self = NULL;
	gint fds[2] = {-1, -1};

	if (!uc_inhibitor_check(who, why, error) || !g_unix_open_pipe(fds, FD_CLOEXEC, error))
		return NULL;
	self = g_new0(UcInhibitor, 1);
	self->what = g_strdup(what);
	self->who = uc_label_new(who, UC_LIMIT_WHO_BYTES);
	self->why = uc_label_new(why, UC_LIMIT_WHY_BYTES);
	self->fd = fds[0];
	*fd_out = fds[1];
	return self;
}

static gboolean
uc_inhibitor_closed_cb(gint fd, GIOCondition condition, gpointer user_data)
{
	UcInhibitor *self = user_data;

	g_info("%s of %s ended", self->what, self->who);
	self->func(self, self->user_data);
	return G_SOURCE_REMOVE;
}

/**
 * uc_inhibitor_watch:
 * @func: called on the thread-default main context
 */
void
uc_inhibitor_watch(UcInhibitor *self, UcInhibitorFunc func, gpointer user_data)
{
	self->func = func;
	self->user_data = user_data;
	self->source = g_unix_fd_source_new(self->fd, G_IO_HUP);
	g_source_set_callback(self->source,
			      G_SOURCE_FUNC((void (*)(void))uc_inhibitor_closed_cb),
			      self,
			      NULL);
	g_source_attach(self->source, g_main_context_get_thread_default());
	g_info("%s of %s began: %s", self->what, self->who, self->why);
}

/**
 * uc_inhibitor_get_text:
 *
 * Returns: (transfer full): such as `call (phone): with Berlin`
 */
gchar *
uc_inhibitor_get_text(UcInhibitor *self)
{
	if (self->why[0] == '\0')
		return g_strdup_printf("%s (%s)", self->what, self->who);
	return g_strdup_printf("%s (%s): %s", self->what, self->who, self->why);
}
