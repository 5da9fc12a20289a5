/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-metainfo.h"
#include "uc-package.h"

/**
 * UcImportComponent:
 * @member_name: of its metadata in the cab
 * @metainfo: what that says
 * @bind: (nullable): header of the image, if it is one of ours
 * @note: (nullable): what appstreamcli has against the metadata
 * @package: what it becomes
 *
 * One component of a cab, and all that is checked of it.
 */
typedef struct {
	gchar *member_name;
	UcMetainfo *metainfo;
	UcBind *bind;
	gchar *note;
	UcPackage *package;
} UcImportComponent;

UcImportComponent *
uc_import_component_new(const gchar *dir,
			GPtrArray *members,
			const gchar *member_name,
			GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_import_component_free(UcImportComponent *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcImportComponent, uc_import_component_free)

gboolean
uc_import_component_keep(const UcImportComponent *self,
			 const gchar *from_dir,
			 const gchar *to_dir,
			 GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_import_component_check_age(const UcImportComponent *self,
			      UcDatabase *database,
			      GError **error) G_GNUC_WARN_UNUSED_RESULT;
