/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-inventory.h"

gboolean
uc_inventory_forget(UcDatabase *database,
		    const UcInventoryEndpoint *endpoint,
		    gint64 now_secs,
		    GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_inventory_forget_unseen(UcDatabase *database,
			   gint64 before_secs,
			   GError **error) G_GNUC_WARN_UNUSED_RESULT;
JsonArray *
uc_inventory_list_versions(UcDatabase *database,
			   const UcInventoryEndpoint *endpoint,
			   GError **error) G_GNUC_WARN_UNUSED_RESULT;
