/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What people do in the room. An inhibitor is one end of a pipe; the application holds the other,
 * and the kernel says when its last copy is closed, however the application ended. The end of a
 * call is activity: people are still there. Idleness is measured by a clock that counts suspend
 * and never jumps.
 */

#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "uc-error.h"
#include "uc-limits.h"
#include "uc-room.h"

typedef struct {
	UcRoom *room; /* not owned */
	gchar *what;
	gchar *who;
	gchar *why;
	GSource *source;
	gint fd;
} UcRoomInhibitor;

struct _UcRoom {
	GObject parent_instance;
	const UcClock *clock;  /* not owned */
	GPtrArray *inhibitors; /* of UcRoomInhibitor */
	GHashTable *silent;    /* names of configured sources that do not answer */
	gint64 activity_secs;  /* of the boot clock */
};

G_DEFINE_TYPE(UcRoom, uc_room, G_TYPE_OBJECT)

enum { UC_ROOM_CHANGED, UC_ROOM_ACTIVITY, UC_ROOM_LAST_SIGNAL };

static guint uc_room_signals[UC_ROOM_LAST_SIGNAL];

static void
uc_room_inhibitor_free(UcRoomInhibitor *inhibitor)
{
	g_source_destroy(inhibitor->source);
	g_source_unref(inhibitor->source);
	(void)close(inhibitor->fd);
	g_free(inhibitor->what);
	g_free(inhibitor->who);
	g_free(inhibitor->why);
	g_free(inhibitor);
}

static void
uc_room_dispose(GObject *object)
{
	UcRoom *self = UC_ROOM(object);

	g_clear_pointer(&self->inhibitors, g_ptr_array_unref);
	g_clear_pointer(&self->silent, g_hash_table_unref);
	G_OBJECT_CLASS(uc_room_parent_class)->dispose(object);
}

static void
uc_room_class_init(UcRoomClass *klass)
{
	G_OBJECT_CLASS(klass)->dispose = uc_room_dispose;

	/**
	 * UcRoom::changed:
	 *
	 * Whether the room is in use, or why, is different now.
	 */
	uc_room_signals[UC_ROOM_CHANGED] = g_signal_new("changed",
							G_TYPE_FROM_CLASS(klass),
							G_SIGNAL_RUN_LAST,
							0,
							NULL,
							NULL,
							NULL,
							G_TYPE_NONE,
							0);
	/**
	 * UcRoom::activity:
	 *
	 * Somebody did something.
	 */
	uc_room_signals[UC_ROOM_ACTIVITY] = g_signal_new("activity",
							 G_TYPE_FROM_CLASS(klass),
							 G_SIGNAL_RUN_LAST,
							 0,
							 NULL,
							 NULL,
							 NULL,
							 G_TYPE_NONE,
							 0);
}

static void
uc_room_init(UcRoom *self)
{
	self->inhibitors = g_ptr_array_new_with_free_func((GDestroyNotify)uc_room_inhibitor_free);
	self->silent = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

/**
 * uc_room_new:
 * @clock: must outlive the room
 *
 * Returns: (transfer full): a room where somebody was just now, because nothing else is known
 */
UcRoom *
uc_room_new(const UcClock *clock)
{
	UcRoom *self = g_object_new(UC_TYPE_ROOM, NULL);

	self->clock = clock;
	self->activity_secs = uc_clock_boot_secs(clock);
	return self;
}

static gboolean
uc_room_closed_cb(gint fd, GIOCondition condition, gpointer user_data)
{
	UcRoomInhibitor *inhibitor = user_data;
	UcRoom *self = inhibitor->room;

	g_info("%s of %s ended", inhibitor->what, inhibitor->who);
	self->activity_secs = uc_clock_boot_secs(self->clock);
	g_ptr_array_remove(self->inhibitors, inhibitor);
	g_signal_emit(self, uc_room_signals[UC_ROOM_CHANGED], 0);
	return G_SOURCE_CONTINUE; /* destroyed with the inhibitor */
}

static gboolean
uc_room_check_text(const gchar *name,
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
uc_room_check_inhibit(UcRoom *self,
		      const gchar *what,
		      const gchar *who,
		      const gchar *why,
		      GError **error)
{
	static const gchar *const known[] = {"call", "presentation", "booking", NULL};

	if (!g_strv_contains(known, what)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "'what' is '%s', expected call, presentation or booking",
			    what);
		return FALSE;
	}
	if (self->inhibitors->len >= UC_LIMIT_INHIBITORS) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_LIMIT,
			    "there are %d inhibitors already",
			    UC_LIMIT_INHIBITORS);
		return FALSE;
	}
	return uc_room_check_text("who", who, 1, UC_LIMIT_WHO_BYTES, error) &&
	       uc_room_check_text("why", why, 0, UC_LIMIT_WHY_BYTES, error);
}

/**
 * uc_room_inhibit:
 * @what: `call`, `presentation` or `booking`
 * @who: name of the application, 1 to 128 bytes
 * @why: a sentence for people, up to 256 bytes
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT
 *
 * Returns: a file descriptor for the caller to pass on and close; the room is in use while any
 * copy of it is open; -1 on failure
 */
gint
uc_room_inhibit(UcRoom *self, const gchar *what, const gchar *who, const gchar *why, GError **error)
{
	UcRoomInhibitor *inhibitor = NULL;
	gint fds[2] = {-1, -1};

	if (!uc_room_check_inhibit(self, what, who, why, error) ||
	    !g_unix_open_pipe(fds, FD_CLOEXEC, error))
		return -1;
	inhibitor = g_new0(UcRoomInhibitor, 1);
	inhibitor->room = self;
	inhibitor->what = g_strdup(what);
	inhibitor->who = g_strdup(who);
	inhibitor->why = g_strdup(why);
	inhibitor->fd = fds[0];
	inhibitor->source = g_unix_fd_source_new(fds[0], G_IO_HUP);
	g_source_set_callback(inhibitor->source,
			      G_SOURCE_FUNC((void (*)(void))uc_room_closed_cb),
			      inhibitor,
			      NULL);
	g_source_attach(inhibitor->source, g_main_context_get_thread_default());
	g_ptr_array_add(self->inhibitors, inhibitor);
	g_info("%s of %s began: %s", what, who, why);
	g_signal_emit(self, uc_room_signals[UC_ROOM_CHANGED], 0);
	return fds[1];
}

/**
 * uc_room_add_activity:
 *
 * The idle time starts again.
 */
void
uc_room_add_activity(UcRoom *self)
{
	self->activity_secs = uc_clock_boot_secs(self->clock);
	g_signal_emit(self, uc_room_signals[UC_ROOM_ACTIVITY], 0);
}

/**
 * uc_room_set_source:
 * @source: name of a configured source of calls
 * @answers: whether it is there; while one is not, the use of the room is unknown
 */
void
uc_room_set_source(UcRoom *self, const gchar *source, gboolean answers)
{
	gboolean changed = FALSE;

	if (answers)
		changed = g_hash_table_remove(self->silent, source);
	else
		changed = g_hash_table_add(self->silent, g_strdup(source));
	if (changed)
		g_signal_emit(self, uc_room_signals[UC_ROOM_CHANGED], 0);
}

UcUse
uc_room_get_use(UcRoom *self)
{
	if (self->inhibitors->len > 0)
		return UC_USE_CALL;
	return g_hash_table_size(self->silent) > 0 ? UC_USE_UNKNOWN : UC_USE_NONE;
}

/**
 * uc_room_get_reason:
 *
 * Returns: (transfer full): a sentence for people about why the room is in use; empty when not
 */
gchar *
uc_room_get_reason(UcRoom *self)
{
	GHashTableIter iter;
	gpointer source = NULL;

	if (self->inhibitors->len > 0) {
		const UcRoomInhibitor *first = g_ptr_array_index(self->inhibitors, 0);

		if (first->why[0] == '\0')
			return g_strdup_printf("%s (%s)", first->what, first->who);
		return g_strdup_printf("%s (%s): %s", first->what, first->who, first->why);
	}
	g_hash_table_iter_init(&iter, self->silent);
	if (g_hash_table_iter_next(&iter, &source, NULL))
		return g_strdup_printf(_("the source of calls %s does not answer"),
				       (const gchar *)source);
	return g_strdup("");
}

/**
 * uc_room_get_idle_secs:
 *
 * Returns: for so long nobody has used the room, 0 while it is in use
 */
gint64
uc_room_get_idle_secs(UcRoom *self)
{
	if (self->inhibitors->len > 0)
		return 0;
	return MAX(uc_clock_boot_secs(self->clock) - self->activity_secs, 0);
}
