/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-inventory-row.h"

/**
 * uc_inventory_row_put:
 * @self: an endpoint
 * @sql: %UC_INVENTORY_ROW_INSERT and, for one that is known, the columns that change: ?1 to ?12 are
 *   the row's in the order that is there, ?13 is @now_secs
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * Puts an endpoint into the inventory, within the caller's transaction.
 */
gboolean
uc_inventory_row_put(UcDatabase *database,
		     const UcInventoryRow *self,
		     const gchar *sql,
		     gint64 now_secs,
		     GError **error)
{
	const UcCheckinEndpoint *endpoint = self->endpoint;

	return uc_database_run(database,
			       error,
			       sql,
			       "ssssssssssssi",
			       endpoint->identity,
			       endpoint->vendor,
			       endpoint->model,
			       endpoint->hardware_level,
			       endpoint->serial,
			       endpoint->mac_address,
			       endpoint->version,
			       endpoint->state,
			       endpoint->reason,
			       self->machine_id,
			       self->agent_version,
			       self->details,
			       now_secs);
}
