/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The display of the room as a source of activity: while it is on somebody may be there, and since
 * it is off nobody is. The kernel tells nobody that a display went off, so whoever switches it says
 * so, and holds a descriptor until it is on again; an application that crashes lets go of it, and
 * then the display counts as on.
 */

#include "uc-error.h"
#include "uc-inhibitor.h"
#include "uc-limits.h"
#include "uc-source-display.h"

#define UC_SOURCE_DISPLAY_NAME "display"

struct _UcSourceDisplay {
	UcRoom *room;
	GPtrArray *offs; /* of UcInhibitor: who says that it is off */
};

static void
uc_source_display_closed_cb(UcInhibitor *inhibitor, gpointer user_data)
{
	UcSourceDisplay *self = user_data;

	(void)g_ptr_array_remove(self->offs, inhibitor);
	if (self->offs->len == 0)
		uc_room_set_presence(self->room, UC_SOURCE_DISPLAY_NAME, UC_PRESENCE_PRESENT);
}

/**
 * uc_source_display_new:
 * @room: has `display` as a source already
 *
 * Returns: (transfer full): a display that is on
 */
UcSourceDisplay *
uc_source_display_new(UcRoom *room)
{
	UcSourceDisplay *self = g_new0(UcSourceDisplay, 1);

	self->room = g_object_ref(room);
	self->offs = g_ptr_array_new_with_free_func((GDestroyNotify)uc_inhibitor_free);
	uc_room_set_answers(room, UC_SOURCE_DISPLAY_NAME, TRUE);
	uc_room_set_presence(room, UC_SOURCE_DISPLAY_NAME, UC_PRESENCE_PRESENT);
	return self;
}

/**
 * uc_source_display_off:
 * @who: name of the application, 1 to 128 bytes
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT
 *
 * Returns: a file descriptor for the caller to pass on and close; the display is off while any copy
 * of one is open; -1 on failure
 */
gint
uc_source_display_off(UcSourceDisplay *self, const gchar *who, GError **error)
{
	UcInhibitor *inhibitor = NULL;
	gint fd = -1;

	if (self->offs->len >= UC_LIMIT_INHIBITORS) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_LIMIT,
			    "%d applications say already that the display is off",
			    UC_LIMIT_INHIBITORS);
		return -1;
	}
	inhibitor = uc_inhibitor_new("display-off", who, "", &fd, error);
	if (inhibitor == NULL)
		return -1;
	g_ptr_array_add(self->offs, inhibitor);
	uc_inhibitor_watch(inhibitor, uc_source_display_closed_cb, self);
	uc_room_set_presence(self->room, UC_SOURCE_DISPLAY_NAME, UC_PRESENCE_ABSENT);
	return fd;
}

void
uc_source_display_free(UcSourceDisplay *self)
{
	g_ptr_array_unref(self->offs);
	g_object_unref(self->room);
	g_free(self);
}
