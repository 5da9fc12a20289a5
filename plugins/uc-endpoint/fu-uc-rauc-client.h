/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupdplugin.h>

#define FU_UC_RAUC_CLIENT_INTERFACE "de.pengutronix.rauc.Installer"

#define FU_TYPE_UC_RAUC_CLIENT (fu_uc_rauc_client_get_type())
G_DECLARE_FINAL_TYPE(FuUcRaucClient, fu_uc_rauc_client, FU, UC_RAUC_CLIENT, GObject)

FuUcRaucClient *
fu_uc_rauc_client_new(guint timeout_secs) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray *
fu_uc_rauc_client_get_slots(FuUcRaucClient *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gchar *
fu_uc_rauc_client_get_primary(FuUcRaucClient *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_rauc_client_mark(FuUcRaucClient *self, const gchar *state, const gchar *slot, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gchar *
fu_uc_rauc_client_inspect(FuUcRaucClient *self,
			  const gchar *filename,
			  guint timeout_ms,
			  GError **error) G_GNUC_WARN_UNUSED_RESULT;
GVariant *
fu_uc_rauc_client_call(FuUcRaucClient *self,
		       const gchar *method,
		       GVariant *parameters,
		       const gchar *type,
		       guint timeout_ms,
		       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gchar *
fu_uc_rauc_client_get_property(FuUcRaucClient *self,
			       const gchar *property,
			       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_rauc_client_check_idle(FuUcRaucClient *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gchar *
fu_uc_rauc_client_get_owner(FuUcRaucClient *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
guint
fu_uc_rauc_client_get_timeout_ms(FuUcRaucClient *self);
GDBusConnection *
fu_uc_rauc_client_get_connection(FuUcRaucClient *self);
