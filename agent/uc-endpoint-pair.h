/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-client-certificate.h"
#include "uc-private-key.h"
#include "uc-service-settings.h"

/* below the state directory */
#define UC_ENDPOINT_PAIR_KEY	     "endpoint.key"
#define UC_ENDPOINT_PAIR_CERTIFICATE "endpoint.pem"

UcPrivateKey *
uc_endpoint_pair_ensure_key(const UcServiceSettings *settings,
			    GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcClientCertificate *
uc_endpoint_pair_load(const UcServiceSettings *settings, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_endpoint_pair_save_certificate(const UcPrivateKey *key,
				  const gchar *pem,
				  GError **error) G_GNUC_WARN_UNUSED_RESULT;
gint64
uc_endpoint_pair_get_renewal_secs(void) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_endpoint_pair_remove(GError **error) G_GNUC_WARN_UNUSED_RESULT;
