/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-way.h"

/**
 * uc_way_to_string:
 *
 * Returns: its name in the JSON of `ucupdatesctl service`
 */
const gchar *
uc_way_to_string(UcWay way)
{
	static const gchar *const names[] =
	    {"given", "given-external", "last", "dns", "external", "none"};

	G_STATIC_ASSERT(G_N_ELEMENTS(names) == UC_WAY_NONE + 1);
	g_return_val_if_fail(way <= UC_WAY_NONE, NULL);
	return names[way];
}
