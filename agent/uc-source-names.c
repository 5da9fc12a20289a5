/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-source-names.h"

/* The applications that tell about calls or activity, as names on the system bus. While one of them
 * is not there nobody would say so, and the use of the room is unknown. */
struct _UcSourceNames {
	GDBusConnection *connection;
	UcRoom *room;
	GArray *watches; /* of guint */
};

static void
uc_source_names_appeared_cb(GDBusConnection *connection,
			    const gchar *name,
			    const gchar *owner,
			    gpointer user_data)
{
	UcSourceNames *self = user_data;

	uc_room_set_answers(self->room, name, TRUE);
}

static void
uc_source_names_vanished_cb(GDBusConnection *connection, const gchar *name, gpointer user_data)
{
	UcSourceNames *self = user_data;

	uc_room_set_answers(self->room, name, FALSE);
}

/**
 * uc_source_names_new:
 * @connection: the bus where the agent is
 * @room: what the applications tell about
 *
 * Returns: (transfer full): a watch over none so far
 */
UcSourceNames *
uc_source_names_new(GDBusConnection *connection, UcRoom *room)
{
	UcSourceNames *self = g_new0(UcSourceNames, 1);

	self->connection = g_object_ref(connection);
	self->room = g_object_ref(room);
	self->watches = g_array_new(FALSE, FALSE, sizeof(guint));
	return self;
}

/**
 * uc_source_names_add:
 * @name: a well-known name, which the room has as a source already
 */
void
uc_source_names_add(UcSourceNames *self, const gchar *name)
{
	guint watch = g_bus_watch_name_on_connection(self->connection,
						     name,
						     G_BUS_NAME_WATCHER_FLAGS_NONE,
						     uc_source_names_appeared_cb,
						     uc_source_names_vanished_cb,
						     self,
						     NULL);

	g_array_append_val(self->watches, watch);
}

void
uc_source_names_free(UcSourceNames *self)
{
	for (guint i = 0; i < self->watches->len; i++)
		g_bus_unwatch_name(g_array_index(self->watches, guint, i));
	g_array_unref(self->watches);
	g_object_unref(self->room);
	g_object_unref(self->connection);
	g_free(self);
}
