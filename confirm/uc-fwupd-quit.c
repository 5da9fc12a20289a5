/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <gio/gio.h>

#include "uc-fwupd-quit.h"

/* fwupd asks how an update has ended when it starts, and only then. It is started again by whoever
 * calls it next, and does not quit while it installs. */

#define UC_FWUPD_QUIT_TIMEOUT_MS 2000

/**
 * uc_fwupd_quit:
 *
 * Asks a daemon that runs to end, so that its history is right from its next start on. Blocks for
 * at most two seconds. What goes wrong is of no consequence: the history is right one start later.
 **/
void
uc_fwupd_quit(void)
{
	g_autoptr(GDBusConnection) bus = NULL;
	g_autoptr(GVariant) reply = NULL;
	g_autoptr(GError) error = NULL;

	bus = g_bus_get_sync(G_BUS_TYPE_SYSTEM, NULL, &error);
	if (bus != NULL)
		reply = g_dbus_connection_call_sync(bus,
						    "org.freedesktop.fwupd",
						    "/",
						    "org.freedesktop.fwupd",
						    "Quit",
						    NULL,
						    NULL,
						    G_DBUS_CALL_FLAGS_NO_AUTO_START,
						    UC_FWUPD_QUIT_TIMEOUT_MS,
						    NULL,
						    &error);
	if (reply == NULL)
		g_info("fwupd was not asked to start again: %s", error->message);
}
