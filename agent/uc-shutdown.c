/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The way down, and sleep, as logind tells it. While the machine is up the agent holds a delay
 * inhibitor, so that logind waits for it, at most InhibitDelayMaxUSec: fwupd's own hook at shutdown
 * comes when there is no bus any more (DESIGN.md, decision 2; systemd.io "Inhibitor Locks").
 */

#include <gio/gunixfdlist.h>
#include <unistd.h>

#include "uc-limits.h"
#include "uc-names.h"
#include "uc-shutdown.h"

#define UC_SHUTDOWN_TAKE_MS	 30000 /* polkit, which logind asks, may have to start first */
#define UC_SHUTDOWN_DELAY_MS	 5000  /* logind's default, until it says another one */
#define UC_SHUTDOWN_DELAY_MAX_MS 3600000
#define UC_SHUTDOWN_AGAIN_S	 30  /* after logind did not answer in time */
#define UC_SHUTDOWN_MARGIN_MS	 500 /* so long before its end everything is over */

struct _UcShutdown {
	GDBusConnection *connection;
	UcShutdownFunc func;
	gpointer user_data;
	GCancellable *cancellable;
	guint watch;
	guint signals;
	guint late_id;
	guint again_id;
	guint delay_ms;
	gboolean taking; /* asked for an inhibitor that is not there yet */
	gboolean under_way;
	gint fd; /* of the inhibitor; -1 without one */
};

static gboolean
uc_shutdown_late_cb(gpointer user_data)
{
	UcShutdown *self = user_data;

	self->late_id = 0;
	self->func(UC_SHUTDOWN_LATE, self->user_data);
	return G_SOURCE_REMOVE;
}

static void
uc_shutdown_close(UcShutdown *self)
{
	if (self->fd >= 0)
		(void)close(self->fd);
	self->fd = -1;
}

static void
uc_shutdown_take(UcShutdown *self);

static gboolean
uc_shutdown_again_cb(gpointer user_data)
{
	UcShutdown *self = user_data;

	self->again_id = 0;
	uc_shutdown_take(self);
	return G_SOURCE_REMOVE;
}

/* what polkit denies, it denies the next time too */
static void
uc_shutdown_failed(UcShutdown *self, const GError *error)
{
	g_warning("logind will not wait for us at shutdown: %s", error->message);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) ||
	    g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY))
		self->again_id =
		    g_timeout_add_seconds(UC_SHUTDOWN_AGAIN_S, uc_shutdown_again_cb, self);
}

static void
uc_shutdown_taken_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	UcShutdown *self = user_data;
	g_autoptr(GUnixFDList) list = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply =
	    g_dbus_connection_call_with_unix_fd_list_finish(G_DBUS_CONNECTION(source),
							    &list,
							    result,
							    &error);
	gint32 index = -1;

	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	self->taking = FALSE;
	if (reply != NULL) {
		uc_shutdown_close(self);
		g_variant_get(reply, "(h)", &index);
		if (list != NULL && index >= 0 && index < g_unix_fd_list_get_length(list))
			self->fd = g_unix_fd_list_get(list, index, &error);
	}
	if (error != NULL)
		uc_shutdown_failed(self, error);
}

static void
uc_shutdown_take(UcShutdown *self)
{
	if (self->taking || self->fd >= 0)
		return;
	g_clear_handle_id(&self->again_id, g_source_remove);
	self->taking = TRUE;
	g_dbus_connection_call_with_unix_fd_list(
	    self->connection,
	    UC_LOGIND_NAME,
	    UC_LOGIND_PATH,
	    UC_LOGIND_MANAGER,
	    "Inhibit",
	    g_variant_new("(ssss)",
			  "shutdown",
			  "ucupdates",
			  "applies or withdraws a staged update",
			  "delay"),
	    G_VARIANT_TYPE("(h)"),
	    G_DBUS_CALL_FLAGS_NO_AUTO_START,
	    UC_SHUTDOWN_TAKE_MS,
	    NULL,
	    self->cancellable,
	    uc_shutdown_taken_cb,
	    self);
}

static void
uc_shutdown_delay_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	UcShutdown *self = user_data;
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply =
	    g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);
	g_autoptr(GVariant) value = NULL;

	if (reply == NULL)
		return; /* the default is shorter than what anybody sets */
	g_variant_get(reply, "(v)", &value);
	if (g_variant_is_of_type(value, G_VARIANT_TYPE_UINT64))
		self->delay_ms =
		    (guint)MIN(g_variant_get_uint64(value) / 1000, UC_SHUTDOWN_DELAY_MAX_MS);
}

static void
uc_shutdown_ask_delay(UcShutdown *self)
{
	g_dbus_connection_call(self->connection,
			       UC_LOGIND_NAME,
			       UC_LOGIND_PATH,
			       "org.freedesktop.DBus.Properties",
			       "Get",
			       g_variant_new("(ss)", UC_LOGIND_MANAGER, "InhibitDelayMaxUSec"),
			       G_VARIANT_TYPE("(v)"),
			       G_DBUS_CALL_FLAGS_NO_AUTO_START,
			       UC_LIMIT_SYSTEM_MS,
			       self->cancellable,
			       uc_shutdown_delay_cb,
			       self);
}

static void
uc_shutdown_set(UcShutdown *self, gboolean under_way)
{
	if (self->under_way == under_way)
		return;
	g_message("the machine %s", under_way ? "goes down" : "does not go down after all");
	self->under_way = under_way;
	g_clear_handle_id(&self->late_id, g_source_remove);
	if (under_way)
		self->late_id = g_timeout_add(self->delay_ms > 2 * UC_SHUTDOWN_MARGIN_MS
						  ? self->delay_ms - UC_SHUTDOWN_MARGIN_MS
						  : self->delay_ms / 2,
					      uc_shutdown_late_cb,
					      self);
	else
		uc_shutdown_take(self);
	self->func(under_way ? UC_SHUTDOWN_BEGINS : UC_SHUTDOWN_CALLED_OFF, self->user_data);
}

static void
uc_shutdown_signal_cb(GDBusConnection *connection,
		      const gchar *sender,
		      const gchar *path,
		      const gchar *interface,
		      const gchar *signal,
		      GVariant *parameters,
		      gpointer user_data)
{
	UcShutdown *self = user_data;
	gboolean begins = FALSE;

	if (!g_variant_is_of_type(parameters, G_VARIANT_TYPE("(b)")))
		return;
	g_variant_get(parameters, "(b)", &begins);
	if (g_str_equal(signal, "PrepareForShutdown"))
		uc_shutdown_set(self, begins);
	else if (g_str_equal(signal, "PrepareForSleep") && !begins)
		self->func(UC_SHUTDOWN_RESUMED, self->user_data);
}

static void
uc_shutdown_appeared_cb(GDBusConnection *connection,
			const gchar *name,
			const gchar *owner,
			gpointer user_data)
{
	UcShutdown *self = user_data;

	/* of a logind that is gone, and so is what it was about to do */
	uc_shutdown_close(self);
	uc_shutdown_set(self, FALSE);
	uc_shutdown_take(self);
	uc_shutdown_ask_delay(self);
}

/**
 * uc_shutdown_new:
 * @connection: the system bus
 * @func: called on the thread-default main context
 *
 * Returns: (transfer full): a watch that has an inhibitor as soon as logind gives one
 */
UcShutdown *
uc_shutdown_new(GDBusConnection *connection, UcShutdownFunc func, gpointer user_data)
{
	UcShutdown *self = g_new0(UcShutdown, 1);

	self->connection = g_object_ref(connection);
	self->func = func;
	self->user_data = user_data;
	self->cancellable = g_cancellable_new();
	self->delay_ms = UC_SHUTDOWN_DELAY_MS;
	self->fd = -1;
	self->signals = g_dbus_connection_signal_subscribe(connection,
							   UC_LOGIND_NAME,
							   UC_LOGIND_MANAGER,
							   NULL,
							   UC_LOGIND_PATH,
							   NULL,
							   G_DBUS_SIGNAL_FLAGS_NONE,
							   uc_shutdown_signal_cb,
							   self,
							   NULL);
	self->watch = g_bus_watch_name_on_connection(connection,
						     UC_LOGIND_NAME,
						     G_BUS_NAME_WATCHER_FLAGS_NONE,
						     uc_shutdown_appeared_cb,
						     NULL,
						     self,
						     NULL);
	return self;
}

void
uc_shutdown_free(UcShutdown *self)
{
	g_cancellable_cancel(self->cancellable);
	g_bus_unwatch_name(self->watch);
	g_dbus_connection_signal_unsubscribe(self->connection, self->signals);
	g_clear_handle_id(&self->late_id, g_source_remove);
	g_clear_handle_id(&self->again_id, g_source_remove);
	uc_shutdown_close(self);
	g_object_unref(self->cancellable);
	g_object_unref(self->connection);
	g_free(self);
}

gboolean
uc_shutdown_is_under_way(UcShutdown *self)
{
	return self->under_way;
}

/**
 * uc_shutdown_release:
 *
 * Whatever was to be done before the machine goes down is done. Another inhibitor is taken when
 * the shutdown is called off.
 */
void
uc_shutdown_release(UcShutdown *self)
{
	g_clear_handle_id(&self->late_id, g_source_remove);
	uc_shutdown_close(self);
}
