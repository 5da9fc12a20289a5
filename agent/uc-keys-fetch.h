/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-clock.h"
#include "uc-http.h"
#include "uc-state.h"

gboolean
uc_keys_fetch_take_applied(UcState *state,
			   gboolean *changed_out,
			   GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_keys_fetch_async(UcHttp *http,
		    UcState *state,
		    const UcClock *clock,
		    GCancellable *cancellable,
		    GAsyncReadyCallback callback,
		    gpointer user_data);
gboolean
uc_keys_fetch_finish(UcHttp *http, GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
