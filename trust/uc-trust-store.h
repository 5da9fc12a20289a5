/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-paths.h"

/* what trust.d/ has beside the purposes of UcAnchor */
#define UC_TRUST_RECOVERY "recovery"

gboolean
uc_trust_store_add(const gchar *purpose,
		   GPtrArray *anchors,
		   GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_trust_store_keep_only(const gchar *purpose,
			 GPtrArray *anchors,
			 GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_trust_store_remove_revoked(const gchar *const *revoked,
			      GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_trust_store_write_revoked(const gchar *const *revoked, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_trust_store_write(const gchar *path, GBytes *bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
