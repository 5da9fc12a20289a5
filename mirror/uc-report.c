/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A report, docs/service-protocol.md section 6, as it comes from an endpoint. */

#include "uc-error.h"
#include "uc-identity.h"
#include "uc-json.h"
#include "uc-limits.h"
#include "uc-report.h"
#include "uc-sha256.h"

#define UC_REPORT_FORMAT	    "ucupdates-report-1"
#define UC_REPORT_MESSAGE_MAX_BYTES 4096

void
uc_report_free(UcReport *self)
{
	g_free(self->uuid);
	g_free(self->identity);
	g_free(self->event);
	g_free(self->version_old);
	g_free(self->version_new);
	g_free(self->sha256);
	g_free(self->message);
	g_clear_pointer(&self->body, json_object_unref);
	g_free(self);
}

static gboolean
uc_report_fail(const gchar *member, const gchar *found, const gchar *expected, GError **error)
{
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "member '%s' is '%s', expected %s",
		    member,
		    found,
		    expected);
	return FALSE;
}

static gboolean
uc_report_read_head(UcReport *self, GError **error)
{
	const gchar *format = NULL;
	g_autofree gchar *uuid = NULL;
	g_autofree gchar *machine_id = NULL;
	JsonObject *endpoint = NULL;

	if (!uc_json_get_string(self->body, "format", UC_JSON_REQUIRED, 64, &format, error))
		return FALSE;
	if (!g_str_equal(format, UC_REPORT_FORMAT))
		return uc_report_fail("format", format, "'" UC_REPORT_FORMAT "'", error);
	if (!uc_identity_get_text(self->body, "uuid", &uuid, error))
		return FALSE;
	self->uuid = g_ascii_strdown(uuid, -1);
	if (!g_uuid_string_is_valid(self->uuid))
		return uc_report_fail("uuid", self->uuid, "an RFC 4122 UUID", error);
	if (!uc_identity_get_machine(self->body, &machine_id, error) ||
	    !uc_json_get_object(self->body, "endpoint", UC_JSON_REQUIRED, &endpoint, error))
		return FALSE;
	self->identity = uc_identity_new(machine_id, endpoint, error);
	return self->identity != NULL;
}

static gboolean
uc_report_read_event(UcReport *self, GError **error)
{
	static const gchar *const events[] =
	    {"staged", "activated", "success", "failed", "revoked", "refused", NULL};
	const gchar *message = "";

	if (!uc_identity_get_text(self->body, "event", &self->event, error) ||
	    !uc_identity_get_text(self->body, "version_old", &self->version_old, error) ||
	    !uc_identity_get_text(self->body, "version_new", &self->version_new, error) ||
	    !uc_identity_get_text(self->body, "sha256", &self->sha256, error) ||
	    !uc_json_get_time(self->body, "time", UC_JSON_OPTIONAL, &self->time_secs, error) ||
	    !uc_json_get_string(self->body,
				"message",
				UC_JSON_OPTIONAL,
				UC_REPORT_MESSAGE_MAX_BYTES,
				&message,
				error))
		return FALSE;
	self->message = g_strdup(message);
	if (!g_strv_contains(events, self->event))
		return uc_report_fail("event",
				      self->event,
				      "staged, activated, success, failed, revoked or refused",
				      error);
	if (self->sha256[0] != '\0' && !uc_sha256_is_hex(self->sha256))
		return uc_report_fail("sha256",
				      self->sha256,
				      "64 lower-case hexadecimal digits",
				      error);
	return TRUE;
}

/**
 * uc_report_parse:
 * @body: what was posted
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT
 *
 * Returns: (transfer full): the report, or %NULL
 */
UcReport *
uc_report_parse(GBytes *body, GError **error)
{
	g_autoptr(UcReport) self = g_new0(UcReport, 1);
	JsonObject *fwupd = NULL;

	self->body = uc_json_parse_object(body, UC_LIMIT_REPORT_BYTES, "the report", error);
	if (self->body == NULL || !uc_report_read_head(self, error) ||
	    !uc_report_read_event(self, error) ||
	    !uc_json_get_object(self->body, "fwupd", UC_JSON_OPTIONAL, &fwupd, error))
		return NULL;
	return g_steal_pointer(&self);
}
