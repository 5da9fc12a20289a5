/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * UcWay:
 * @UC_WAY_GIVEN: a URL that an administrator or an application gave, inside the network
 * @UC_WAY_GIVEN_EXTERNAL: the same for outside; needs credentials
 * @UC_WAY_LAST: the service that was found last
 * @UC_WAY_DNS: discovery by DNS
 * @UC_WAY_EXTERNAL: the external URL that the organisation signed; needs credentials
 * @UC_WAY_NONE: there is no other way
 *
 * How a service is found, in the order in which they are tried unless something is known of the
 * network, see uc_way_get_order().
 */
typedef enum {
	UC_WAY_GIVEN,
	UC_WAY_GIVEN_EXTERNAL,
	UC_WAY_LAST,
	UC_WAY_DNS,
	UC_WAY_EXTERNAL,
	UC_WAY_NONE
} UcWay;

#define UC_WAY_COUNT UC_WAY_NONE

const UcWay *
uc_way_get_order(gboolean outside_first, gboolean ask_dns);
const gchar *
uc_way_to_string(UcWay way);
