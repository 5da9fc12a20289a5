/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include "uc-boot-complete.h"

/* Waits until systemd has reached boot-complete.target: what the machine calls a successful start,
 * systemd.special(7). */

#define UC_BOOT_COMPLETE_UNIT	 "boot-complete.target"
#define UC_BOOT_COMPLETE_CALL_MS 10000
#define UC_BOOT_COMPLETE_SYSTEMD "org.freedesktop.systemd1"

static gint
uc_boot_complete_left_ms(gint64 deadline_usec)
{
	gint64 left_ms = (deadline_usec - g_get_monotonic_time()) / 1000;
	return (gint)CLAMP(left_ms, 1, G_MAXINT);
}

static GVariant *
uc_boot_complete_call(GDBusConnection *bus,
		      const gchar *method,
		      GVariant *parameters,
		      const gchar *type,
		      gint64 deadline_usec,
		      GError **error)
{
	gint timeout_ms = MIN(UC_BOOT_COMPLETE_CALL_MS, uc_boot_complete_left_ms(deadline_usec));

	return g_dbus_connection_call_sync(bus,
					   UC_BOOT_COMPLETE_SYSTEMD,
					   "/org/freedesktop/systemd1",
					   "org.freedesktop.systemd1.Manager",
					   method,
					   parameters,
					   G_VARIANT_TYPE(type),
					   G_DBUS_CALL_FLAGS_NONE,
					   timeout_ms,
					   NULL,
					   error);
}

/* systemd says what changes only to those who subscribe */
static GDBusProxy *
uc_boot_complete_watch(GDBusConnection *bus, gint64 deadline_usec, GError **error)
{
	const gchar *path = NULL;
	g_autoptr(GVariant) subscribed = NULL;
	g_autoptr(GVariant) unit = NULL;

	subscribed = uc_boot_complete_call(bus, "Subscribe", NULL, "()", deadline_usec, error);
	if (subscribed == NULL)
		return NULL;
	unit = uc_boot_complete_call(bus,
				     "LoadUnit",
				     g_variant_new("(s)", UC_BOOT_COMPLETE_UNIT),
				     "(o)",
				     deadline_usec,
				     error);
	if (unit == NULL)
		return NULL;
	g_variant_get(unit, "(&o)", &path);
	return g_dbus_proxy_new_sync(bus,
				     G_DBUS_PROXY_FLAGS_NONE,
				     NULL,
				     UC_BOOT_COMPLETE_SYSTEMD,
				     path,
				     "org.freedesktop.systemd1.Unit",
				     NULL,
				     error);
}

static gboolean
uc_boot_complete_is_active(GDBusProxy *proxy)
{
	g_autoptr(GVariant) state = g_dbus_proxy_get_cached_property(proxy, "ActiveState");

	return state != NULL && g_variant_is_of_type(state, G_VARIANT_TYPE_STRING) &&
	       g_str_equal(g_variant_get_string(state, NULL), "active");
}

static void
uc_boot_complete_changed_cb(GDBusProxy *proxy,
			    GVariant *changed,
			    GStrv invalidated,
			    GMainLoop *loop)
{
	if (uc_boot_complete_is_active(proxy))
		g_main_loop_quit(loop);
}

static gboolean
uc_boot_complete_timeout_cb(gpointer user_data)
{
	g_main_loop_quit((GMainLoop *)user_data);
	return G_SOURCE_CONTINUE;
}

/**
 * uc_boot_complete_wait:
 * @deadline_usec: on the monotonic clock
 * @error: (nullable): optional return location for an error
 *
 * Blocks until the start of the machine counts as successful.
 *
 * Returns: %TRUE once it does; %FALSE with %FWUPD_ERROR_TIMED_OUT at the deadline, or with why
 * systemd could not be asked
 **/
gboolean
uc_boot_complete_wait(gint64 deadline_usec, GError **error)
{
	guint timeout_id = 0;
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	g_autoptr(GDBusConnection) bus = g_bus_get_sync(G_BUS_TYPE_SYSTEM, NULL, error);
	g_autoptr(GDBusProxy) proxy = NULL;

	if (bus != NULL)
		proxy = uc_boot_complete_watch(bus, deadline_usec, error);
	if (proxy == NULL) {
		g_prefix_error(error, "systemd cannot be asked for %s: ", UC_BOOT_COMPLETE_UNIT);
		return FALSE;
	}
	g_signal_connect(proxy,
			 "g-properties-changed",
			 G_CALLBACK(uc_boot_complete_changed_cb),
			 loop);
	timeout_id = g_timeout_add((guint)uc_boot_complete_left_ms(deadline_usec),
				   uc_boot_complete_timeout_cb,
				   loop);
	if (!uc_boot_complete_is_active(proxy))
		g_main_loop_run(loop);
	g_source_remove(timeout_id);
	g_signal_handlers_disconnect_by_data(proxy, loop);
	if (uc_boot_complete_is_active(proxy))
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_TIMED_OUT,
		    "%s was not reached",
		    UC_BOOT_COMPLETE_UNIT);
	return FALSE;
}
