/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-client-certificate.h"

#define UC_TYPE_HTTP (uc_http_get_type())
G_DECLARE_FINAL_TYPE(UcHttp, uc_http, UC, HTTP, GObject)

/**
 * UcHttpHostCheck:
 * @host: in lower case
 *
 * Returns: whether it is the organisation's
 */
typedef gboolean (*UcHttpHostCheck)(const gchar *host, gpointer user_data);

UcHttp *
uc_http_new(const gchar *host, guint16 port, GPtrArray *addresses, GTlsDatabase *database)
    G_GNUC_WARN_UNUSED_RESULT;
const gchar *
uc_http_get_base_url(UcHttp *self);
void
uc_http_set_credentials(UcHttp *self, const gchar *user, const gchar *password);
void
uc_http_set_client_certificate(UcHttp *self, UcClientCertificate *certificate);
void
uc_http_rest(UcHttp *self);

SoupMessage *
uc_http_message_new(UcHttp *self, const gchar *method, const gchar *path, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
SoupSession *
uc_http_get_session(UcHttp *self);
void
uc_http_limit_informational(SoupMessage *message, GCancellable *cancellable);
void
uc_http_set_host_check(UcHttp *self, UcHttpHostCheck check, gpointer user_data);
UcHttp *
uc_http_follow_redirect(UcHttp *self, SoupMessage *message, gchar **path_out, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_http_check_status(SoupMessage *message, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_http_convert_error(SoupMessage *message, GError **error);

void
uc_http_request_async(UcHttp *self,
		      const gchar *method,
		      const gchar *path,
		      GBytes *body,
		      gsize max_bytes,
		      guint timeout_ms,
		      GCancellable *cancellable,
		      GAsyncReadyCallback callback,
		      gpointer user_data);
void
uc_http_get_async(UcHttp *self,
		  const gchar *path,
		  const gchar *etag,
		  gsize max_bytes,
		  guint timeout_ms,
		  GCancellable *cancellable,
		  GAsyncReadyCallback callback,
		  gpointer user_data);
GBytes *
uc_http_request_finish(UcHttp *self,
		       GAsyncResult *result,
		       GError **error) G_GNUC_WARN_UNUSED_RESULT;
guint
uc_http_request_get_status(GAsyncResult *result) G_GNUC_WARN_UNUSED_RESULT;
const gchar *
uc_http_request_get_etag(GAsyncResult *result);
