/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "uc-limits.h"
#include "uc-watched-property.h"

/* One property of a service on the bus, while that service runs; it is never started for it. */
struct _UcWatchedProperty {
	GDBusConnection *connection;
	gchar *name;
	gchar *path;
	gchar *interface;
	gchar *property;
	UcWatchedPropertyFunc func;
	gpointer user_data;
	GCancellable *cancellable;
	GVariant *value; /* (nullable) */
	guint watch;
	guint signal;
};

static void
uc_watched_property_set(UcWatchedProperty *self, GVariant *value)
{
	if (value == self->value ||
	    (value != NULL && self->value != NULL && g_variant_equal(value, self->value)))
		return;
	g_clear_pointer(&self->value, g_variant_unref);
	self->value = value != NULL ? g_variant_ref(value) : NULL;
	self->func(self->user_data);
}

static void
uc_watched_property_got_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	UcWatchedProperty *self = user_data;
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) value = NULL;
	g_autoptr(GVariant) reply =
	    g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);

	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	if (reply == NULL) {
		g_info("%s has no %s: %s", self->name, self->property, error->message);
		return;
	}
	g_variant_get(reply, "(v)", &value);
	uc_watched_property_set(self, value);
}

static void
uc_watched_property_ask(UcWatchedProperty *self)
{
	g_dbus_connection_call(self->connection,
			       self->name,
			       self->path,
			       "org.freedesktop.DBus.Properties",
			       "Get",
			       g_variant_new("(ss)", self->interface, self->property),
			       G_VARIANT_TYPE("(v)"),
			       G_DBUS_CALL_FLAGS_NO_AUTO_START,
			       UC_LIMIT_SYSTEM_MS,
			       self->cancellable,
			       uc_watched_property_got_cb,
			       self);
}

static void
uc_watched_property_changed_cb(GDBusConnection *connection,
			       const gchar *sender,
			       const gchar *path,
			       const gchar *interface,
			       const gchar *signal,
			       GVariant *parameters,
			       gpointer user_data)
{
	UcWatchedProperty *self = user_data;
	g_autoptr(GVariant) changed = NULL;
	g_autoptr(GVariant) value = NULL;
	g_autofree const gchar **invalidated = NULL;

	if (!g_variant_is_of_type(parameters, G_VARIANT_TYPE("(sa{sv}as)")))
		return;
	g_variant_get(parameters, "(&s@a{sv}^a&s)", NULL, &changed, &invalidated);
	value = g_variant_lookup_value(changed, self->property, NULL);
	if (value != NULL)
		uc_watched_property_set(self, value);
	else if (g_strv_contains(invalidated, self->property))
		uc_watched_property_ask(self); /* some say only that it is another one */
}

static void
uc_watched_property_appeared_cb(GDBusConnection *connection,
				const gchar *name,
				const gchar *owner,
				gpointer user_data)
{
	uc_watched_property_ask(user_data);
}

static void
uc_watched_property_vanished_cb(GDBusConnection *connection, const gchar *name, gpointer user_data)
{
	uc_watched_property_set(user_data, NULL);
}

/**
 * uc_watched_property_new:
 * @func: called on the thread-default main context when uc_watched_property_get() is another one
 *
 * Returns: (transfer full): a watch whose value is not known yet
 */
UcWatchedProperty *
uc_watched_property_new(GDBusConnection *connection,
			const gchar *name,
			const gchar *path,
			const gchar *interface,
			const gchar *property,
			UcWatchedPropertyFunc func,
			gpointer user_data)
{
	UcWatchedProperty *self = g_new0(UcWatchedProperty, 1);

	self->connection = g_object_ref(connection);
	self->name = g_strdup(name);
	self->path = g_strdup(path);
	self->interface = g_strdup(interface);
	self->property = g_strdup(property);
	self->func = func;
	self->user_data = user_data;
	self->cancellable = g_cancellable_new();
	self->signal = g_dbus_connection_signal_subscribe(connection,
							  name,
							  "org.freedesktop.DBus.Properties",
							  "PropertiesChanged",
							  path,
							  interface,
							  G_DBUS_SIGNAL_FLAGS_NONE,
							  uc_watched_property_changed_cb,
							  self,
							  NULL);
	self->watch = g_bus_watch_name_on_connection(connection,
						     name,
						     G_BUS_NAME_WATCHER_FLAGS_NONE,
						     uc_watched_property_appeared_cb,
						     uc_watched_property_vanished_cb,
						     self,
						     NULL);
	return self;
}

void
uc_watched_property_free(UcWatchedProperty *self)
{
	g_cancellable_cancel(self->cancellable);
	g_bus_unwatch_name(self->watch);
	g_dbus_connection_signal_unsubscribe(self->connection, self->signal);
	g_clear_pointer(&self->value, g_variant_unref);
	g_object_unref(self->cancellable);
	g_object_unref(self->connection);
	g_free(self->name);
	g_free(self->path);
	g_free(self->interface);
	g_free(self->property);
	g_free(self);
}

/**
 * uc_watched_property_get:
 *
 * Returns: (transfer none) (nullable): %NULL when it is not known, or the service does not run
 */
GVariant *
uc_watched_property_get(UcWatchedProperty *self)
{
	return self->value;
}
