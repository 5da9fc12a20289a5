/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#define UC_MACHINE_ID_PATH "/etc/machine-id"

gchar *
uc_machine_get_id(const gchar *path) G_GNUC_WARN_UNUSED_RESULT;
