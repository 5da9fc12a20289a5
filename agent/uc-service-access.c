/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What an endpoint shows of itself to be let in: a password, a client certificate, both or nothing.
 * To whom, uc-service-finder.c decides.
 */

#include "uc-credentials.h"
#include "uc-service-access.h"

struct _UcServiceAccess {
	gchar *user;
	gchar *password;		  /* (nullable) */
	UcClientCertificate *certificate; /* (nullable) */
};

static gchar *
uc_service_access_load_password(const UcServiceSettings *settings)
{
	g_autoptr(GError) error = NULL;
	gchar *password = NULL;

	if (settings->sign_in != NULL)
		return g_strdup(settings->sign_in->secret);
	password = uc_credentials_load(&error);
	if (error != NULL)
		g_warning("%s", error->message);
	return password;
}

/**
 * uc_service_access_new:
 * @settings: of the configuration, and of who has signed in, who comes first
 *
 * What cannot be read is warned about, and counts as not there.
 *
 * Returns: (transfer full): what there is now
 */
UcServiceAccess *
uc_service_access_new(const UcServiceSettings *settings)
{
	UcServiceAccess *self = g_new0(UcServiceAccess, 1);

	self->user = g_strdup(uc_service_settings_get_user(settings));
	self->password = uc_service_access_load_password(settings);
	self->certificate = uc_service_settings_load_certificate(settings);
	return self;
}

void
uc_service_access_free(UcServiceAccess *self)
{
	g_free(self->user);
	uc_secret_free(self->password);
	g_clear_object(&self->certificate);
	g_free(self);
}

/**
 * uc_service_access_is_empty:
 *
 * Returns: whether there is neither a password nor a certificate
 */
gboolean
uc_service_access_is_empty(const UcServiceAccess *self)
{
	return self->password == NULL && self->certificate == NULL;
}

/**
 * uc_service_access_use_password:
 * @service: whoever is asked gets the password, if there is one
 */
void
uc_service_access_use_password(const UcServiceAccess *self, UcService *service)
{
	if (self->password != NULL)
		uc_http_set_credentials(uc_service_get_http(service), self->user, self->password);
}

/**
 * uc_service_access_offer_certificate:
 * @service: whoever is asked may learn by the certificate which endpoint this is
 */
void
uc_service_access_offer_certificate(const UcServiceAccess *self, UcService *service)
{
	uc_http_set_client_certificate(uc_service_get_http(service), self->certificate);
}

/**
 * uc_service_access_get_certificate:
 *
 * Returns: (transfer none) (nullable): the client certificate
 */
UcClientCertificate *
uc_service_access_get_certificate(const UcServiceAccess *self)
{
	return self->certificate;
}
