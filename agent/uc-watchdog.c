/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * systemd's watchdog (sd_watchdog_enabled(3), sd_notify(3)) without its library: one datagram each
 * half of the time that the unit allows. It is sent when the main loop has nothing else to do, so
 * that an agent that hangs, or runs in circles, is started again.
 */

#include <gio/gunixsocketaddress.h>
#include <string.h>
#include <unistd.h>

#include "uc-error.h"
#include "uc-watchdog.h"

#define UC_WATCHDOG_MESSAGE "WATCHDOG=1"

struct _UcWatchdog {
	GSocket *socket;
	GSocketAddress *address;
	guint interval_ms;
	guint source_id;
};

static gboolean
uc_watchdog_send_cb(gpointer user_data)
{
	UcWatchdog *self = user_data;
	g_autoptr(GError) error = NULL;

	if (g_socket_send_to(self->socket,
			     self->address,
			     UC_WATCHDOG_MESSAGE,
			     strlen(UC_WATCHDOG_MESSAGE),
			     NULL,
			     &error) < 0)
		g_warning("cannot tell systemd's watchdog: %s", error->message);
	return G_SOURCE_CONTINUE;
}

/* a path, or with @ a name in the abstract namespace */
static GSocketAddress *
uc_watchdog_parse_address(const gchar *text)
{
	if (text[0] == '@')
		return g_unix_socket_address_new_with_type(text + 1,
							   -1,
							   G_UNIX_SOCKET_ADDRESS_ABSTRACT);
	return g_unix_socket_address_new(text);
}

static gboolean
uc_watchdog_start(UcWatchdog *self, const gchar *address, GError **error)
{
	self->socket = g_socket_new(G_SOCKET_FAMILY_UNIX,
				    G_SOCKET_TYPE_DATAGRAM,
				    G_SOCKET_PROTOCOL_DEFAULT,
				    error);
	if (self->socket == NULL)
		return FALSE;
	g_socket_set_blocking(self->socket, FALSE);
	self->address = uc_watchdog_parse_address(address);
	self->source_id = g_timeout_add_full(G_PRIORITY_DEFAULT_IDLE,
					     self->interval_ms,
					     uc_watchdog_send_cb,
					     self,
					     NULL);
	return TRUE;
}

/**
 * uc_watchdog_new:
 * @address: (nullable): what `NOTIFY_SOCKET` says: an absolute path, or `@` and a name
 * @usec: (nullable): what `WATCHDOG_USEC` says, in microseconds
 * @pid: (nullable): what `WATCHDOG_PID` says: the process that is meant
 * @error: set to %UC_ERROR_INVALID for values that systemd never sets, or when there is no socket
 *
 * Without an address or a time, or for another process, there is no watchdog and nothing wakes.
 *
 * Returns: (transfer full): the watchdog, which lives as long as it is kept
 */
UcWatchdog *
uc_watchdog_new(const gchar *address, const gchar *usec, const gchar *pid, GError **error)
{
	g_autoptr(UcWatchdog) self = g_new0(UcWatchdog, 1);
	guint64 limit_usec = 0;
	guint64 owner = (guint64)getpid();

	if (address == NULL || usec == NULL)
		return g_steal_pointer(&self);
	if ((address[0] != '/' && address[0] != '@') ||
	    !g_ascii_string_to_unsigned(usec, 10, 2000, G_MAXUINT32 * 1000ULL, &limit_usec, NULL) ||
	    (pid != NULL && !g_ascii_string_to_unsigned(pid, 10, 1, G_MAXUINT32, &owner, NULL))) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "NOTIFY_SOCKET is '%s', WATCHDOG_USEC '%s' and WATCHDOG_PID '%s', "
			    "expected what systemd sets",
			    address,
			    usec,
			    pid != NULL ? pid : "");
		return NULL;
	}
	if (owner != (guint64)getpid())
		return g_steal_pointer(&self);
	self->interval_ms = (guint)(limit_usec / 2000);
	if (!uc_watchdog_start(self, address, error))
		return NULL;
	return g_steal_pointer(&self);
}

/**
 * uc_watchdog_get_interval_ms:
 *
 * Returns: so often it reports, in milliseconds; 0 for never
 */
guint
uc_watchdog_get_interval_ms(UcWatchdog *self)
{
	return self->interval_ms;
}

void
uc_watchdog_free(UcWatchdog *self)
{
	g_clear_handle_id(&self->source_id, g_source_remove);
	g_clear_object(&self->address);
	g_clear_object(&self->socket);
	g_free(self);
}
