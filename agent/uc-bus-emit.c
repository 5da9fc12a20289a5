/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-bus-emit.h"
#include "uc-names.h"

/**
 * uc_bus_emit:
 * @connection: the bus that the agent is on
 * @interface: ours, or one that every object has
 * @name: of the signal
 * @parameters: (transfer floating): a tuple
 *
 * Tells everybody who listens; one that cannot be told is warned about.
 */
void
uc_bus_emit(GDBusConnection *connection,
	    const gchar *interface,
	    const gchar *name,
	    GVariant *parameters)
{
	g_autoptr(GError) error = NULL;

	if (!g_dbus_connection_emit_signal(connection,
					   NULL,
					   UC_DBUS_PATH,
					   interface,
					   name,
					   parameters,
					   &error))
		g_warning("cannot emit %s: %s", name, error->message);
}
