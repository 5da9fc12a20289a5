/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-metainfo.h"
#include "uc-package.h"

typedef struct _UcCatalog UcCatalog;

UcCatalog *
uc_catalog_new(const gchar *organisation, const gchar *cabs_url) G_GNUC_WARN_UNUSED_RESULT;
void
uc_catalog_free(UcCatalog *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcCatalog, uc_catalog_free)

gboolean
uc_catalog_add(UcCatalog *self,
	       const UcMetainfo *metainfo,
	       const UcPackage *package,
	       GError **error) G_GNUC_WARN_UNUSED_RESULT;
GBytes *
uc_catalog_to_xml(UcCatalog *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GBytes *
uc_catalog_compress(GBytes *xml, GError **error) G_GNUC_WARN_UNUSED_RESULT;
