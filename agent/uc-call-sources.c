/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-call-sources.h"

/* The applications that say when there is a call (`[Agent] CallSources=`, names on the system bus).
 * While one of them is not there nobody would say so, and the use of the room is unknown. */
struct _UcCallSources {
	UcRoom *room;
	GArray *watches; /* of guint */
};

static void
uc_call_sources_appeared_cb(GDBusConnection *connection,
			    const gchar *name,
			    const gchar *owner,
			    gpointer user_data)
{
	UcCallSources *self = user_data;

	uc_room_set_source(self->room, name, TRUE);
}

static void
uc_call_sources_vanished_cb(GDBusConnection *connection, const gchar *name, gpointer user_data)
{
	UcCallSources *self = user_data;

	uc_room_set_source(self->room, name, FALSE);
}

/**
 * uc_call_sources_new:
 * @connection: the bus where the agent is
 * @names: (array zero-terminated=1): well-known names of the applications
 * @room: what they tell about
 *
 * Returns: (transfer full): the watch over them; until it knows better, each counts as silent
 */
UcCallSources *
uc_call_sources_new(GDBusConnection *connection, const gchar *const *names, UcRoom *room)
{
	UcCallSources *self = g_new0(UcCallSources, 1);

	self->room = g_object_ref(room);
	self->watches = g_array_new(FALSE, FALSE, sizeof(guint));
	for (guint i = 0; names[i] != NULL; i++) {
		guint watch = 0;

		if (!g_dbus_is_name(names[i]) || g_dbus_is_unique_name(names[i])) {
			g_warning("[Agent] CallSources: '%s' is no D-Bus name", names[i]);
			uc_room_set_source(room, names[i], FALSE);
			continue;
		}
		uc_room_set_source(room, names[i], FALSE);
		watch = g_bus_watch_name_on_connection(connection,
						       names[i],
						       G_BUS_NAME_WATCHER_FLAGS_NONE,
						       uc_call_sources_appeared_cb,
						       uc_call_sources_vanished_cb,
						       self,
						       NULL);
		g_array_append_val(self->watches, watch);
	}
	return self;
}

void
uc_call_sources_free(UcCallSources *self)
{
	for (guint i = 0; i < self->watches->len; i++)
		g_bus_unwatch_name(g_array_index(self->watches, guint, i));
	g_array_unref(self->watches);
	g_object_unref(self->room);
	g_free(self);
}
