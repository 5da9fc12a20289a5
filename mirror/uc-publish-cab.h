/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-package.h"

gboolean
uc_publish_cab_look_again(UcMirror *mirror, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_publish_cab(UcMirror *mirror, UcPackage *package, const gchar *tree, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
