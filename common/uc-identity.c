/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Who an endpoint is, docs/service-protocol.md section 5: vendor and serial, else vendor and MAC
 * address, else machine id and its id on that machine. What it says is not proven by anything yet;
 * it fills an inventory and decides nothing.
 */

#include <string.h>

#include "uc-error.h"
#include "uc-identity.h"
#include "uc-json.h"
#include "uc-limits.h"
#include "uc-sha256.h"

/**
 * uc_identity_get_text:
 * @object: from an endpoint
 * @member: name of an optional member
 * @value_out: (out) (transfer full): the text without white space around it; empty when absent
 * @error: set to %UC_ERROR_INVALID (no string, or control characters) or %UC_ERROR_LIMIT
 */
gboolean
uc_identity_get_text(JsonObject *object, const gchar *member, gchar **value_out, GError **error)
{
	const gchar *text = "";
	g_autofree gchar *value = NULL;

	if (!uc_json_get_string(object,
				member,
				UC_JSON_OPTIONAL,
				UC_LIMIT_CHECKIN_TEXT_BYTES,
				&text,
				error))
		return FALSE;
	value = g_strstrip(g_strdup(text));
	for (const gchar *p = value; *p != '\0'; p = g_utf8_next_char(p)) {
		if (g_unichar_iscntrl(g_utf8_get_char(p))) {
			g_set_error(error,
				    UC_ERROR,
				    UC_ERROR_INVALID,
				    "member '%s' has a control character",
				    member);
			return FALSE;
		}
	}
	g_free(*value_out);
	*value_out = g_steal_pointer(&value);
	return TRUE;
}

/**
 * uc_identity_is_mac:
 *
 * Returns: whether it is a MAC address such as 00:04:f2:00:00:01, in any case
 */
gboolean
uc_identity_is_mac(const gchar *text)
{
	gboolean valid = strlen(text) == 17;

	for (guint i = 0; valid && i < 17; i++)
		valid = i % 3 == 2 ? text[i] == ':' : g_ascii_isxdigit(text[i]);
	return valid;
}

/**
 * uc_identity_get_mac:
 * @value_out: (out) (transfer full): `mac_address` in lower case; empty when absent
 */
gboolean
uc_identity_get_mac(JsonObject *object, gchar **value_out, GError **error)
{
	g_autofree gchar *text = NULL;

	if (!uc_identity_get_text(object, "mac_address", &text, error))
		return FALSE;
	if (text[0] != '\0' && !uc_identity_is_mac(text)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "member 'mac_address' is '%s', expected 00:04:f2:00:00:01",
			    text);
		return FALSE;
	}
	g_free(*value_out);
	*value_out = g_ascii_strdown(text, -1);
	return TRUE;
}

/**
 * uc_identity_get_machine:
 * @value_out: (out) (transfer full): `machine_id`; empty when absent
 */
gboolean
uc_identity_get_machine(JsonObject *object, gchar **value_out, GError **error)
{
	g_autofree gchar *text = NULL;

	if (!uc_identity_get_text(object, "machine_id", &text, error))
		return FALSE;
	if (text[0] != '\0' && !uc_sha256_is_hex(text)) {
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_INVALID,
				    "member 'machine_id' is not 64 lower-case hexadecimal digits");
		return FALSE;
	}
	g_free(*value_out);
	*value_out = g_steal_pointer(&text);
	return TRUE;
}

static gchar *
uc_identity_join(const gchar *kind, const gchar *owner, const gchar *name)
{
	/* a slash within the parts would let one endpoint look like another */
	g_autofree gchar *owner_escaped = g_uri_escape_string(owner, NULL, TRUE);
	g_autofree gchar *name_escaped = g_uri_escape_string(name, ":", TRUE);

	return g_strdup_printf("%s/%s/%s", kind, owner_escaped, name_escaped);
}

/**
 * uc_identity_new:
 * @machine_id: may be empty
 * @endpoint: with `vendor`, `serial`, `mac_address` and `id`
 * @error: set to %UC_ERROR_INVALID if nothing tells it from others
 *
 * Returns: (transfer full): the identity
 */
gchar *
uc_identity_new(const gchar *machine_id, JsonObject *endpoint, GError **error)
{
	g_autofree gchar *vendor = NULL;
	g_autofree gchar *serial = NULL;
	g_autofree gchar *mac = NULL;
	g_autofree gchar *id = NULL;
	g_autofree gchar *folded = NULL;

	if (!uc_identity_get_text(endpoint, "vendor", &vendor, error) ||
	    !uc_identity_get_text(endpoint, "serial", &serial, error) ||
	    !uc_identity_get_mac(endpoint, &mac, error) ||
	    !uc_identity_get_text(endpoint, "id", &id, error))
		return NULL;
	folded = g_utf8_strdown(vendor, -1);
	if (folded[0] != '\0' && serial[0] != '\0')
		return uc_identity_join("serial", folded, serial);
	if (folded[0] != '\0' && mac[0] != '\0')
		return uc_identity_join("mac", folded, mac);
	if (machine_id[0] != '\0' && id[0] != '\0')
		return uc_identity_join("machine", machine_id, id);
	g_set_error_literal(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "nothing tells the endpoint from others, expected vendor and serial, "
			    "vendor and mac_address, or machine_id and id");
	return NULL;
}
