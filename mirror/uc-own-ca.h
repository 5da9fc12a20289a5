/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-mirror.h"

UcX509 *
uc_own_ca_load(const gchar *certificate_path,
	       const gchar *key_path,
	       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_own_ca_get_request_path(const gchar *root) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_own_ca_set_up(UcX509 *ca,
		 const gchar *root,
		 const gchar *organisation,
		 gint64 now_secs,
		 GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_own_ca_install(UcMirror *mirror, const gchar *path, gint64 now_secs, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
