/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupdplugin.h>

#define FU_UC_ENDPOINT_HARDWARE_LEVEL_UNKNOWN G_MAXUINT

#define FU_TYPE_UC_ENDPOINT_CONFIG (fu_uc_endpoint_config_get_type())
G_DECLARE_FINAL_TYPE(FuUcEndpointConfig, fu_uc_endpoint_config, FU, UC_ENDPOINT_CONFIG, GObject)

FuUcEndpointConfig *
fu_uc_endpoint_config_new_from_file(const gchar *filename,
				    GError **error) G_GNUC_WARN_UNUSED_RESULT;
FuUcEndpointConfig *
fu_uc_endpoint_config_new_from_data(const gchar *filename,
				    const gchar *data,
				    gsize datasz,
				    GError **error) G_GNUC_WARN_UNUSED_RESULT;
const gchar *
fu_uc_endpoint_config_get_filename(FuUcEndpointConfig *self);
const gchar *
fu_uc_endpoint_config_get_id(FuUcEndpointConfig *self);
const gchar *
fu_uc_endpoint_config_get_value(FuUcEndpointConfig *self, const gchar *key);
guint
fu_uc_endpoint_config_get_hardware_level(FuUcEndpointConfig *self);
GArray *
fu_uc_endpoint_config_get_override_levels(FuUcEndpointConfig *self);
gchar *
fu_uc_endpoint_config_read_version(FuUcEndpointConfig *self,
				   GError **error) G_GNUC_WARN_UNUSED_RESULT;
const gchar *
fu_uc_endpoint_config_get_install_type(FuUcEndpointConfig *self);
gchar *
fu_uc_endpoint_config_get_install(FuUcEndpointConfig *self,
				  const gchar *key,
				  const gchar *fallback) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_config_get_install_boolean(FuUcEndpointConfig *self,
					  const gchar *key,
					  gboolean *value_out,
					  GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_config_get_install_uint(FuUcEndpointConfig *self,
				       const gchar *key,
				       guint min,
				       guint max,
				       guint *value_out,
				       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gchar *
fu_uc_endpoint_config_get_install_path(FuUcEndpointConfig *self,
				       const gchar *key,
				       const gchar *fallback,
				       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_config_get_confirm_secs(FuUcEndpointConfig *self,
				       guint *secs_out,
				       GError **error) G_GNUC_WARN_UNUSED_RESULT;
