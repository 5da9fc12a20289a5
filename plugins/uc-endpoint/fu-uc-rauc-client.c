/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-rauc-client.h"
#include "fu-uc-rauc-slots.h"

/* RAUC's service on the system bus, de.pengutronix.rauc.Installer; it is started by the bus if it
 * does not run. All calls block, each with a deadline. */

#define FU_UC_RAUC_CLIENT_NAME	      "de.pengutronix.rauc"
#define FU_UC_RAUC_CLIENT_PATH	      "/"
#define FU_UC_RAUC_CLIENT_TIMEOUT_SEC 30 /* of what takes no time */
#define FU_UC_RAUC_CLIENT_BUSY	      "already processing a different method"

struct _FuUcRaucClient {
	GObject parent_instance;
	GDBusConnection *connection; /* (nullable): before the first call */
	guint timeout_ms;
};

G_DEFINE_TYPE(FuUcRaucClient, fu_uc_rauc_client, G_TYPE_OBJECT)

/* whether the same may work later is for others to see from the code; that RAUC is busy it says in
 * words only */
static FwupdError
fu_uc_rauc_client_get_code(const GError *error)
{
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) ||
	    g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_TIMED_OUT))
		return FWUPD_ERROR_TIMED_OUT;
	if (error->domain == G_DBUS_ERROR && error->code != G_DBUS_ERROR_FAILED)
		return FWUPD_ERROR_NOT_REACHABLE;
	if (strstr(error->message, FU_UC_RAUC_CLIENT_BUSY) != NULL)
		return FWUPD_ERROR_BUSY;
	return FWUPD_ERROR_NOT_SUPPORTED;
}

/* @what: that was asked for */
static void
fu_uc_rauc_client_fail(GError *reason, const gchar *what, guint timeout_ms, GError **error)
{
	FwupdError code = fu_uc_rauc_client_get_code(reason);

	g_dbus_error_strip_remote_error(reason);
	if (code == FWUPD_ERROR_TIMED_OUT)
		g_set_error(error,
			    FWUPD_ERROR,
			    code,
			    "RAUC did not answer %s within %u s; see its log, or restart it",
			    what,
			    timeout_ms / 1000);
	else
		g_set_error(error,
			    FWUPD_ERROR,
			    code,
			    "RAUC's %s failed: %s",
			    what,
			    reason->message);
}

static gboolean
fu_uc_rauc_client_open(FuUcRaucClient *self, GError **error)
{
	g_autoptr(GError) error_local = NULL;

	if (self->connection == NULL)
		self->connection = g_bus_get_sync(G_BUS_TYPE_SYSTEM, NULL, &error_local);
	if (self->connection != NULL)
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_NOT_REACHABLE,
		    "RAUC cannot be asked, as there is no system bus: %s",
		    error_local->message);
	return FALSE;
}

static GVariant *
fu_uc_rauc_client_call_full(FuUcRaucClient *self,
			    const gchar *name,
			    const gchar *path,
			    const gchar *interface,
			    const gchar *method,
			    const gchar *what,
			    GVariant *parameters,
			    const gchar *type,
			    guint timeout_ms,
			    GError **error)
{
	g_autoptr(GError) error_local = NULL;
	g_autoptr(GVariant) own = parameters != NULL ? g_variant_ref_sink(parameters) : NULL;
	g_autoptr(GVariant) value = NULL;

	if (!fu_uc_rauc_client_open(self, error))
		return NULL;
	value = g_dbus_connection_call_sync(self->connection,
					    name,
					    path,
					    interface,
					    method,
					    own,
					    G_VARIANT_TYPE(type),
					    G_DBUS_CALL_FLAGS_NONE,
					    (gint)timeout_ms,
					    NULL,
					    &error_local);
	if (value == NULL)
		fu_uc_rauc_client_fail(error_local, what, timeout_ms, error);
	return g_steal_pointer(&value);
}

/**
 * fu_uc_rauc_client_call:
 * @self: a #FuUcRaucClient
 * @method: of RAUC's interface
 * @parameters: (nullable): a tuple
 * @type: of the answer
 * @timeout_ms: how long it may take
 * @error: (nullable): optional return location for an error
 *
 * Returns: (transfer full): the answer, or %NULL with %FWUPD_ERROR_BUSY if RAUC does something
 *else, %FWUPD_ERROR_NOT_REACHABLE if it is not there or ended, %FWUPD_ERROR_TIMED_OUT if it did not
 * answer, and %FWUPD_ERROR_NOT_SUPPORTED if it answered with an error
 **/
GVariant *
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
					   method,
					   parameters,
					   type,
					   timeout_ms,
					   error);
}

/**
 * fu_uc_rauc_client_get_property:
 * @self: a #FuUcRaucClient
 * @property: the name of a property with a text
 * @error: (nullable): optional return location for an error
 *
 * Blocks for at most the time of fu_uc_rauc_client_new().
 *
 * Returns: (transfer full): its value
 **/
gchar *
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
	    property,
	    g_variant_new("(ss)", FU_UC_RAUC_CLIENT_INTERFACE, property),
	    "(v)",
	    self->timeout_ms,
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
 * Blocks for at most the time of fu_uc_rauc_client_new().
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
				       self->timeout_ms,
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
 * Blocks for at most the time of fu_uc_rauc_client_new().
 *
 * Returns: (transfer full): the name of the slot that is started next
 **/
gchar *
fu_uc_rauc_client_get_primary(FuUcRaucClient *self, GError **error)
{
	gchar *primary = NULL;
	g_autoptr(GVariant) value = NULL;

	g_return_val_if_fail(FU_IS_UC_RAUC_CLIENT(self), NULL);
	value = fu_uc_rauc_client_call(self, "GetPrimary", NULL, "(s)", self->timeout_ms, error);
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
 * Blocks for at most the time of fu_uc_rauc_client_new().
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
				       self->timeout_ms,
				       error);
	return value != NULL;
}

/**
 * fu_uc_rauc_client_check_idle:
 * @self: a #FuUcRaucClient
 * @error: (nullable): optional return location for an error
 *
 * RAUC can do one thing at a time, and says of another only that it failed. Blocks for at most the
 * time of fu_uc_rauc_client_new().
 *
 * Returns: %TRUE if it does nothing, or %FALSE with %FWUPD_ERROR_BUSY
 **/
gboolean
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
		/* that RAUC is busy, gone or hangs says nothing about the bundle */
		if (g_error_matches(error_local, FWUPD_ERROR, FWUPD_ERROR_NOT_SUPPORTED)) {
			error_local->code = FWUPD_ERROR_INVALID_FILE;
			g_prefix_error(&error_local, "the bundle is refused: ");
		}
		g_propagate_error(error, g_steal_pointer(&error_local));
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

/**
 * fu_uc_rauc_client_get_owner:
 * @self: a #FuUcRaucClient
 * @error: (nullable): optional return location for an error
 *
 * Blocks for at most the time of fu_uc_rauc_client_new().
 *
 * Returns: (transfer full): the process that has RAUC's name now; signals count only from there
 **/
gchar *
fu_uc_rauc_client_get_owner(FuUcRaucClient *self, GError **error)
{
	gchar *owner = NULL;
	g_autoptr(GVariant) value = NULL;

	value = fu_uc_rauc_client_call_full(self,
					    "org.freedesktop.DBus",
					    "/org/freedesktop/DBus",
					    "org.freedesktop.DBus",
					    "GetNameOwner",
					    "GetNameOwner",
					    g_variant_new("(s)", FU_UC_RAUC_CLIENT_NAME),
					    "(s)",
					    self->timeout_ms,
					    error);
	if (value == NULL)
		return NULL;
	g_variant_get(value, "(s)", &owner);
	return owner;
}

/**
 * fu_uc_rauc_client_get_timeout_ms:
 * @self: a #FuUcRaucClient
 *
 * Returns: how long what takes no time may take, in milliseconds
 **/
guint
fu_uc_rauc_client_get_timeout_ms(FuUcRaucClient *self)
{
	g_return_val_if_fail(FU_IS_UC_RAUC_CLIENT(self), 0);
	return self->timeout_ms;
}

/**
 * fu_uc_rauc_client_get_connection:
 * @self: a #FuUcRaucClient
 *
 * Returns: (transfer none): the system bus, once a call has reached RAUC
 **/
GDBusConnection *
fu_uc_rauc_client_get_connection(FuUcRaucClient *self)
{
	g_return_val_if_fail(FU_IS_UC_RAUC_CLIENT(self), NULL);
	return self->connection;
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
 * @timeout_secs: how long RAUC may take for anything; what takes no time may take 30 s at most
 *
 * The first call connects to the system bus, and starts RAUC if it does not run; it fails with
 * %FWUPD_ERROR_NOT_REACHABLE if there is no system bus, as late in a shutdown.
 *
 * Returns: (transfer full): a client
 **/
FuUcRaucClient *
fu_uc_rauc_client_new(guint timeout_secs)
{
	FuUcRaucClient *self = g_object_new(FU_TYPE_UC_RAUC_CLIENT, NULL);
	self->timeout_ms = MIN(timeout_secs, FU_UC_RAUC_CLIENT_TIMEOUT_SEC) * 1000;
	return self;
}
