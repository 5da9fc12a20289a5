/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>

#define UC_TYPE_CLIENT_CERTIFICATE (uc_client_certificate_get_type())
G_DECLARE_FINAL_TYPE(UcClientCertificate, uc_client_certificate, UC, CLIENT_CERTIFICATE, GObject)

UcClientCertificate *
uc_client_certificate_load(const gchar *certificate,
			   const gchar *key,
			   const gchar *pin,
			   GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcClientCertificate *
uc_client_certificate_new(const gchar *certificate,
			  const gchar *key,
			  const gchar *pin,
			  GError **error) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_client_certificate_read_key(const gchar *place, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_client_certificate_read_pin(const gchar *place,
			       gchar **pin_out,
			       GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_client_certificate_attach(UcClientCertificate *self, SoupMessage *message);
