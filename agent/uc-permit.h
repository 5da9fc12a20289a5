/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

gboolean
uc_permit_grant(const gchar *endpoint, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_permit_revoke(void);
