/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-description.h"
#include "uc-http.h"

#define UC_TYPE_SERVICE (uc_service_get_type())
G_DECLARE_FINAL_TYPE(UcService, uc_service, UC, SERVICE, GObject)

UcService *
uc_service_new(const gchar *host, guint16 port, GPtrArray *addresses, GTlsDatabase *database)
    G_GNUC_WARN_UNUSED_RESULT;
UcService *
uc_service_new_for_url(const gchar *url,
		       GTlsDatabase *database,
		       GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_service_set_known(UcService *self, GBytes *envelope, const gchar *etag);

gboolean
uc_service_accept(UcService *self,
		  GBytes *envelope,
		  const gchar *domain,
		  const UcDocumentExpect *expect,
		  GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_service_fetch_async(UcService *self,
		       const gchar *domain,
		       const UcDocumentExpect *expect,
		       guint timeout_ms,
		       GCancellable *cancellable,
		       GAsyncReadyCallback callback,
		       gpointer user_data);
gboolean
uc_service_fetch_finish(UcService *self,
			GAsyncResult *result,
			GError **error) G_GNUC_WARN_UNUSED_RESULT;

const gchar *
uc_service_get_host(UcService *self);
guint16
uc_service_get_port(UcService *self);
GPtrArray *
uc_service_get_addresses(UcService *self);
UcHttp *
uc_service_get_http(UcService *self);
gchar *
uc_service_get_url(UcService *self) G_GNUC_WARN_UNUSED_RESULT;
const gchar *
uc_service_get_domain(UcService *self);
const UcDescription *
uc_service_get_description(UcService *self);
GBytes *
uc_service_get_envelope(UcService *self);
const gchar *
uc_service_get_etag(UcService *self);
