/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "fu-uc-endpoint-config.h"

#define FU_TYPE_UC_ENDPOINT_BOOT (fu_uc_endpoint_boot_get_type())
G_DECLARE_DERIVABLE_TYPE(FuUcEndpointBoot, fu_uc_endpoint_boot, FU, UC_ENDPOINT_BOOT, GObject)

struct _FuUcEndpointBootClass {
	GObjectClass parent_class;
	gchar *(*get_next)(FuUcEndpointBoot *self, GError **error)G_GNUC_WARN_UNUSED_RESULT;
	gboolean (*get_trial)(FuUcEndpointBoot *self,
			      gboolean *trial_out,
			      GError **error) G_GNUC_WARN_UNUSED_RESULT;
	gboolean (*set_next)(FuUcEndpointBoot *self,
			     const gchar *slot,
			     gboolean trial,
			     GError **error) G_GNUC_WARN_UNUSED_RESULT;
};

gchar *
fu_uc_endpoint_boot_find_variable(const gchar *text,
				  const gchar *variable) G_GNUC_WARN_UNUSED_RESULT;
FuUcEndpointBoot *
fu_uc_endpoint_boot_new(FuUcEndpointConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gchar *
fu_uc_endpoint_boot_get_next(FuUcEndpointBoot *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_boot_get_trial(FuUcEndpointBoot *self,
			      gboolean *trial_out,
			      GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_boot_set_next(FuUcEndpointBoot *self,
			     const gchar *slot,
			     gboolean trial,
			     GError **error) G_GNUC_WARN_UNUSED_RESULT;
