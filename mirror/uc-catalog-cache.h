/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-package.h"

typedef struct _UcCatalogCache UcCatalogCache;

UcCatalogCache *
uc_catalog_cache_new(UcMirror *mirror, const gchar *cabs_url) G_GNUC_WARN_UNUSED_RESULT;
void
uc_catalog_cache_free(UcCatalogCache *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcCatalogCache, uc_catalog_cache_free)

gboolean
uc_catalog_cache_fill(UcCatalogCache *self,
		      GPtrArray *packages,
		      GError **error) G_GNUC_WARN_UNUSED_RESULT;
const gchar *
uc_catalog_cache_get(UcCatalogCache *self,
		     const UcPackage *package,
		     GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_catalog_cache_record(UcCatalogCache *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
