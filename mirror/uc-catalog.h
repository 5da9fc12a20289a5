/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-metainfo.h"
#include "uc-package.h"

typedef struct _UcCatalog UcCatalog;

UcCatalog *
uc_catalog_new(const gchar *organisation) G_GNUC_WARN_UNUSED_RESULT;
void
uc_catalog_free(UcCatalog *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcCatalog, uc_catalog_free)

gchar *
uc_catalog_make_component(const gchar *cabs_url,
			  const UcMetainfo *metainfo,
			  const UcPackage *package,
			  GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_catalog_append(UcCatalog *self, const gchar *component);
GBytes *
uc_catalog_end(UcCatalog *self) G_GNUC_WARN_UNUSED_RESULT;
