/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-package.h"

gboolean
uc_package_decide_approve(UcDatabase *database, UcPackage *self, gint64 now_secs, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

gboolean
uc_package_approve(UcDatabase *database,
		   const gchar *prefix,
		   gint64 now_secs,
		   UcPackage **package_out,
		   GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_package_reject(UcDatabase *database,
		  const gchar *prefix,
		  gint64 now_secs,
		  UcPackage **package_out,
		  GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_package_restore(UcDatabase *database,
		   const gchar *prefix,
		   gint64 now_secs,
		   UcPackage **package_out,
		   GError **error) G_GNUC_WARN_UNUSED_RESULT;
