/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * systemd-logind as a source. Of calls: whoever holds a block inhibitor on idle, sleep or shutdown
 * asked not to be interrupted. Of activity: the idle hint of graphical user sessions, but only of
 * those that ever set it, because one that never does looks busy for ever; what logind works out
 * for terminals comes without a signal. Everything is read again when logind says that something
 * changed, and nothing is polled (org.freedesktop.login1(5)).
 */

#include <glib/gi18n-lib.h>

#include "uc-label.h"
#include "uc-limits.h"
#include "uc-names.h"
#include "uc-source-logind.h"

#define UC_SOURCE_LOGIND_NAME	 "logind"
#define UC_SOURCE_LOGIND_AGAIN_S 30 /* after logind did not answer in time */

struct _UcSourceLogind {
	GDBusConnection *connection;
	UcRoom *room;
	UcRoomRole roles;
	GCancellable *cancellable;
	guint watch;
	guint properties;
	guint sessions;
	guint again_id;
	gboolean running; /* logind is on the bus */
	gboolean reading;
	gboolean stale; /* something changed while reading */

	/* what is being read */
	GPtrArray *paths; /* of sessions */
	guint index;
	UcPresence presence;
};

static void
uc_source_logind_read(UcSourceLogind *self);

static gboolean
uc_source_logind_again_cb(gpointer user_data)
{
	UcSourceLogind *self = user_data;

	self->again_id = 0;
	uc_source_logind_read(self);
	return G_SOURCE_REMOVE;
}

static void
uc_source_logind_read_end(UcSourceLogind *self, gboolean answers)
{
	self->reading = FALSE;
	g_clear_pointer(&self->paths, g_ptr_array_unref);
	uc_room_set_answers(self->room, UC_SOURCE_LOGIND_NAME, answers);
	if (self->stale)
		uc_source_logind_read(self);
	else if (!answers && self->running && self->again_id == 0)
		self->again_id = g_timeout_add_seconds(UC_SOURCE_LOGIND_AGAIN_S,
						       uc_source_logind_again_cb,
						       self);
}

static void
uc_source_logind_call(UcSourceLogind *self,
		      const gchar *path,
		      const gchar *interface,
		      const gchar *method,
		      GVariant *parameters,
		      const gchar *reply,
		      GAsyncReadyCallback callback)
{
	g_dbus_connection_call(self->connection,
			       UC_LOGIND_NAME,
			       path,
			       interface,
			       method,
			       parameters,
			       G_VARIANT_TYPE(reply),
			       G_DBUS_CALL_FLAGS_NO_AUTO_START,
			       UC_LIMIT_SYSTEM_MS,
			       self->cancellable,
			       callback,
			       self);
}

/* %NULL after uc_source_logind_free() too, and then @user_data is gone */
static GVariant *
uc_source_logind_call_finish(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GError) error = NULL;
	GVariant *reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);

	if (reply != NULL || g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return reply;
	g_warning("logind does not answer: %s", error->message);
	uc_source_logind_read_end(user_data, FALSE);
	return NULL;
}

static gboolean
uc_source_logind_is_graphical(const gchar *type)
{
	static const gchar *const types[] = {"x11", "wayland", "mir", NULL};

	return type != NULL && g_strv_contains(types, type);
}

/* a hint that was ever set has a time (session_set_idle_hint() of logind) */
static void
uc_source_logind_take_session(UcSourceLogind *self, GVariant *properties)
{
	const gchar *class = NULL;
	const gchar *type = NULL;
	const gchar *state = NULL;
	gboolean idle = FALSE;
	guint64 since_usec = 0;

	(void)g_variant_lookup(properties, "Class", "&s", &class);
	(void)g_variant_lookup(properties, "Type", "&s", &type);
	(void)g_variant_lookup(properties, "State", "&s", &state);
	(void)g_variant_lookup(properties, "IdleHint", "b", &idle);
	(void)g_variant_lookup(properties, "IdleSinceHint", "t", &since_usec);
	if (g_strcmp0(class, "user") != 0 || g_strcmp0(state, "closing") == 0 ||
	    !uc_source_logind_is_graphical(type) || (!idle && since_usec == 0))
		return;
	if (!idle)
		self->presence = UC_PRESENCE_PRESENT;
	else if (self->presence == UC_PRESENCE_MUTE)
		self->presence = UC_PRESENCE_ABSENT;
}

static void
uc_source_logind_read_next(UcSourceLogind *self);

static void
uc_source_logind_session_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	UcSourceLogind *self = user_data;
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) properties = NULL;
	g_autoptr(GVariant) reply =
	    g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);

	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	/* it may have ended since it was listed */
	if (reply == NULL && !g_dbus_error_is_remote_error(error)) {
		g_warning("logind does not answer: %s", error->message);
		uc_source_logind_read_end(self, FALSE);
		return;
	}
	if (reply != NULL) {
		properties = g_variant_get_child_value(reply, 0);
		uc_source_logind_take_session(self, properties);
	}
	uc_source_logind_read_next(self);
}

static void
uc_source_logind_read_next(UcSourceLogind *self)
{
	if (self->index >= self->paths->len) {
		uc_room_set_presence(self->room, UC_SOURCE_LOGIND_NAME, self->presence);
		uc_source_logind_read_end(self, TRUE);
		return;
	}
	uc_source_logind_call(self,
			      g_ptr_array_index(self->paths, self->index++),
			      "org.freedesktop.DBus.Properties",
			      "GetAll",
			      g_variant_new("(s)", "org.freedesktop.login1.Session"),
			      "(a{sv})",
			      uc_source_logind_session_cb);
}

static void
uc_source_logind_sessions_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	UcSourceLogind *self = user_data;
	g_autoptr(GVariant) reply = uc_source_logind_call_finish(source, result, user_data);
	g_autoptr(GVariantIter) iter = NULL;
	const gchar *path = NULL;

	if (reply == NULL)
		return;
	self->paths = g_ptr_array_new_with_free_func(g_free);
	self->index = 0;
	self->presence = UC_PRESENCE_MUTE;
	g_variant_get(reply, "(a(susso))", &iter);
	while (self->paths->len < UC_LIMIT_SESSIONS &&
	       g_variant_iter_next(iter, "(&su&s&s&o)", NULL, NULL, NULL, NULL, &path))
		g_ptr_array_add(self->paths, g_strdup(path));
	uc_source_logind_read_next(self);
}

static void
uc_source_logind_read_sessions(UcSourceLogind *self)
{
	if ((self->roles & UC_ROOM_ACTIVITY) == 0) {
		uc_source_logind_read_end(self, TRUE);
		return;
	}
	uc_source_logind_call(self,
			      UC_LOGIND_PATH,
			      UC_LOGIND_MANAGER,
			      "ListSessions",
			      NULL,
			      "(a(susso))",
			      uc_source_logind_sessions_cb);
}

/* fwupd holds one while it writes, for us */
static gboolean
uc_source_logind_counts(const gchar *what, const gchar *who, const gchar *mode, guint32 uid)
{
	g_auto(GStrv) parts = g_strsplit(what, ":", 16);

	if (!g_str_has_prefix(mode, "block") || (uid == 0 && g_str_equal(who, "fwupd")))
		return FALSE;
	return g_strv_contains((const gchar *const *)parts, "idle") ||
	       g_strv_contains((const gchar *const *)parts, "sleep") ||
	       g_strv_contains((const gchar *const *)parts, "shutdown");
}

static gchar *
uc_source_logind_describe(GVariant *inhibitors)
{
	const gchar *what = NULL;
	const gchar *who = NULL;
	const gchar *why = NULL;
	const gchar *mode = NULL;
	guint32 uid = 0;
	GVariantIter iter;

	g_variant_iter_init(&iter, inhibitors);
	while (g_variant_iter_next(&iter, "(&s&s&s&suu)", &what, &who, &why, &mode, &uid, NULL)) {
		g_autofree gchar *short_who = uc_label_new(who, UC_LIMIT_WHO_BYTES);
		g_autofree gchar *short_why = uc_label_new(why, UC_LIMIT_WHY_BYTES);

		/* TRANSLATORS: the name of an application, then its own reason */
		if (uc_source_logind_counts(what, who, mode, uid))
			return g_strdup_printf(_("%s asked logind not to be interrupted: %s"),
					       short_who,
					       short_why);
	}
	return NULL;
}

static void
uc_source_logind_inhibitors_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	UcSourceLogind *self = user_data;
	g_autoptr(GVariant) reply = uc_source_logind_call_finish(source, result, user_data);
	g_autoptr(GVariant) inhibitors = NULL;
	g_autofree gchar *text = NULL;

	if (reply == NULL)
		return;
	inhibitors = g_variant_get_child_value(reply, 0);
	text = uc_source_logind_describe(inhibitors);
	uc_room_set_busy(self->room, UC_SOURCE_LOGIND_NAME, text);
	uc_source_logind_read_sessions(self);
}

static void
uc_source_logind_read(UcSourceLogind *self)
{
	self->stale = self->reading;
	if (self->reading)
		return;
	self->reading = TRUE;
	g_clear_handle_id(&self->again_id, g_source_remove);
	if ((self->roles & UC_ROOM_CALLS) == 0) {
		uc_source_logind_read_sessions(self);
		return;
	}
	uc_source_logind_call(self,
			      UC_LOGIND_PATH,
			      UC_LOGIND_MANAGER,
			      "ListInhibitors",
			      NULL,
			      "(a(ssssuu))",
			      uc_source_logind_inhibitors_cb);
}

static void
uc_source_logind_changed_cb(GDBusConnection *connection,
			    const gchar *sender,
			    const gchar *path,
			    const gchar *interface,
			    const gchar *signal,
			    GVariant *parameters,
			    gpointer user_data)
{
	UcSourceLogind *self = user_data;

	/* somebody signs in: before any program of the session can set its hint */
	if ((self->roles & UC_ROOM_ACTIVITY) != 0 && g_str_equal(signal, "SessionNew"))
		uc_room_add_activity(self->room);
	uc_source_logind_read(self);
}

static void
uc_source_logind_appeared_cb(GDBusConnection *connection,
			     const gchar *name,
			     const gchar *owner,
			     gpointer user_data)
{
	UcSourceLogind *self = user_data;

	self->running = TRUE;
	uc_source_logind_read(self);
}

static void
uc_source_logind_vanished_cb(GDBusConnection *connection, const gchar *name, gpointer user_data)
{
	UcSourceLogind *self = user_data;

	self->running = FALSE;
	g_clear_handle_id(&self->again_id, g_source_remove);
	uc_room_set_answers(self->room, UC_SOURCE_LOGIND_NAME, FALSE);
	uc_room_set_busy(self->room, UC_SOURCE_LOGIND_NAME, NULL);
	if ((self->roles & UC_ROOM_ACTIVITY) != 0)
		uc_room_set_presence(self->room, UC_SOURCE_LOGIND_NAME, UC_PRESENCE_MUTE);
}

static guint
uc_source_logind_subscribe(UcSourceLogind *self, const gchar *interface, const gchar *signal)
{
	return g_dbus_connection_signal_subscribe(self->connection,
						  UC_LOGIND_NAME,
						  interface,
						  signal,
						  NULL,
						  NULL,
						  G_DBUS_SIGNAL_FLAGS_NONE,
						  uc_source_logind_changed_cb,
						  self,
						  NULL);
}

/**
 * uc_source_logind_new:
 * @connection: the system bus
 * @room: has `logind` as a source already
 * @roles: what logind is asked about
 *
 * Returns: (transfer full): the watch over logind
 */
UcSourceLogind *
uc_source_logind_new(GDBusConnection *connection, UcRoom *room, UcRoomRole roles)
{
	UcSourceLogind *self = g_new0(UcSourceLogind, 1);

	self->connection = g_object_ref(connection);
	self->room = g_object_ref(room);
	self->roles = roles;
	self->cancellable = g_cancellable_new();
	self->properties = uc_source_logind_subscribe(self,
						      "org.freedesktop.DBus.Properties",
						      "PropertiesChanged");
	/* of the manager: sessions that come and go, and what else it has to say */
	self->sessions = uc_source_logind_subscribe(self, UC_LOGIND_MANAGER, NULL);
	self->watch = g_bus_watch_name_on_connection(connection,
						     UC_LOGIND_NAME,
						     G_BUS_NAME_WATCHER_FLAGS_NONE,
						     uc_source_logind_appeared_cb,
						     uc_source_logind_vanished_cb,
						     self,
						     NULL);
	return self;
}

void
uc_source_logind_free(UcSourceLogind *self)
{
	g_cancellable_cancel(self->cancellable);
	g_bus_unwatch_name(self->watch);
	g_dbus_connection_signal_unsubscribe(self->connection, self->properties);
	g_dbus_connection_signal_unsubscribe(self->connection, self->sessions);
	g_clear_handle_id(&self->again_id, g_source_remove);
	g_clear_pointer(&self->paths, g_ptr_array_unref);
	g_object_unref(self->cancellable);
	g_object_unref(self->connection);
	g_object_unref(self->room);
	g_free(self);
}
