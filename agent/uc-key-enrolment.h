/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "uc-clock.h"
#include "uc-service-settings.h"
#include "uc-service.h"

void
uc_key_enrolment_run_async(UcService *service,
			   const UcServiceSettings *settings,
			   const UcClock *clock,
			   JsonObject *check_in,
			   gboolean again,
			   GCancellable *cancellable,
			   GAsyncReadyCallback callback,
			   gpointer user_data);
gboolean
uc_key_enrolment_run_finish(GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

gint64
uc_key_enrolment_get_retry_secs(void) G_GNUC_WARN_UNUSED_RESULT;
void
uc_key_enrolment_describe(JsonObject *status);
gboolean
uc_key_enrolment_forget(GError **error) G_GNUC_WARN_UNUSED_RESULT;
