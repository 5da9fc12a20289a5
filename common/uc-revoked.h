/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* beside the directories of anchors, one SHA-256 to a line */
#define UC_REVOKED_NAME "revoked"

GHashTable *
uc_revoked_load(const gchar *anchors_dir, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_revoked_has_certificate(GHashTable *revoked,
			   GBytes *der,
			   GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_revoked_check_signature(const gchar *anchors_dir,
			   GBytes *signature,
			   GError **error) G_GNUC_WARN_UNUSED_RESULT;
GStrv
uc_revoked_list_hashes(GBytes *pem, GError **error) G_GNUC_WARN_UNUSED_RESULT;
