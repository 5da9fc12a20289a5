/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-x509.h"

/* below `trust/`, and where `init` puts the key below the mirror's directory if not told otherwise
 */
#define UC_RECOVERY_KEY_PURPOSE "recovery"

gboolean
uc_recovery_key_make(const gchar *dir,
		     const gchar *token,
		     const gchar *organisation,
		     gint64 now_secs,
		     GBytes **anchor_out,
		     GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcX509 *
uc_recovery_key_load(const gchar *dir, GError **error) G_GNUC_WARN_UNUSED_RESULT;
