/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* of the file below the state directory, and of the systemd credential */
#define UC_CREDENTIALS_FILE "password"
#define UC_CREDENTIALS_NAME "ucupdates.password"

gchar *
uc_credentials_load(GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_credentials_remove(GError **error) G_GNUC_WARN_UNUSED_RESULT;
