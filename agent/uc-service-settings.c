/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-description.h"
#include "uc-endpoint-pair.h"
#include "uc-error.h"
#include "uc-paths.h"
#include "uc-service-settings.h"
#include "uc-tls.h"

void
uc_service_settings_free(UcServiceSettings *self)
{
	g_free(self->url);
	g_free(self->external_url);
	g_free(self->pin);
	g_free(self->user);
	g_free(self->client_certificate);
	g_free(self->client_key);
	g_free(self->client_pin);
	g_free(self->enrolment_token);
	g_clear_pointer(&self->sign_in, uc_sign_in_free);
	g_free(self);
}

static gboolean
uc_service_settings_read_url(UcConfig *config, const gchar *key, gchar **url_out, GError **error)
{
	g_autofree gchar *text = uc_config_get_string(config, "Service", key);

	if (text[0] == '\0')
		return TRUE;
	if (!uc_description_is_url(text)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    " is '%s', expected https://HOST[:PORT]/",
			    text);
		uc_config_prefix_error(config, "Service", key, error);
		return FALSE;
	}
	*url_out = g_steal_pointer(&text);
	return TRUE;
}

/**
 * uc_service_settings_new:
 * @error: set to %UC_ERROR_INVALID with group, key and value
 *
 * Returns: (transfer full): what is configured about the service, or %NULL
 */
UcServiceSettings *
uc_service_settings_new(UcConfig *config, GError **error)
{
	g_autoptr(UcServiceSettings) self = g_new0(UcServiceSettings, 1);

	self->first_use = uc_config_get_boolean(config, "Service", "FirstUse");
	self->pin = uc_config_get_string(config, "Service", "Pin");
	self->user = uc_config_get_string(config, "Service", "User");
	self->client_certificate = uc_config_get_string(config, "Service", "ClientCertificate");
	self->client_key = uc_config_get_string(config, "Service", "ClientKey");
	self->enrolment_token = uc_config_get_string(config, "Agent", "EnrolmentToken");
	self->tell_user = uc_config_get_boolean(config, "Service", "TellUser");
	self->client_pin = uc_config_get_string(config, "Service", "ClientPin");
	if (strchr(self->user, ':') != NULL) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    " is '%s', expected a name without a colon",
			    self->user);
		uc_config_prefix_error(config, "Service", "User", error);
		return NULL;
	}
	if (!uc_tls_check_pin(self->pin, error)) {
		g_autofree gchar *path = uc_config_get_path(config, "Service", "Pin");

		g_prefix_error(error, "%s: ", path);
		return NULL;
	}
	if (!uc_service_settings_read_url(config, "Url", &self->url, error) ||
	    !uc_service_settings_read_url(config, "ExternalUrl", &self->external_url, error))
		return NULL;
	return g_steal_pointer(&self);
}

/**
 * uc_service_settings_load_certificate:
 *
 * It is read anew each time, because it may be renewed while the agent runs. One that cannot be
 * used is warned about; a service that does without it is not lost for that.
 *
 * Returns: (transfer full) (nullable): the certificate that is configured, else the one that the
 * service gave
 */
UcClientCertificate *
uc_service_settings_load_certificate(const UcServiceSettings *self)
{
	g_autoptr(GError) error = NULL;
	UcClientCertificate *certificate = NULL;

	if (self->client_certificate[0] == '\0') {
		certificate = uc_endpoint_pair_load(self, &error);
		if (error != NULL)
			g_warning("%s", error->message);
		return certificate;
	}
	certificate = uc_client_certificate_load(self->client_certificate,
						 self->client_key,
						 self->client_pin,
						 &error);
	if (certificate == NULL)
		g_warning("ucupdates.conf: [Service] ClientCertificate: %s", error->message);
	return certificate;
}

/**
 * uc_service_settings_get_url:
 *
 * Returns: (transfer none) (nullable): where the service is inside the network: what is configured,
 * else what came with the sign-in
 */
const gchar *
uc_service_settings_get_url(const UcServiceSettings *self)
{
	if (self->url != NULL || self->sign_in == NULL)
		return self->url;
	return self->sign_in->internal_url;
}

/**
 * uc_service_settings_get_external_url:
 *
 * Returns: (transfer none) (nullable): the same from outside
 */
const gchar *
uc_service_settings_get_external_url(const UcServiceSettings *self)
{
	if (self->external_url != NULL || self->sign_in == NULL)
		return self->external_url;
	return self->sign_in->external_url;
}

/**
 * uc_service_settings_get_user:
 *
 * Returns: (transfer none): the name that goes with the password: who has signed in comes first
 */
const gchar *
uc_service_settings_get_user(const UcServiceSettings *self)
{
	return self->sign_in != NULL ? self->sign_in->user : self->user;
}

/**
 * uc_service_settings_load_database:
 * @error: as uc_tls_database_new() and uc_tls_database_set_pin()
 *
 * Returns: (transfer full): the organisation's CAs of services
 */
GTlsDatabase *
uc_service_settings_load_database(const UcServiceSettings *self, GError **error)
{
	g_autofree gchar *dir = uc_path_anchors(UC_ANCHOR_TLS);
	g_autoptr(GTlsDatabase) database = uc_tls_database_new(dir, error);

	if (database == NULL || !uc_tls_database_set_pin(database, self->pin, error))
		return NULL;
	return g_steal_pointer(&database);
}
