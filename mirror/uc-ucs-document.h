/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

GBytes *
uc_ucs_document_versions(const gchar *base_url,
			 const gchar *const *versions) G_GNUC_WARN_UNUSED_RESULT;
GBytes *
uc_ucs_document_master(const gchar *default_dir,
		       const gchar *const *models,
		       const gchar *const *versions) G_GNUC_WARN_UNUSED_RESULT;
