/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-x509.h"

gboolean
uc_mirror_init(const gchar *root,
	       const gchar *organisation,
	       const gchar *recovery_dir,
	       UcX509 *tls_ca,
	       gint64 now_secs,
	       GError **error) G_GNUC_WARN_UNUSED_RESULT;
