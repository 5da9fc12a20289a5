/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-rauc-install.h"

/* RAUC's InstallBundle, from its beginning to its end. It answers at once and says later how it
 * went: while a plugin works nobody iterates the daemon's main loop, so that signals are received
 * on a context of our own. */

/* one installation, while it goes on */
typedef struct {
	FuProgress *progress; /* not owned */
	guint percentage;
	gint result; /* of Completed */
	gboolean completed;
	gboolean vanished; /* RAUC ended in between */
	gboolean timed_out;
} FuUcRaucInstall;

static void
fu_uc_rauc_install_completed_cb(GDBusConnection *connection,
				const gchar *sender,
				const gchar *path,
				const gchar *interface,
				const gchar *signal,
				GVariant *parameters,
				gpointer user_data)
{
	FuUcRaucInstall *install = user_data;

	if (!g_variant_is_of_type(parameters, G_VARIANT_TYPE("(i)")))
		return;
	g_variant_get(parameters, "(i)", &install->result);
	install->completed = TRUE;
}

/* RAUC counts each nested step, so that its percentage only grows; ours must, too */
static void
fu_uc_rauc_install_changed_cb(GDBusConnection *connection,
			      const gchar *sender,
			      const gchar *path,
			      const gchar *interface,
			      const gchar *signal,
			      GVariant *parameters,
			      gpointer user_data)
{
	FuUcRaucInstall *install = user_data;
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
fu_uc_rauc_install_vanished_cb(GDBusConnection *connection,
			       const gchar *sender,
			       const gchar *path,
			       const gchar *interface,
			       const gchar *signal,
			       GVariant *parameters,
			       gpointer user_data)
{
	FuUcRaucInstall *install = user_data;
	const gchar *owner = NULL;

	if (!g_variant_is_of_type(parameters, G_VARIANT_TYPE("(sss)")))
		return;
	g_variant_get(parameters, "(&s&s&s)", NULL, NULL, &owner);
	if (owner[0] == '\0')
		install->vanished = TRUE;
}

static gboolean
fu_uc_rauc_install_timeout_cb(gpointer user_data)
{
	FuUcRaucInstall *install = user_data;
	install->timed_out = TRUE;
	return G_SOURCE_REMOVE;
}

static void
fu_uc_rauc_install_wait(FuUcRaucInstall *install, GMainContext *context, guint timeout_ms)
{
	g_autoptr(GSource) source = g_timeout_source_new(timeout_ms);

	g_source_set_callback(source, fu_uc_rauc_install_timeout_cb, install, NULL);
	g_source_attach(source, context);
	while (!install->completed && !install->vanished && !install->timed_out)
		g_main_context_iteration(context, TRUE);
	g_source_destroy(source);
}

static gboolean
fu_uc_rauc_install_check(FuUcRaucClient *self,
			 const FuUcRaucInstall *install,
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

static guint
fu_uc_rauc_install_subscribe(FuUcRaucClient *self,
			     const gchar *sender,
			     const gchar *interface,
			     const gchar *signal,
			     const gchar *arg0,
			     GDBusSignalCallback func,
			     FuUcRaucInstall *install)
{
	return g_dbus_connection_signal_subscribe(fu_uc_rauc_client_get_connection(self),
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
fu_uc_rauc_install_start(FuUcRaucClient *self,
			 const gchar *filename,
			 guint timeout_ms,
			 GMainContext *context,
			 FuUcRaucInstall *install,
			 GError **error)
{
	guint ids[3] = {0};
	g_autofree gchar *owner = fu_uc_rauc_client_get_owner(self, error);
	g_autoptr(GVariant) value = NULL;

	if (owner == NULL)
		return FALSE;
	ids[0] = fu_uc_rauc_install_subscribe(self,
					      owner,
					      FU_UC_RAUC_CLIENT_INTERFACE,
					      "Completed",
					      NULL,
					      fu_uc_rauc_install_completed_cb,
					      install);
	ids[1] = fu_uc_rauc_install_subscribe(self,
					      owner,
					      "org.freedesktop.DBus.Properties",
					      "PropertiesChanged",
					      FU_UC_RAUC_CLIENT_INTERFACE,
					      fu_uc_rauc_install_changed_cb,
					      install);
	ids[2] = fu_uc_rauc_install_subscribe(self,
					      "org.freedesktop.DBus",
					      "org.freedesktop.DBus",
					      "NameOwnerChanged",
					      owner,
					      fu_uc_rauc_install_vanished_cb,
					      install);
	value = fu_uc_rauc_client_call(self,
				       "InstallBundle",
				       g_variant_new("(sa{sv})", filename, NULL),
				       "()",
				       fu_uc_rauc_client_get_timeout_ms(self),
				       error);
	if (value != NULL)
		fu_uc_rauc_install_wait(install, context, timeout_ms);
	for (guint i = 0; i < G_N_ELEMENTS(ids); i++)
		g_dbus_connection_signal_unsubscribe(fu_uc_rauc_client_get_connection(self),
						     ids[i]);

	/* what was on its way to the context is dropped with the subscriptions */
	while (g_main_context_iteration(context, FALSE))
		;
	return value != NULL;
}

/**
 * fu_uc_rauc_install:
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
fu_uc_rauc_install(FuUcRaucClient *self,
		   const gchar *filename,
		   guint timeout_ms,
		   FuProgress *progress,
		   GError **error)
{
	FuUcRaucInstall install = {.progress = progress};
	gboolean started;
	g_autoptr(GMainContext) context = NULL;

	g_return_val_if_fail(FU_IS_UC_RAUC_CLIENT(self), FALSE);
	if (!fu_uc_rauc_client_check_idle(self, error))
		return FALSE;
	context = g_main_context_new();
	g_main_context_push_thread_default(context);
	started = fu_uc_rauc_install_start(self, filename, timeout_ms, context, &install, error);
	g_main_context_pop_thread_default(context);
	return started && fu_uc_rauc_install_check(self, &install, timeout_ms, error);
}
