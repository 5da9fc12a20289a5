/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-clock.h"
#include "uc-policy.h"
#include "uc-service-settings.h"
#include "uc-service.h"
#include "uc-state.h"
#include "uc-way.h"

#define UC_TYPE_SERVICE_LINK (uc_service_link_get_type())
G_DECLARE_FINAL_TYPE(UcServiceLink, uc_service_link, UC, SERVICE_LINK, GObject)

UcServiceLink *
uc_service_link_new(UcState *state,
		    const UcServiceSettings *settings,
		    const UcClock *clock) G_GNUC_WARN_UNUSED_RESULT;
UcService *
uc_service_link_get_service(UcServiceLink *self);
UcWay
uc_service_link_get_way(UcServiceLink *self);
void
uc_service_link_expire(UcServiceLink *self);
gint64
uc_service_link_get_none_until_secs(UcServiceLink *self);
const UcPolicy *
uc_service_link_get_policy(UcServiceLink *self);
const GError *
uc_service_link_get_refusal(UcServiceLink *self);

void
uc_service_link_refresh_async(UcServiceLink *self,
			      GCancellable *cancellable,
			      GAsyncReadyCallback callback,
			      gpointer user_data);
gboolean
uc_service_link_refresh_finish(UcServiceLink *self,
			       GAsyncResult *result,
			       GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_service_link_give_async(UcServiceLink *self,
			   const gchar *internal_url,
			   const gchar *external_url,
			   GCancellable *cancellable,
			   GAsyncReadyCallback callback,
			   gpointer user_data);
gboolean
uc_service_link_give_finish(UcServiceLink *self,
			    GAsyncResult *result,
			    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_service_link_sign_out(UcServiceLink *self);
gboolean
uc_service_link_forget(UcServiceLink *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
