/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include "fu-uc-endpoint-agent.h"
#include "fu-uc-endpoint-watch.h"

/* Follows the agent's properties InUse, so that everybody can see it, and Withdrawn: what is staged
 * and no longer on offer. Nothing here waits, and nothing here decides: what may happen is asked
 * anew with fu_uc_endpoint_agent_check_step(). */

struct _FuUcEndpointWatch {
	GObject parent_instance;
	GCancellable *cancellable;
	GDBusProxy *proxy;   /* (nullable): until it is there */
	gchar *reason;	     /* (nullable): NULL is "not in use" */
	GVariant *withdrawn; /* (nullable): a{ss}, Id of an endpoint -> version */
	gboolean started;    /* whether the agent was asked to start */
};

enum { SIGNAL_CHANGED, SIGNAL_LAST };

static guint signals[SIGNAL_LAST] = {0};

G_DEFINE_TYPE(FuUcEndpointWatch, fu_uc_endpoint_watch, G_TYPE_OBJECT)

/**
 * fu_uc_endpoint_watch_get_reason:
 * @self: a #FuUcEndpointWatch
 *
 * Returns: (nullable): why the room is in use, for people; %NULL if it is not
 **/
const gchar *
fu_uc_endpoint_watch_get_reason(FuUcEndpointWatch *self)
{
	g_return_val_if_fail(FU_IS_UC_ENDPOINT_WATCH(self), NULL);
	return self->reason;
}

static void
fu_uc_endpoint_watch_set_reason(FuUcEndpointWatch *self, const gchar *reason)
{
	if (g_strcmp0(self->reason, reason) == 0)
		return;
	g_free(self->reason);
	self->reason = g_strdup(reason);
	g_signal_emit(self, signals[SIGNAL_CHANGED], 0);
}

/**
 * fu_uc_endpoint_watch_get_withdrawn:
 * @self: a #FuUcEndpointWatch
 * @endpoint: the `Id` of an endpoint
 *
 * Returns: (nullable): the version that must not be staged any longer, %NULL for none
 **/
const gchar *
fu_uc_endpoint_watch_get_withdrawn(FuUcEndpointWatch *self, const gchar *endpoint)
{
	const gchar *version = NULL;

	g_return_val_if_fail(FU_IS_UC_ENDPOINT_WATCH(self), NULL);
	if (self->withdrawn != NULL)
		(void)g_variant_lookup(self->withdrawn, endpoint, "&s", &version);
	return version;
}

static void
fu_uc_endpoint_watch_update_withdrawn(FuUcEndpointWatch *self)
{
	g_autoptr(GVariant) withdrawn = g_dbus_proxy_get_cached_property(self->proxy, "Withdrawn");

	if (withdrawn == NULL || !g_variant_is_of_type(withdrawn, G_VARIANT_TYPE("a{ss}")))
		return;
	if (self->withdrawn != NULL && g_variant_equal(self->withdrawn, withdrawn))
		return;
	g_clear_pointer(&self->withdrawn, g_variant_unref);
	self->withdrawn = g_steal_pointer(&withdrawn);
	g_signal_emit(self, signals[SIGNAL_CHANGED], 0);
}

static void
fu_uc_endpoint_watch_start_agent(FuUcEndpointWatch *self)
{
	if (self->started)
		return;
	self->started = TRUE;
	g_dbus_connection_call(g_dbus_proxy_get_connection(self->proxy),
			       "org.freedesktop.DBus",
			       "/org/freedesktop/DBus",
			       "org.freedesktop.DBus",
			       "StartServiceByName",
			       g_variant_new("(su)", FU_UC_ENDPOINT_AGENT_NAME, 0),
			       NULL,
			       G_DBUS_CALL_FLAGS_NONE,
			       -1,
			       NULL,
			       NULL,
			       NULL);
}

static void
fu_uc_endpoint_watch_names_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	FuUcEndpointWatch *self = NULL;
	g_autofree gchar *owner = NULL;
	g_autofree const gchar **strv = NULL;
	g_autoptr(GVariant) names = NULL;
	g_autoptr(GError) error_local = NULL;

	names = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error_local);
	if (g_error_matches(error_local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	self = FU_UC_ENDPOINT_WATCH(user_data);
	owner = g_dbus_proxy_get_name_owner(self->proxy);
	if (owner != NULL)
		return;
	if (names != NULL)
		g_variant_get(names, "(^a&s)", &strv);
	if (names != NULL && !g_strv_contains(strv, FU_UC_ENDPOINT_AGENT_NAME)) {
		fu_uc_endpoint_watch_set_reason(self, NULL);
		return;
	}
	fu_uc_endpoint_watch_set_reason(
	    self,
	    "not known whether the room is in use, as the agent does not run");
	fu_uc_endpoint_watch_start_agent(self);
}

static void
fu_uc_endpoint_watch_without_owner(FuUcEndpointWatch *self)
{
	g_dbus_connection_call(g_dbus_proxy_get_connection(self->proxy),
			       "org.freedesktop.DBus",
			       "/org/freedesktop/DBus",
			       "org.freedesktop.DBus",
			       "ListActivatableNames",
			       NULL,
			       G_VARIANT_TYPE("(as)"),
			       G_DBUS_CALL_FLAGS_NONE,
			       -1,
			       self->cancellable,
			       fu_uc_endpoint_watch_names_cb,
			       self);
}

static void
fu_uc_endpoint_watch_update(FuUcEndpointWatch *self)
{
	g_autofree gchar *owner = g_dbus_proxy_get_name_owner(self->proxy);
	g_autoptr(GVariant) in_use = NULL;
	g_autoptr(GVariant) reason = NULL;

	if (owner == NULL) {
		fu_uc_endpoint_watch_without_owner(self);
		return;
	}
	fu_uc_endpoint_watch_update_withdrawn(self);
	in_use = g_dbus_proxy_get_cached_property(self->proxy, "InUse");
	reason = g_dbus_proxy_get_cached_property(self->proxy, "InUseReason");
	if (in_use == NULL || !g_variant_is_of_type(in_use, G_VARIANT_TYPE_BOOLEAN)) {
		fu_uc_endpoint_watch_set_reason(
		    self,
		    "not known whether the room is in use, as the agent does not say");
	} else if (!g_variant_get_boolean(in_use)) {
		fu_uc_endpoint_watch_set_reason(self, NULL);
	} else if (reason != NULL && g_variant_is_of_type(reason, G_VARIANT_TYPE_STRING) &&
		   g_variant_get_string(reason, NULL)[0] != '\0') {
		fu_uc_endpoint_watch_set_reason(self, g_variant_get_string(reason, NULL));
	} else {
		fu_uc_endpoint_watch_set_reason(self, "the room is in use");
	}
}

static void
fu_uc_endpoint_watch_proxy_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	FuUcEndpointWatch *self = NULL;
	GDBusProxy *proxy = NULL;
	g_autoptr(GError) error_local = NULL;

	proxy = g_dbus_proxy_new_for_bus_finish(result, &error_local);
	if (proxy == NULL) {
		if (!g_error_matches(error_local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
			g_info("the agent is not followed: %s", error_local->message);
		return;
	}
	self = FU_UC_ENDPOINT_WATCH(user_data);
	self->proxy = proxy;
	g_signal_connect_swapped(proxy,
				 "g-properties-changed",
				 G_CALLBACK(fu_uc_endpoint_watch_update),
				 self);
	g_signal_connect_swapped(proxy,
				 "notify::g-name-owner",
				 G_CALLBACK(fu_uc_endpoint_watch_update),
				 self);
	fu_uc_endpoint_watch_update(self);
}

static void
fu_uc_endpoint_watch_dispose(GObject *object)
{
	FuUcEndpointWatch *self = FU_UC_ENDPOINT_WATCH(object);
	g_cancellable_cancel(self->cancellable);
	if (self->proxy != NULL)
		g_signal_handlers_disconnect_by_data(self->proxy, self);
	g_clear_object(&self->proxy);
	G_OBJECT_CLASS(fu_uc_endpoint_watch_parent_class)->dispose(object);
}

static void
fu_uc_endpoint_watch_finalize(GObject *object)
{
	FuUcEndpointWatch *self = FU_UC_ENDPOINT_WATCH(object);
	g_object_unref(self->cancellable);
	g_free(self->reason);
	g_clear_pointer(&self->withdrawn, g_variant_unref);
	G_OBJECT_CLASS(fu_uc_endpoint_watch_parent_class)->finalize(object);
}

static void
fu_uc_endpoint_watch_class_init(FuUcEndpointWatchClass *klass)
{
	GObjectClass *object_class = G_OBJECT_CLASS(klass);
	object_class->dispose = fu_uc_endpoint_watch_dispose;
	object_class->finalize = fu_uc_endpoint_watch_finalize;

	/**
	 * FuUcEndpointWatch::changed:
	 * @self: the #FuUcEndpointWatch
	 *
	 * What fu_uc_endpoint_watch_get_reason() or fu_uc_endpoint_watch_get_withdrawn() returns
	 * is different now.
	 **/
	signals[SIGNAL_CHANGED] = g_signal_new("changed",
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
fu_uc_endpoint_watch_init(FuUcEndpointWatch *self)
{
	self->cancellable = g_cancellable_new();
}

/**
 * fu_uc_endpoint_watch_new:
 *
 * Starts to follow the agent on the system bus. Returns at once; an agent that is installed but
 * does not run is started.
 *
 * Returns: (transfer full): a watch
 **/
FuUcEndpointWatch *
fu_uc_endpoint_watch_new(void)
{
	FuUcEndpointWatch *self = g_object_new(FU_TYPE_UC_ENDPOINT_WATCH, NULL);
	g_dbus_proxy_new_for_bus(G_BUS_TYPE_SYSTEM,
				 G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START,
				 NULL,
				 FU_UC_ENDPOINT_AGENT_NAME,
				 FU_UC_ENDPOINT_AGENT_PATH,
				 FU_UC_ENDPOINT_AGENT_INTERFACE,
				 self->cancellable,
				 fu_uc_endpoint_watch_proxy_cb,
				 self);
	return self;
}
