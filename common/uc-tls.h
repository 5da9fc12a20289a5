/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

void
uc_tls_init(void);
GTlsDatabase *
uc_tls_database_new(const gchar *anchors_dir, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_tls_check_pin(const gchar *pin, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_tls_database_set_pin(GTlsDatabase *database,
			const gchar *pin,
			GError **error) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_tls_describe(GTlsCertificateFlags flags) G_GNUC_WARN_UNUSED_RESULT;
