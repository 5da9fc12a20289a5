/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-fwupd.h"

void
uc_fwupd_report_async(UcFwupd *fwupd,
		      FwupdDevice *device,
		      const gchar *version,
		      GCancellable *cancellable,
		      GAsyncReadyCallback callback,
		      gpointer user_data);
JsonObject *
uc_fwupd_report_finish(GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
