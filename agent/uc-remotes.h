/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-fwupd.h"
#include "uc-service.h"
#include "uc-state.h"

void
uc_remotes_sync_async(UcFwupd *fwupd,
		      UcService *service,
		      UcState *state,
		      gboolean testing,
		      GCancellable *cancellable,
		      GAsyncReadyCallback callback,
		      gpointer user_data);
gboolean
uc_remotes_sync_finish(GAsyncResult *result,
		       gchar **left_out,
		       GError **error) G_GNUC_WARN_UNUSED_RESULT;
