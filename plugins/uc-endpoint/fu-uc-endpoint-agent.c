/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include "fu-uc-endpoint-agent.h"

/* Asks the agent whether a step may happen now.
 *
 * The policy enforced here: a step is allowed if the agent says so, or if no agent is installed at
 * all (polkit has asked an administrator then). An agent that does not answer within two seconds,
 * or is installed but cannot be started, counts as "in use"; only `--force` passes that. The calls
 * are synchronous with a deadline, as the daemon's main loop is blocked while it installs. */

static GVariant *
fu_uc_endpoint_agent_call_bus(GDBusConnection *connection,
			      const gchar *method,
			      GVariant *parameters,
			      const gchar *type,
			      gint64 deadline_usec,
			      GError **error)
{
	gint64 left_ms = (deadline_usec - g_get_monotonic_time()) / 1000;

	return g_dbus_connection_call_sync(connection,
					   "org.freedesktop.DBus",
					   "/org/freedesktop/DBus",
					   "org.freedesktop.DBus",
					   method,
					   parameters,
					   G_VARIANT_TYPE(type),
					   G_DBUS_CALL_FLAGS_NONE,
					   MAX((gint)left_ms, 1),
					   NULL,
					   error);
}

/* owned or activatable */
static gboolean
fu_uc_endpoint_agent_is_installed(GDBusConnection *connection,
				  gint64 deadline_usec,
				  gboolean *installed_out,
				  GError **error)
{
	g_autoptr(GVariant) owned = NULL;
	g_autoptr(GVariant) names = NULL;
	g_autofree const gchar **strv = NULL;

	owned = fu_uc_endpoint_agent_call_bus(connection,
					      "NameHasOwner",
					      g_variant_new("(s)", FU_UC_ENDPOINT_AGENT_NAME),
					      "(b)",
					      deadline_usec,
					      error);
	if (owned == NULL)
		return FALSE;
	g_variant_get(owned, "(b)", installed_out);
	if (*installed_out)
		return TRUE;
	names = fu_uc_endpoint_agent_call_bus(connection,
					      "ListActivatableNames",
					      NULL,
					      "(as)",
					      deadline_usec,
					      error);
	if (names == NULL)
		return FALSE;
	g_variant_get(names, "(^a&s)", &strv);
	*installed_out = g_strv_contains(strv, FU_UC_ENDPOINT_AGENT_NAME);
	return TRUE;
}

static GVariant *
fu_uc_endpoint_agent_call_check_step(GDBusConnection *connection,
				     const gchar *endpoint,
				     const gchar *step,
				     gboolean forced,
				     gint64 deadline_usec,
				     GError **error)
{
	gint64 left_ms = (deadline_usec - g_get_monotonic_time()) / 1000;

	return g_dbus_connection_call_sync(connection,
					   FU_UC_ENDPOINT_AGENT_NAME,
					   FU_UC_ENDPOINT_AGENT_PATH,
					   FU_UC_ENDPOINT_AGENT_INTERFACE,
					   "CheckStep",
					   g_variant_new("(ssb)", endpoint, step, forced),
					   G_VARIANT_TYPE("(bs)"),
					   G_DBUS_CALL_FLAGS_NONE,
					   MAX((gint)left_ms, 1),
					   NULL,
					   error);
}

static gboolean
fu_uc_endpoint_agent_unknown(const gchar *endpoint,
			     gboolean forced,
			     const GError *error_bus,
			     GError **error)
{
	if (forced) {
		g_info("%s: the agent gave no answer, forced anyway: %s",
		       endpoint,
		       error_bus->message);
		return TRUE;
	}
	if (g_error_matches(error_bus, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) ||
	    g_error_matches(error_bus, G_DBUS_ERROR, G_DBUS_ERROR_TIMED_OUT)) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_BUSY,
			    "%s may be in use: the agent did not answer within %d s; try again, or "
			    "use --force if nobody uses it",
			    endpoint,
			    FU_UC_ENDPOINT_AGENT_TIMEOUT_MS / 1000);
		return FALSE;
	}
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_BUSY,
		    "%s may be in use: the agent gave no answer (%s); try again, or use --force if "
		    "nobody uses it",
		    endpoint,
		    error_bus->message);
	return FALSE;
}

static gboolean
fu_uc_endpoint_agent_check_answer(const gchar *endpoint, GVariant *answer, GError **error)
{
	gboolean allowed = FALSE;
	const gchar *reason = NULL;

	g_variant_get(answer, "(b&s)", &allowed, &reason);
	if (allowed)
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_BUSY,
		    "%s has to wait: %s",
		    endpoint,
		    reason[0] != '\0' ? reason : "the agent gives no reason");
	return FALSE;
}

static gboolean
fu_uc_endpoint_agent_ask(GDBusConnection *connection,
			 const gchar *endpoint,
			 const gchar *step,
			 gboolean forced,
			 GError **error)
{
	gint64 deadline_usec =
	    g_get_monotonic_time() + FU_UC_ENDPOINT_AGENT_TIMEOUT_MS * G_TIME_SPAN_MILLISECOND;
	gboolean installed = FALSE;
	g_autoptr(GVariant) answer = NULL;
	g_autoptr(GError) error_local = NULL;

	if (!fu_uc_endpoint_agent_is_installed(connection, deadline_usec, &installed, &error_local))
		return fu_uc_endpoint_agent_unknown(endpoint, forced, error_local, error);
	if (!installed) {
		g_debug("no agent is installed, so that %s may %s", endpoint, step);
		return TRUE;
	}
	answer = fu_uc_endpoint_agent_call_check_step(connection,
						      endpoint,
						      step,
						      forced,
						      deadline_usec,
						      &error_local);
	if (answer == NULL) {
		g_dbus_error_strip_remote_error(error_local);
		return fu_uc_endpoint_agent_unknown(endpoint, forced, error_local, error);
	}
	return fu_uc_endpoint_agent_check_answer(endpoint, answer, error);
}

/**
 * fu_uc_endpoint_agent_check_step:
 * @endpoint: the `Id` of the endpoint
 * @step: `stage`, `write` or `activate`
 * @forced: whether a human said `--force`
 * @error: (nullable): optional return location for an error
 *
 * Asks the agent on the system bus. Blocks for two seconds at most.
 *
 * Returns: %TRUE if the step may happen now; %FALSE with %FWUPD_ERROR_BUSY and the reason, or with
 * %FWUPD_ERROR_NOT_REACHABLE if there is no system bus
 **/
gboolean
fu_uc_endpoint_agent_check_step(const gchar *endpoint,
				const gchar *step,
				gboolean forced,
				GError **error)
{
	g_autoptr(GDBusConnection) connection = NULL;
	g_autoptr(GError) error_local = NULL;

	connection = g_bus_get_sync(G_BUS_TYPE_SYSTEM, NULL, &error_local);
	if (connection != NULL)
		return fu_uc_endpoint_agent_ask(connection, endpoint, step, forced, error);
	if (forced)
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_NOT_REACHABLE,
		    "%s may be in use: the agent cannot be asked, as there is no system bus: %s",
		    endpoint,
		    error_local->message);
	return FALSE;
}
