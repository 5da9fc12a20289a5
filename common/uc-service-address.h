/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#define UC_TYPE_SERVICE_ADDRESS (uc_service_address_get_type())
G_DECLARE_FINAL_TYPE(UcServiceAddress, uc_service_address, UC, SERVICE_ADDRESS, GNetworkAddress)

GSocketConnectable *
uc_service_address_new(const gchar *host,
		       guint16 port,
		       GPtrArray *addresses) G_GNUC_WARN_UNUSED_RESULT;
