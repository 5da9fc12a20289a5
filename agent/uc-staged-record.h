/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

gboolean
uc_staged_record_read(const gchar *endpoint,
		      gchar **version_out,
		      gchar **sha256_out,
		      GError **error) G_GNUC_WARN_UNUSED_RESULT;
