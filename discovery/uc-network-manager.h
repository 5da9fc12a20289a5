/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-link.h"

#define UC_NETWORK_MANAGER_NAME "org.freedesktop.NetworkManager"
#define UC_NETWORK_MANAGER_PATH "/org/freedesktop" /* its object manager */

void
uc_network_manager_parse(GVariant *reply, GPtrArray *links);
