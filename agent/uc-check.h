/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-fwupd.h"
#include "uc-service-link.h"

void
uc_check_run_async(UcServiceLink *link,
		   UcFwupd *fwupd,
		   UcState *state,
		   const UcServiceSettings *settings,
		   const UcClock *clock,
		   JsonObject *check_in,
		   GCancellable *cancellable,
		   GAsyncReadyCallback callback,
		   gpointer user_data);
gboolean
uc_check_run_finish(GAsyncResult *result,
		    gchar **left_out,
		    GError **error) G_GNUC_WARN_UNUSED_RESULT;
