/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

void
uc_bus_emit(GDBusConnection *connection,
	    const gchar *interface,
	    const gchar *name,
	    GVariant *parameters);
