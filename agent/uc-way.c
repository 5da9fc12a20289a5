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

/**
 * uc_way_get_order:
 * @outside_first: whether only the way from outside worked in this network before
 * @ask_dns: whether what DNS said does not hold any more: its time to live is over, or this is
 *   another network
 *
 * Returns: (array fixed-size=5): all ways, in the order to try them
 */
const UcWay *
uc_way_get_order(gboolean outside_first, gboolean ask_dns)
{
	static const UcWay orders[2][2][UC_WAY_COUNT] = {
	    {{UC_WAY_GIVEN, UC_WAY_GIVEN_EXTERNAL, UC_WAY_LAST, UC_WAY_DNS, UC_WAY_EXTERNAL},
	     {UC_WAY_GIVEN, UC_WAY_GIVEN_EXTERNAL, UC_WAY_DNS, UC_WAY_LAST, UC_WAY_EXTERNAL}},
	    {{UC_WAY_GIVEN_EXTERNAL, UC_WAY_GIVEN, UC_WAY_EXTERNAL, UC_WAY_LAST, UC_WAY_DNS},
	     {UC_WAY_GIVEN_EXTERNAL, UC_WAY_GIVEN, UC_WAY_EXTERNAL, UC_WAY_DNS, UC_WAY_LAST}},
	};

	return orders[outside_first != FALSE][ask_dns != FALSE];
}
