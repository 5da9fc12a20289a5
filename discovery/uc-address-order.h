/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/**
 * UcAddressSourceFunc:
 * @destination: where to
 *
 * Returns: (transfer full) (nullable): the address that this machine would send from, %NULL when
 *   there is no way
 */
typedef GInetAddress *(*UcAddressSourceFunc)(GInetAddress *destination);

GInetAddress *
uc_address_find_source(GInetAddress *destination) G_GNUC_WARN_UNUSED_RESULT;
void
uc_address_order(GPtrArray *addresses, UcAddressSourceFunc find_source);
void
uc_address_order_by(GPtrArray *addresses, UcAddressSourceFunc find_source, const gchar *if_inet6);
