/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Tells that the network changed, once for each time that it does. A cable that is plugged in makes
 * a dozen events (link, addresses, routes, DHCP, name servers), so the call comes only when there
 * was none for a while. Heard are
 *
 * - routes, by the kernel (rtnetlink, through GNetworkMonitor);
 * - NetworkManager's connections and the addresses, domains and name servers of theirs. Not its
 *   DHCP options, which change with every renewal, nor its access points, which change all the
 * time;
 * - systemd-resolved's domains and name servers;
 * - resolv.conf(5).
 *
 * A service that does not run says nothing; none is started for this.
 */

#include "uc-network-manager.h"
#include "uc-network-watch.h"
#include "uc-paths.h"
#include "uc-resolved.h"

#define UC_NETWORK_WATCH_PROPERTIES "org.freedesktop.DBus.Properties"

/* whose properties count: of whom, which interface */
static const struct {
	const gchar *name;
	const gchar *interface;
} uc_network_watch_signals[] = {
    {UC_NETWORK_MANAGER_NAME, UC_NETWORK_MANAGER_NAME},
    {UC_NETWORK_MANAGER_NAME, UC_NETWORK_MANAGER_NAME ".Connection.Active"},
    {UC_NETWORK_MANAGER_NAME, UC_NETWORK_MANAGER_NAME ".IP4Config"},
    {UC_NETWORK_MANAGER_NAME, UC_NETWORK_MANAGER_NAME ".IP6Config"},
    {UC_RESOLVED_NAME, UC_RESOLVED_INTERFACE},
};

struct _UcNetworkWatch {
	GDBusConnection *bus;
	GNetworkMonitor *monitor;
	GFileMonitor *resolv_conf; /* (nullable) */
	guint signals[G_N_ELEMENTS(uc_network_watch_signals)];
	guint settle_ms;
	guint settle_max_ms;
	GSource *settling; /* (nullable): while there are changes that were not told */
	gint64 first_usec; /* when the first of these came */
	UcNetworkWatchFunc func;
	gpointer user_data;
};

/**
 * uc_network_watch_init:
 *
 * To be called first in main(), before there are threads. GLib's monitor then asks the kernel; its
 * other one asks NetworkManager, and blocks while that does not answer.
 */
void
uc_network_watch_init(void)
{
	g_setenv("GIO_USE_NETWORK_MONITOR", "netlink", TRUE);
}

static void
uc_network_watch_stop_settling(UcNetworkWatch *self)
{
	if (self->settling != NULL)
		g_source_destroy(self->settling);
	g_clear_pointer(&self->settling, g_source_unref);
}

static gboolean
uc_network_watch_settled_cb(gpointer user_data)
{
	UcNetworkWatch *self = user_data;

	uc_network_watch_stop_settling(self);
	self->func(self->user_data);
	return G_SOURCE_REMOVE;
}

static void
uc_network_watch_note(UcNetworkWatch *self)
{
	gint64 now_usec = g_get_monotonic_time();
	gint64 left_ms = 0;

	if (self->settling == NULL)
		self->first_usec = now_usec;
	uc_network_watch_stop_settling(self);
	left_ms = (gint64)self->settle_max_ms - (now_usec - self->first_usec) / 1000;
	self->settling = g_timeout_source_new((guint)CLAMP(left_ms, 0, (gint64)self->settle_ms));
	g_source_set_callback(self->settling, uc_network_watch_settled_cb, self, NULL);
	g_source_attach(self->settling, g_main_context_get_thread_default());
}

static void
uc_network_watch_routes_cb(GNetworkMonitor *monitor, gboolean available, gpointer user_data)
{
	g_debug("the routes changed");
	uc_network_watch_note(user_data);
}

static void
uc_network_watch_file_cb(GFileMonitor *monitor,
			 GFile *file,
			 GFile *other,
			 GFileMonitorEvent event,
			 gpointer user_data)
{
	g_debug("resolv.conf changed");
	uc_network_watch_note(user_data);
}

static void
uc_network_watch_signal_cb(GDBusConnection *bus,
			   const gchar *sender,
			   const gchar *path,
			   const gchar *interface,
			   const gchar *signal,
			   GVariant *parameters,
			   gpointer user_data)
{
	g_debug("%s changed", path);
	uc_network_watch_note(user_data);
}

static void
uc_network_watch_subscribe(UcNetworkWatch *self)
{
	for (guint i = 0; i < G_N_ELEMENTS(uc_network_watch_signals); i++)
		self->signals[i] =
		    g_dbus_connection_signal_subscribe(self->bus,
						       uc_network_watch_signals[i].name,
						       UC_NETWORK_WATCH_PROPERTIES,
						       "PropertiesChanged",
						       NULL,
						       uc_network_watch_signals[i].interface,
						       G_DBUS_SIGNAL_FLAGS_NONE,
						       uc_network_watch_signal_cb,
						       self,
						       NULL);
}

static void
uc_network_watch_open_file(UcNetworkWatch *self)
{
	g_autofree gchar *path = uc_path_resolv_conf();
	g_autoptr(GFile) file = g_file_new_for_path(path);
	g_autoptr(GError) error = NULL;

	self->resolv_conf = g_file_monitor_file(file, G_FILE_MONITOR_NONE, NULL, &error);
	if (self->resolv_conf == NULL) {
		g_warning("changes of %s are not seen: %s", path, error->message);
		return;
	}
	g_signal_connect(self->resolv_conf, "changed", G_CALLBACK(uc_network_watch_file_cb), self);
}

/**
 * uc_network_watch_new:
 * @bus: the system bus
 * @settle_ms: tell after so long without a change, in milliseconds, %UC_NETWORK_SETTLE_MS but for
 *   a test
 * @settle_max_ms: tell so long after the first change in any case, in milliseconds
 * @func: called on the thread-default main context
 *
 * Returns: (transfer full): a watch that tells of changes from now on
 */
UcNetworkWatch *
uc_network_watch_new(GDBusConnection *bus,
		     guint settle_ms,
		     guint settle_max_ms,
		     UcNetworkWatchFunc func,
		     gpointer user_data)
{
	UcNetworkWatch *self = g_new0(UcNetworkWatch, 1);

	self->bus = g_object_ref(bus);
	self->settle_ms = settle_ms;
	self->settle_max_ms = settle_max_ms;
	self->func = func;
	self->user_data = user_data;
	self->monitor = g_object_ref(g_network_monitor_get_default());
	g_signal_connect(self->monitor,
			 "network-changed",
			 G_CALLBACK(uc_network_watch_routes_cb),
			 self);
	uc_network_watch_subscribe(self);
	uc_network_watch_open_file(self);
	return self;
}

void
uc_network_watch_free(UcNetworkWatch *self)
{
	uc_network_watch_stop_settling(self);
	for (guint i = 0; i < G_N_ELEMENTS(self->signals); i++)
		g_dbus_connection_signal_unsubscribe(self->bus, self->signals[i]);
	g_signal_handlers_disconnect_by_data(self->monitor, self);
	g_clear_object(&self->monitor);
	if (self->resolv_conf != NULL)
		g_signal_handlers_disconnect_by_data(self->resolv_conf, self);
	g_clear_object(&self->resolv_conf);
	g_clear_object(&self->bus);
	g_free(self);
}
