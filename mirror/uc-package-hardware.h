/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-package.h"

typedef struct _UcPackageHardware UcPackageHardware;

UcPackageHardware *
uc_package_hardware_new(UcDatabase *database, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_package_hardware_free(UcPackageHardware *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcPackageHardware, uc_package_hardware_free)

GStrv
uc_package_hardware_list(UcPackageHardware *self,
			 const UcPackage *package) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_package_hardware_meets(UcPackageHardware *self,
			  const UcPackage *one,
			  const UcPackage *other,
			  const gchar *model) G_GNUC_WARN_UNUSED_RESULT;
