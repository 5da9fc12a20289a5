/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-clock.h"
#include "uc-service-settings.h"
#include "uc-state.h"

gboolean
uc_trust_fetch_is_wanted(const UcServiceSettings *settings,
			 UcState *state) G_GNUC_WARN_UNUSED_RESULT;
void
uc_trust_fetch_run_async(UcState *state,
			 const UcClock *clock,
			 GCancellable *cancellable,
			 GAsyncReadyCallback callback,
			 gpointer user_data);
gboolean
uc_trust_fetch_run_finish(GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_trust_fetch_describe(void) G_GNUC_WARN_UNUSED_RESULT;
void
uc_trust_fetch_note(void);
