/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-fwupd.h"

void
uc_forget_remotes_async(UcFwupd *fwupd,
			GCancellable *cancellable,
			GAsyncReadyCallback callback,
			gpointer user_data);
gboolean
uc_forget_remotes_finish(GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
