/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A check-in, docs/service-protocol.md section 5, as it comes from an endpoint. */

#include <string.h>

#include "uc-checkin.h"
#include "uc-error.h"
#include "uc-hardware-id.h"
#include "uc-identity.h"
#include "uc-json.h"
#include "uc-limits.h"

#define UC_CHECKIN_FORMAT      "ucupdates-checkin-1"
#define UC_CHECKIN_MODULES_MAX 64

static const gchar *const uc_checkin_states[] =
    {"", "current", "pending", "downloading", "staged", "activated", "failed", "in-use", NULL};

static void
uc_checkin_endpoint_free(UcCheckinEndpoint *self)
{
	g_free(self->id);
	g_free(self->identity);
	g_free(self->vendor);
	g_free(self->model);
	g_free(self->part_number);
	g_free(self->hardware_level);
	g_free(self->locale);
	g_free(self->serial);
	g_free(self->mac_address);
	g_free(self->version);
	g_free(self->state);
	g_free(self->reason);
	g_strfreev(self->guids);
	g_clear_pointer(&self->details, json_object_unref);
	g_free(self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcCheckinEndpoint, uc_checkin_endpoint_free)

void
uc_checkin_free(UcCheckin *self)
{
	g_free(self->agent_version);
	g_free(self->machine_id);
	g_clear_pointer(&self->endpoints, g_ptr_array_unref);
	g_clear_pointer(&self->rows, g_array_unref);
	g_free(self);
}

static gboolean
uc_checkin_read_texts(UcCheckinEndpoint *self, JsonObject *object, GError **error)
{
	const struct {
		const gchar *member;
		gchar **value;
	} texts[] = {
	    {"id", &self->id},
	    {"vendor", &self->vendor},
	    {"model", &self->model},
	    {"part_number", &self->part_number},
	    {"hardware_level", &self->hardware_level},
	    {"locale", &self->locale},
	    {"serial", &self->serial},
	    {"state", &self->state},
	    {"reason", &self->reason},
	};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		if (!uc_identity_get_text(object, texts[i].member, texts[i].value, error))
			return FALSE;
	}
	if (self->vendor[0] == '\0' || self->model[0] == '\0') {
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_INVALID,
				    "members 'vendor' and 'model' are required");
		return FALSE;
	}
	if (!g_strv_contains(uc_checkin_states, self->state)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "member 'state' is '%s', which is no state",
			    self->state);
		return FALSE;
	}
	return uc_identity_get_mac(object, &self->mac_address, error);
}

/* every module is checked; the one called `application`, or else the first, is the version */
static gboolean
uc_checkin_read_modules(UcCheckinEndpoint *self, JsonObject *object, GError **error)
{
	JsonArray *modules = NULL;

	self->version = g_strdup("");
	if (!uc_json_get_array(object,
			       "modules",
			       UC_JSON_OPTIONAL,
			       UC_CHECKIN_MODULES_MAX,
			       &modules,
			       error))
		return FALSE;
	for (guint i = 0; modules != NULL && i < json_array_get_length(modules); i++) {
		JsonObject *module = uc_json_array_get_object(modules, i, "modules", error);
		g_autofree gchar *name = NULL;
		g_autofree gchar *version = NULL;

		if (module == NULL || !uc_identity_get_text(module, "name", &name, error) ||
		    !uc_identity_get_text(module, "version", &version, error))
			return FALSE;
		if (i == 0 || g_str_equal(name, "application")) {
			g_free(self->version);
			self->version = g_steal_pointer(&version);
		}
	}
	return TRUE;
}

static gboolean
uc_checkin_read_guids(UcCheckinEndpoint *self, JsonObject *object, GError **error)
{
	if (!uc_json_get_strv(object,
			      "guids",
			      UC_JSON_OPTIONAL,
			      UC_LIMIT_CHECKIN_GUIDS,
			      64,
			      &self->guids,
			      error))
		return FALSE;
	for (guint i = 0; self->guids != NULL && self->guids[i] != NULL; i++) {
		g_autofree gchar *guid = g_ascii_strdown(self->guids[i], -1);

		if (!g_uuid_string_is_valid(guid)) {
			g_set_error_literal(error,
					    UC_ERROR,
					    UC_ERROR_INVALID,
					    "member 'guids' has something else than GUIDs");
			return FALSE;
		}
		g_free(self->guids[i]);
		self->guids[i] = g_steal_pointer(&guid);
	}
	return TRUE;
}

static gboolean
uc_checkin_check_reports(JsonObject *object, GError **error)
{
	g_auto(GStrv) reports = NULL;

	if (!uc_json_get_strv(object,
			      "reports",
			      UC_JSON_OPTIONAL,
			      UC_CHECKIN_REPORTS_MAX,
			      64,
			      &reports,
			      error))
		return FALSE;
	for (guint i = 0; reports != NULL && reports[i] != NULL; i++) {
		if (reports[i][0] != '\0' &&
		    strspn(reports[i], "abcdefghijklmnopqrstuvwxyz-") == strlen(reports[i]))
			continue;
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_INVALID,
				    "member 'reports' has something else than lower-case words");
		return FALSE;
	}
	return TRUE;
}

static UcCheckinEndpoint *
uc_checkin_read_endpoint(const UcCheckin *checkin, JsonObject *object, GError **error)
{
	g_autoptr(UcCheckinEndpoint) self = g_new0(UcCheckinEndpoint, 1);

	if (!uc_checkin_read_texts(self, object, error) ||
	    !uc_checkin_read_modules(self, object, error) ||
	    !uc_checkin_read_guids(self, object, error) || !uc_checkin_check_reports(object, error))
		return NULL;
	self->identity = uc_identity_new(checkin->machine_id, object, error);
	if (self->identity == NULL)
		return NULL;
	self->details = json_object_ref(object);
	return g_steal_pointer(&self);
}

static gboolean
uc_checkin_read_endpoints(UcCheckin *self, JsonObject *object, GError **error)
{
	JsonArray *array = NULL;

	if (!uc_json_get_array(object,
			       "endpoints",
			       UC_JSON_REQUIRED,
			       UC_LIMIT_CHECKIN_ENDPOINTS,
			       &array,
			       error))
		return FALSE;
	if (json_array_get_length(array) == 0) {
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_INVALID,
				    "member 'endpoints' is empty");
		return FALSE;
	}
	for (guint i = 0; i < json_array_get_length(array); i++) {
		JsonObject *element = uc_json_array_get_object(array, i, "endpoints", error);
		UcCheckinEndpoint *endpoint = NULL;

		if (element == NULL)
			return FALSE;
		endpoint = uc_checkin_read_endpoint(self, element, error);
		if (endpoint == NULL) {
			g_prefix_error(error, "element %u of 'endpoints': ", i);
			return FALSE;
		}
		g_ptr_array_add(self->endpoints, endpoint);
	}
	return TRUE;
}

/**
 * uc_checkin_parse:
 * @body: what was posted
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT
 *
 * Returns: (transfer full): the check-in, or %NULL
 */
UcCheckin *
uc_checkin_parse(GBytes *body, GError **error)
{
	g_autoptr(UcCheckin) self = g_new0(UcCheckin, 1);
	g_autoptr(JsonObject) object = NULL;
	const gchar *format = NULL;

	object = uc_json_parse_object(body, UC_LIMIT_CHECKIN_BYTES, "the check-in", error);
	if (object == NULL ||
	    !uc_json_get_string(object, "format", UC_JSON_REQUIRED, 64, &format, error))
		return NULL;
	if (!g_str_equal(format, UC_CHECKIN_FORMAT)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "member 'format' is '%s', expected '%s'",
			    format,
			    UC_CHECKIN_FORMAT);
		return NULL;
	}
	self->rows = g_array_new(FALSE, FALSE, sizeof(gint64));
	self->endpoints = g_ptr_array_new_with_free_func((GDestroyNotify)uc_checkin_endpoint_free);
	if (!uc_identity_get_text(object, "agent_version", &self->agent_version, error) ||
	    !uc_identity_get_machine(object, &self->machine_id, error) ||
	    !uc_checkin_read_endpoints(self, object, error))
		return NULL;
	return g_steal_pointer(&self);
}

/**
 * uc_checkin_endpoint_get_guids:
 *
 * Returns: (transfer full): its GUIDs, made from vendor, model, level, part number and locale if
 *   the endpoint does not say them
 */
GStrv
uc_checkin_endpoint_get_guids(const UcCheckinEndpoint *endpoint)
{
	if (endpoint->guids != NULL && endpoint->guids[0] != NULL)
		return g_strdupv(endpoint->guids);
	return uc_hardware_id_list_guids(endpoint->vendor,
					 endpoint->model,
					 endpoint->hardware_level,
					 endpoint->part_number,
					 endpoint->locale);
}
