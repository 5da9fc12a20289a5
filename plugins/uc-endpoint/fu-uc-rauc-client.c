/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-rauc-client.h"
#include "fu-uc-rauc-slots.h"

/* RAUC's service on the system bus, de.pengutronix.rauc.Installer; it is started by the bus if it
 * does not run. All calls block, each with a deadline: while a plugin works nobody iterates the
 * daemon's main loop, so that signals are received on a context of our own. */

#define FU_UC_RAUC_CLIENT_NAME	     "de.pengutronix.rauc"
#define FU_UC_RAUC_CLIENT_PATH	     "/"
#define FU_UC_RAUC_CLIENT_INTERFACE  "de.pengutronix.rauc.Installer"
#define FU_UC_RAUC_CLIENT_TIMEOUT_MS 30000

struct _FuUcRaucClient {
	GObject parent_instance;
	GDBusConnection *connection;
};

G_DEFINE_TYPE(FuUcRaucClient, fu_uc_rauc_client, G_TYPE_OBJECT)

/* one installation, while it goes on */
typedef struct {
	FuProgress *progress; /* not owned */
	guint percentage;
	gint result; /* of Completed */
	gboolean completed;
	gboolean vanished; /* RAUC ended in between */
	gboolean timed_out;
} FuUcRaucClientInstall;

static GVariant *
fu_uc_rauc_client_call_full(FuUcRaucClient *self,
			    const gchar *name,
			    const gchar *path,
			    const gchar *interface,
			    const gchar *method,
			    GVariant *parameters,
			    const gchar *type,
			    guint timeout_ms,
			    GError **error)
{
	g_autoptr(GError) error_local = NULL;
	g_autoptr(GVariant) value = NULL;

	value = g_dbus_connection_call_sync(self->connection,
					    name,
					    path,
					    interface,
					    method,
					    parameters,
					    G_VARIANT_TYPE(type),
					    G_DBUS_CALL_FLAGS_NONE,
					    (gint)timeout_ms,
					    NULL,
					    &error_local);
	if (value != NULL)
		return g_steal_pointer(&value);
	g_dbus_error_strip_remote_error(error_local);
	g_set_error(error,
		    FWUPD_ERROR,
		    g_error_matches(error_local, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)
			? FWUPD_ERROR_TIMED_OUT
			: FWUPD_ERROR_NOT_SUPPORTED,
		    "RAUC's %s failed: %s",
		    method,
		    error_local->message);
	return NULL;
}

static GVariant *
fu_uc_rauc_client_call(FuUcRaucClient *self,
		       const gchar *method,
		       GVariant *parameters,
		       const gchar *type,
		       guint timeout_ms,
		       GError **error)
{
	return fu_uc_rauc_client_call_full(self,
					   FU_UC_RAUC_CLIENT_NAME,
					   FU_UC_RAUC_CLIENT_PATH,
					   FU_UC_RAUC_CLIENT_INTERFACE,
					   method,
					   parameters,
					   type,
					   timeout_ms,
					   error);
}

static gchar *
fu_uc_rauc_client_get_property(FuUcRaucClient *self, const gchar *property, GError **error)
{
	g_autoptr(GVariant) value = NULL;
	g_autoptr(GVariant) inner = NULL;

	value = fu_uc_rauc_client_call_full(
	    self,
	    FU_UC_RAUC_CLIENT_NAME,
	    FU_UC_RAUC_CLIENT_PATH,
	    "org.freedesktop.DBus.Properties",
	    "Get",
	    g_variant_new("(ss)", FU_UC_RAUC_CLIENT_INTERFACE, property),
	    "(v)",
	    FU_UC_RAUC_CLIENT_TIMEOUT_MS,
	    error);
	if (value == NULL)
		return NULL;
	g_variant_get(value, "(v)", &inner);
	if (g_variant_is_of_type(inner, G_VARIANT_TYPE_STRING))
		return g_variant_dup_string(inner, NULL);
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_INVALID_DATA,
		    "RAUC's %s has type %s, expected s",
		    property,
		    g_variant_get_type_string(inner));
	return NULL;
}

/**
 * fu_uc_rauc_client_get_slots:
 * @self: a #FuUcRaucClient
 * @error: (nullable): optional return location for an error
 *
 * Blocks for at most 30 s.
 *
 * Returns: (transfer container) (element-type FuUcRaucSlot): what RAUC knows about its slots
 **/
GPtrArray *
fu_uc_rauc_client_get_slots(FuUcRaucClient *self, GError **error)
{
	g_autoptr(GVariant) value = NULL;

	g_return_val_if_fail(FU_IS_UC_RAUC_CLIENT(self), NULL);
	value = fu_uc_rauc_client_call(self,
				       "GetSlotStatus",
				       NULL,
				       "(a(sa{sv}))",
				       FU_UC_RAUC_CLIENT_TIMEOUT_MS,
				       error);
	if (value == NULL)
		return NULL;
	return fu_uc_rauc_slots_from_variant(value, error);
}

/**
 * fu_uc_rauc_client_get_primary:
 * @self: a #FuUcRaucClient
 * @error: (nullable): optional return location for an error
 *
 * Blocks for at most 30 s.
 *
 * Returns: (transfer full): the name of the slot that is started next
 **/
gchar *
fu_uc_rauc_client_get_primary(FuUcRaucClient *self, GError **error)
{
	gchar *primary = NULL;
	g_autoptr(GVariant) value = NULL;

	g_return_val_if_fail(FU_IS_UC_RAUC_CLIENT(self), NULL);
	value = fu_uc_rauc_client_call(self,
				       "GetPrimary",
				       NULL,
				       "(s)",
				       FU_UC_RAUC_CLIENT_TIMEOUT_MS,
				       error);
	if (value == NULL)
		return NULL;
	g_variant_get(value, "(s)", &primary);
	return primary;
}

/**
 * fu_uc_rauc_client_mark:
 * @self: a #FuUcRaucClient
 * @state: `active`, `good` or `bad`
 * @slot: the name of a slot, or `booted`
 * @error: (nullable): optional return location for an error
 *
 * Blocks for at most 30 s.
 *
 * Returns: %TRUE if RAUC says that it did it
 **/
gboolean
fu_uc_rauc_client_mark(FuUcRaucClient *self, const gchar *state, const gchar *slot, GError **error)
{
	g_autoptr(GVariant) value = NULL;

	g_return_val_if_fail(FU_IS_UC_RAUC_CLIENT(self), FALSE);
	value = fu_uc_rauc_client_call(self,
				       "Mark",
				       g_variant_new("(ss)", state, slot),
				       "(ss)",
				       FU_UC_RAUC_CLIENT_TIMEOUT_MS,
				       error);
	return value != NULL;
}

/* it can do one thing at a time, and says of another only that it failed */
static gboolean
fu_uc_rauc_client_check_idle(FuUcRaucClient *self, GError **error)
{
	g_autofree gchar *operation = fu_uc_rauc_client_get_property(self, "Operation", error);

	if (operation == NULL)
		return FALSE;
	if (g_str_equal(operation, "idle"))
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_BUSY,
		    "RAUC is %s already; try again when that has ended",
		    operation);
	return FALSE;
}

/**
 * fu_uc_rauc_client_inspect:
 * @self: a #FuUcRaucClient
 * @filename: a bundle
 * @timeout_ms: how long RAUC may take to read it
 * @error: (nullable): optional return location for an error
 *
 * RAUC checks the signature of the bundle, and `compatible` is compared with that of this system.
 *
 * Returns: (transfer full): the version of the bundle in the vendor's spelling, or %NULL with
 * %FWUPD_ERROR_INVALID_FILE if RAUC refuses the bundle, %FWUPD_ERROR_NOT_SUPPORTED if it is for
 * something else, %FWUPD_ERROR_BUSY if RAUC installs another one
 **/
gchar *
fu_uc_rauc_client_inspect(FuUcRaucClient *self,
			  const gchar *filename,
			  guint timeout_ms,
			  GError **error)
{
	g_autofree gchar *own = NULL;
	g_autofree gchar *compatible = NULL;
	g_autofree gchar *version = NULL;
	g_autoptr(GError) error_local = NULL;
	g_autoptr(GVariant) value = NULL;

	g_return_val_if_fail(FU_IS_UC_RAUC_CLIENT(self), NULL);
	if (!fu_uc_rauc_client_check_idle(self, error))
		return NULL;
	own = fu_uc_rauc_client_get_property(self, "Compatible", error);
	if (own == NULL)
		return NULL;
	value = fu_uc_rauc_client_call(self,
				       "Info",
				       g_variant_new("(s)", filename),
				       "(ss)",
				       timeout_ms,
				       &error_local);
	if (value == NULL) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_FILE,
			    "the bundle is refused: %s",
			    error_local->message);
		return NULL;
	}
	g_variant_get(value, "(ss)", &compatible, &version);
	if (!g_str_equal(compatible, own)) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_NOT_SUPPORTED,
			    "bundle is compatible with %s, this endpoint is %s",
			    compatible,
			    own);
		return NULL;
	}
	if (version[0] != '\0')
		return g_steal_pointer(&version);
	g_set_error_literal(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_FILE,
			    "bundle has no version, expected version= in its manifest");
	return NULL;
}

static void
fu_uc_rauc_client_completed_cb(GDBusConnection *connection,
			       const gchar *sender,
			       const gchar *path,
			       const gchar *interface,
			       const gchar *signal,
			       GVariant *parameters,
			       gpointer user_data)
{
	FuUcRaucClientInstall *install = user_data;

	if (!g_variant_is_of_type(parameters, G_VARIANT_TYPE("(i)")))
		return;
	g_variant_get(parameters, "(i)", &install->result);
	install->completed = TRUE;
}

/* RAUC counts each nested step, so that its percentage only grows; ours must, too */
static void
fu_uc_rauc_client_changed_cb(GDBusConnection *connection,
			     const gchar *sender,
			     const gchar *path,
			     const gchar *interface,
			     const gchar *signal,
			     GVariant *parameters,
			     gpointer user_data)
{
	FuUcRaucClientInstall *install = user_data;
	gint percentage = 0;
	g_autoptr(GVariant) properties = NULL;

	if (!g_variant_is_of_type(parameters, G_VARIANT_TYPE("(sa{sv}as)")))
		return;
	properties = g_variant_get_child_value(parameters, 1);
	if (!g_variant_lookup(properties, "Progress", "(isi)", &percentage, NULL, NULL))
		return;
	if (percentage <= (gint)install->percentage || percentage > 100)
		return;
	install->percentage = (guint)percentage;
	fu_progress_set_percentage(install->progress, install->percentage);
}

static void
fu_uc_rauc_client_vanished_cb(GDBusConnection *connection,
			      const gchar *sender,
			      const gchar *path,
			      const gchar *interface,
			      const gchar *signal,
			      GVariant *parameters,
			      gpointer user_data)
{
	FuUcRaucClientInstall *install = user_data;
	const gchar *owner = NULL;

	if (!g_variant_is_of_type(parameters, G_VARIANT_TYPE("(sss)")))
		return;
	g_variant_get(parameters, "(&s&s&s)", NULL, NULL, &owner);
	if (owner[0] == '\0')
		install->vanished = TRUE;
}

static gboolean
fu_uc_rauc_client_timeout_cb(gpointer user_data)
{
	FuUcRaucClientInstall *install = user_data;
	install->timed_out = TRUE;
	return G_SOURCE_REMOVE;
}

static void
fu_uc_rauc_client_wait(FuUcRaucClientInstall *install, GMainContext *context, guint timeout_ms)
{
	g_autoptr(GSource) source = g_timeout_source_new(timeout_ms);

	g_source_set_callback(source, fu_uc_rauc_client_timeout_cb, install, NULL);
	g_source_attach(source, context);
	while (!install->completed && !install->vanished && !install->timed_out)
		g_main_context_iteration(context, TRUE);
	g_source_destroy(source);
}

static gboolean
fu_uc_rauc_client_check_install(FuUcRaucClient *self,
				const FuUcRaucClientInstall *install,
				guint timeout_ms,
				GError **error)
{
	g_autofree gchar *last_error = NULL;

	if (install->completed && install->result == 0)
		return TRUE;
	if (install->vanished) {
		g_set_error_literal(error,
				    FWUPD_ERROR,
				    FWUPD_ERROR_WRITE,
				    "RAUC ended while it installed the bundle; see its log, and "
				    "install again");
		return FALSE;
	}
	if (install->timed_out) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_TIMED_OUT,
			    "RAUC did not install the bundle within %u s; see its log, or set "
			    "[Install] TimeoutSec",
			    timeout_ms / 1000);
		return FALSE;
	}
	last_error = fu_uc_rauc_client_get_property(self, "LastError", NULL);
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_WRITE,
		    "RAUC did not install the bundle: %s",
		    last_error != NULL && last_error[0] != '\0' ? last_error
								: "it gives no reason");
	return FALSE;
}

/* signals count only from the process that has the name now */
static gchar *
fu_uc_rauc_client_get_owner(FuUcRaucClient *self, GError **error)
{
	gchar *owner = NULL;
	g_autoptr(GVariant) value = NULL;

	value = fu_uc_rauc_client_call_full(self,
					    "org.freedesktop.DBus",
					    "/org/freedesktop/DBus",
					    "org.freedesktop.DBus",
					    "GetNameOwner",
					    g_variant_new("(s)", FU_UC_RAUC_CLIENT_NAME),
					    "(s)",
					    FU_UC_RAUC_CLIENT_TIMEOUT_MS,
					    error);
	if (value == NULL)
		return NULL;
	g_variant_get(value, "(s)", &owner);
	return owner;
}

static guint
fu_uc_rauc_client_subscribe(FuUcRaucClient *self,
			    const gchar *sender,
			    const gchar *interface,
			    const gchar *signal,
			    const gchar *arg0,
			    GDBusSignalCallback func,
			    FuUcRaucClientInstall *install)
{
	return g_dbus_connection_signal_subscribe(self->connection,
						  sender,
						  interface,
						  signal,
						  NULL,
						  arg0,
						  G_DBUS_SIGNAL_FLAGS_NONE,
						  func,
						  install,
						  NULL);
}

static gboolean
fu_uc_rauc_client_install_and_wait(FuUcRaucClient *self,
				   const gchar *filename,
				   guint timeout_ms,
				   GMainContext *context,
				   FuUcRaucClientInstall *install,
				   GError **error)
{
	guint ids[3] = {0};
	g_autofree gchar *owner = fu_uc_rauc_client_get_owner(self, error);
	g_autoptr(GVariant) value = NULL;

	if (owner == NULL)
		return FALSE;
	ids[0] = fu_uc_rauc_client_subscribe(self,
					     owner,
					     FU_UC_RAUC_CLIENT_INTERFACE,
					     "Completed",
					     NULL,
					     fu_uc_rauc_client_completed_cb,
					     install);
	ids[1] = fu_uc_rauc_client_subscribe(self,
					     owner,
					     "org.freedesktop.DBus.Properties",
					     "PropertiesChanged",
					     FU_UC_RAUC_CLIENT_INTERFACE,
					     fu_uc_rauc_client_changed_cb,
					     install);
	ids[2] = fu_uc_rauc_client_subscribe(self,
					     "org.freedesktop.DBus",
					     "org.freedesktop.DBus",
					     "NameOwnerChanged",
					     owner,
					     fu_uc_rauc_client_vanished_cb,
					     install);
	value = fu_uc_rauc_client_call(self,
				       "InstallBundle",
				       g_variant_new("(sa{sv})", filename, NULL),
				       "()",
				       FU_UC_RAUC_CLIENT_TIMEOUT_MS,
				       error);
	if (value != NULL)
		fu_uc_rauc_client_wait(install, context, timeout_ms);
	for (guint i = 0; i < G_N_ELEMENTS(ids); i++)
		g_dbus_connection_signal_unsubscribe(self->connection, ids[i]);

	/* what was on its way to the context is dropped with the subscriptions */
	while (g_main_context_iteration(context, FALSE))
		;
	return value != NULL;
}

/**
 * fu_uc_rauc_client_install:
 * @self: a #FuUcRaucClient
 * @filename: a bundle
 * @timeout_ms: how long the installation may take
 * @progress: a #FuProgress without steps
 * @error: (nullable): optional return location for an error
 *
 * Installs a bundle into the slots that do not run, and waits for the end. RAUC cannot be told to
 * stop: after @timeout_ms it goes on, and the next installation is refused until it has ended.
 *
 * Returns: %TRUE if RAUC says that it went well
 **/
gboolean
fu_uc_rauc_client_install(FuUcRaucClient *self,
			  const gchar *filename,
			  guint timeout_ms,
			  FuProgress *progress,
			  GError **error)
{
	FuUcRaucClientInstall install = {.progress = progress};
	gboolean started;
	g_autoptr(GMainContext) context = NULL;

	g_return_val_if_fail(FU_IS_UC_RAUC_CLIENT(self), FALSE);
	if (!fu_uc_rauc_client_check_idle(self, error))
		return FALSE;
	context = g_main_context_new();
	g_main_context_push_thread_default(context);
	started = fu_uc_rauc_client_install_and_wait(self,
						     filename,
						     timeout_ms,
						     context,
						     &install,
						     error);
	g_main_context_pop_thread_default(context);
	return started && fu_uc_rauc_client_check_install(self, &install, timeout_ms, error);
}

static void
fu_uc_rauc_client_finalize(GObject *object)
{
	FuUcRaucClient *self = FU_UC_RAUC_CLIENT(object);
	g_clear_object(&self->connection);
	G_OBJECT_CLASS(fu_uc_rauc_client_parent_class)->finalize(object);
}

static void
fu_uc_rauc_client_class_init(FuUcRaucClientClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = fu_uc_rauc_client_finalize;
}

static void
fu_uc_rauc_client_init(FuUcRaucClient *self)
{
}

/**
 * fu_uc_rauc_client_new:
 * @error: (nullable): optional return location for an error
 *
 * Connects to the system bus. RAUC itself is only asked, and started, by the first call.
 *
 * Returns: (transfer full): a client, or %NULL with %FWUPD_ERROR_NOT_REACHABLE if there is no
 * system bus, as late in a shutdown
 **/
FuUcRaucClient *
fu_uc_rauc_client_new(GError **error)
{
	g_autoptr(FuUcRaucClient) self = g_object_new(FU_TYPE_UC_RAUC_CLIENT, NULL);
	g_autoptr(GError) error_local = NULL;

	self->connection = g_bus_get_sync(G_BUS_TYPE_SYSTEM, NULL, &error_local);
	if (self->connection != NULL)
		return g_steal_pointer(&self);
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_NOT_REACHABLE,
		    "RAUC cannot be asked, as there is no system bus: %s",
		    error_local->message);
	return NULL;
}
