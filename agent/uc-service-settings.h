/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-client-certificate.h"
#include "uc-config.h"
#include "uc-sign-in.h"

/**
 * UcServiceSettings:
 * @url: (nullable): of the service inside the network
 * @external_url: (nullable): the same from outside
 * @pin: public key of the service, empty for any
 * @user: name that goes with the password
 * @client_certificate: as uc_client_certificate_load() takes it, empty for none
 * @client_key: the same
 * @client_pin: the same
 * @enrolment_token: absolute path or name of a credential, empty for the usual ones
 * @tell_user: check-ins say who has signed in
 * @sign_in: (nullable): who has signed in
 *
 * The group `[Service]` of ucupdates.conf(5), and what somebody who has signed in adds to it.
 */
typedef struct {
	gchar *url;
	gchar *external_url;
	gchar *pin;
	gchar *user;
	gchar *client_certificate;
	gchar *client_key;
	gchar *client_pin;
	gchar *enrolment_token;
	gboolean tell_user;
	UcSignIn *sign_in;
} UcServiceSettings;

UcServiceSettings *
uc_service_settings_new(UcConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcClientCertificate *
uc_service_settings_load_certificate(const UcServiceSettings *self) G_GNUC_WARN_UNUSED_RESULT;
GTlsDatabase *
uc_service_settings_load_database(const UcServiceSettings *self,
				  GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_service_settings_free(UcServiceSettings *self);
const gchar *
uc_service_settings_get_url(const UcServiceSettings *self);
const gchar *
uc_service_settings_get_external_url(const UcServiceSettings *self);
const gchar *
uc_service_settings_get_user(const UcServiceSettings *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcServiceSettings, uc_service_settings_free)
