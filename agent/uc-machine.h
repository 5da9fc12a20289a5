/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

gchar *
uc_machine_get_id(void) G_GNUC_WARN_UNUSED_RESULT;
