/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-package.h"

#define UC_IMPORT_UNPACKED_MAX_BYTES (G_GINT64_CONSTANT(4) * 1024 * 1024 * 1024)

/**
 * UcImportResult:
 * @package: a component of the cab
 * @added: whether it is new; otherwise nothing was changed
 * @note: (nullable): what appstreamcli has against its metadata
 */
typedef struct {
	UcPackage *package;
	gboolean added;
	gchar *note;
} UcImportResult;

void
uc_import_result_free(UcImportResult *self);

GPtrArray *
uc_import_file(UcMirror *mirror, const gchar *path, gboolean hold, gint64 now_secs, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
