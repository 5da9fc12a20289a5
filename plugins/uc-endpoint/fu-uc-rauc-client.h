/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupdplugin.h>

#define FU_TYPE_UC_RAUC_CLIENT (fu_uc_rauc_client_get_type())
G_DECLARE_FINAL_TYPE(FuUcRaucClient, fu_uc_rauc_client, FU, UC_RAUC_CLIENT, GObject)

FuUcRaucClient *
fu_uc_rauc_client_new(GError **error) G_GNUC_WARN_UNUSED_RESULT;
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
gboolean
fu_uc_rauc_client_install(FuUcRaucClient *self,
			  const gchar *filename,
			  guint timeout_ms,
			  FuProgress *progress,
			  GError **error) G_GNUC_WARN_UNUSED_RESULT;
