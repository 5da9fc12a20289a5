/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-link.h"

#define UC_RESOLVED_NAME	 "org.freedesktop.resolve1"
#define UC_RESOLVED_PATH	 "/org/freedesktop/resolve1"
#define UC_RESOLVED_INTERFACE	 "org.freedesktop.resolve1.Manager"
#define UC_RESOLVED_STUB_ADDRESS "127.0.0.53"

gboolean
uc_resolved_parse(GVariant *reply, GPtrArray *links);
