/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-package.h"

#define UC_IMPORT_UNPACKED_MAX_BYTES (G_GINT64_CONSTANT(4) * 1024 * 1024 * 1024)

gboolean
uc_import_file(UcMirror *mirror,
	       const gchar *path,
	       gint64 now_secs,
	       UcPackage **package_out,
	       gboolean *added_out,
	       GError **error) G_GNUC_WARN_UNUSED_RESULT;
