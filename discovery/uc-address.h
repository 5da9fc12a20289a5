/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

const gchar *
uc_address_find_fault(GInetAddress *address) G_GNUC_WARN_UNUSED_RESULT;
