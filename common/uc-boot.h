/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

gchar *
uc_boot_get_id(void) G_GNUC_WARN_UNUSED_RESULT;
gint64
uc_boot_get_secs(void);
