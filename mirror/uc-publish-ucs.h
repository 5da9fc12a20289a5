/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-publish-plan.h"

gboolean
uc_publish_ucs_is_package(const UcPackage *package);
gboolean
uc_publish_ucs(const UcMirror *mirror,
	       const UcPublishPlan *plan,
	       const gchar *tree,
	       const gchar *base_url,
	       GError **error) G_GNUC_WARN_UNUSED_RESULT;
