/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-mirror.h"

/**
 * UcKeyUris:
 * @ca: (nullable): of the private key of a new CA; %NULL to make one, in a file
 * @leaf: (nullable): likewise of the certificate that signs
 *
 * `pkcs11:` URIs of keys that an administrator has made in a token.
 */
typedef struct {
	const gchar *ca;
	const gchar *leaf;
} UcKeyUris;

gboolean
uc_key_token_check_keys(const UcKeyUris *keys,
			gboolean tls,
			GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_key_token_check_fresh(const gchar *uri,
			 GPtrArray *taken,
			 GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcX509 *
uc_key_token_issue(UcX509 *ca,
		   const gchar *purpose,
		   const gchar *organisation,
		   const gchar *uri,
		   gint64 now_secs,
		   GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_key_token_check_uri(const gchar *uri, GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcX509 *
uc_key_token_new_ca(const gchar *token,
		    const gchar *purpose,
		    const gchar *organisation,
		    gint64 now_secs,
		    GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcX509 *
uc_key_token_new_leaf(const gchar *token,
		      UcX509 *ca,
		      const gchar *purpose,
		      const gchar *organisation,
		      gint64 now_secs,
		      GError **error) G_GNUC_WARN_UNUSED_RESULT;
