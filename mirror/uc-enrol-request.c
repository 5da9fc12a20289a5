/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A request for a certificate, docs/service-protocol.md section 7, as it comes from an endpoint. */

#include "uc-checkin.h"
#include "uc-enrol-request.h"
#include "uc-error.h"
#include "uc-identity.h"
#include "uc-json.h"
#include "uc-limits.h"

#define UC_ENROL_REQUEST_FORMAT "ucupdates-enrolment-1"

void
uc_enrol_request_free(UcEnrolRequest *self)
{
	g_clear_pointer(&self->csr, uc_csr_free);
	g_strfreev(self->identities);
	g_free(self->token);
	g_free(self);
}

static gboolean
uc_enrol_request_read_endpoints(UcEnrolRequest *self,
				JsonObject *object,
				const gchar *machine_id,
				GError **error)
{
	g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GPtrArray) identities = g_ptr_array_new_with_free_func(g_free);
	JsonArray *array = NULL;

	if (!uc_json_get_array(object,
			       "endpoints",
			       UC_JSON_REQUIRED,
			       UC_LIMIT_ENROL_ENDPOINTS,
			       &array,
			       error))
		return FALSE;
	for (guint i = 0; i < json_array_get_length(array); i++) {
		JsonObject *endpoint = uc_json_array_get_object(array, i, "endpoints", error);
		g_autofree gchar *identity = NULL;

		if (endpoint == NULL)
			return FALSE;
		identity = uc_identity_new(machine_id, endpoint, error);
		if (identity == NULL) {
			g_prefix_error(error, "element %u of 'endpoints': ", i);
			return FALSE;
		}
		if (g_hash_table_contains(known, identity))
			continue;
		g_hash_table_add(known, identity);
		g_ptr_array_add(identities, g_steal_pointer(&identity));
	}
	if (identities->len == 0) {
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_INVALID,
				    "member 'endpoints' is empty");
		return FALSE;
	}
	g_ptr_array_add(identities, NULL);
	self->identities = (GStrv)g_ptr_array_free(g_steal_pointer(&identities), FALSE);
	return TRUE;
}

static gboolean
uc_enrol_request_read(UcEnrolRequest *self, JsonObject *object, GError **error)
{
	g_autofree gchar *machine_id = NULL;
	const gchar *format = NULL;
	const gchar *csr = NULL;

	if (!uc_json_get_string(object, "format", UC_JSON_REQUIRED, 64, &format, error))
		return FALSE;
	if (!g_str_equal(format, UC_ENROL_REQUEST_FORMAT)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "member 'format' is '%s', expected '%s'",
			    format,
			    UC_ENROL_REQUEST_FORMAT);
		return FALSE;
	}
	if (!uc_identity_get_text(object, "token", &self->token, error) ||
	    !uc_identity_get_machine(object, &machine_id, error) ||
	    !uc_enrol_request_read_endpoints(self, object, machine_id, error) ||
	    !uc_json_get_string(object,
				"csr",
				UC_JSON_REQUIRED,
				UC_LIMIT_CERTIFICATE_BYTES,
				&csr,
				error))
		return FALSE;
	self->csr = uc_csr_parse(csr, error);
	if (self->csr == NULL)
		g_prefix_error(error, "member 'csr': ");
	return self->csr != NULL;
}

/**
 * uc_enrol_request_parse:
 * @body: what was posted
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT
 *
 * Returns: (transfer full): the request, or %NULL
 */
UcEnrolRequest *
uc_enrol_request_parse(GBytes *body, GError **error)
{
	g_autoptr(UcEnrolRequest) self = g_new0(UcEnrolRequest, 1);
	g_autoptr(JsonObject) object =
	    uc_json_parse_object(body, UC_LIMIT_ENROL_BYTES, "the request", error);

	if (object == NULL || !uc_enrol_request_read(self, object, error))
		return NULL;
	return g_steal_pointer(&self);
}

/**
 * uc_enrol_request_check_claim:
 * @organisation: whose mirror this is
 * @error: set to %UC_ERROR_INVALID
 *
 * Returns: whether whoever signed it asked for these endpoints of this organisation
 */
gboolean
uc_enrol_request_check_claim(const UcEnrolRequest *self, const gchar *organisation, GError **error)
{
	g_autofree gchar *claim =
	    uc_csr_claim(organisation, (const gchar *const *)self->identities);

	if (g_str_equal(claim, self->csr->challenge))
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "member 'csr': its challengePassword is '%.64s', expected the SHA-256 of "
		    "the organisation '%s' and the identities of these endpoints, %s",
		    self->csr->challenge,
		    organisation,
		    claim);
	return FALSE;
}
