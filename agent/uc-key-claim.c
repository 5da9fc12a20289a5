/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The endpoints that a key is to be for, docs/service-protocol.md section 7. */

#include <string.h>

#include "uc-csr.h"
#include "uc-identity.h"
#include "uc-json.h"
#include "uc-key-claim.h"
#include "uc-limits.h"

/* what is in a request beside endpoints and the CSR: names of members, a token */
#define UC_KEY_CLAIM_OTHER_BYTES 1024

static const struct {
	guint endpoints;
	gsize size_bytes;
} uc_key_claim_limits[] = {
    [UC_KEY_CLAIM_ALL] = {UC_LIMIT_ENROL_ENDPOINTS, UC_LIMIT_ENROL_BYTES},
    [UC_KEY_CLAIM_FEW] = {UC_LIMIT_CHECKIN_ENDPOINTS, UC_LIMIT_CHECKIN_BYTES},
};

void
uc_key_claim_free(UcKeyClaim *self)
{
	g_clear_pointer(&self->endpoints, json_array_unref);
	g_free(self->challenge);
	g_free(self);
}

/* only what tells endpoints apart: the rest is in the check-in */
static JsonObject *
uc_key_claim_copy_endpoint(JsonObject *endpoint)
{
	static const gchar *const members[] = {"id", "vendor", "serial", "mac_address"};
	JsonObject *copy = json_object_new();

	for (guint i = 0; i < G_N_ELEMENTS(members); i++) {
		if (json_object_has_member(endpoint, members[i]))
			json_object_set_member(copy,
					       members[i],
					       json_object_dup_member(endpoint, members[i]));
	}
	return copy;
}

/* the first ones in their order, so that they are the same at the next look */
static void
uc_key_claim_choose(UcKeyClaim *self, JsonArray *all, UcKeyClaimSize size)
{
	gsize size_bytes = UC_LIMIT_CERTIFICATE_BYTES + UC_KEY_CLAIM_OTHER_BYTES;
	guint count = MIN(json_array_get_length(all), uc_key_claim_limits[size].endpoints);

	for (guint i = 0; i < count; i++) {
		g_autoptr(JsonObject) copy =
		    uc_key_claim_copy_endpoint(json_array_get_object_element(all, i));
		g_autofree gchar *text = uc_json_to_text(copy, FALSE);

		/* and the comma after it */
		size_bytes += strlen(text) + 1;
		if (size_bytes > uc_key_claim_limits[size].size_bytes)
			break;
		json_array_add_object_element(self->endpoints, json_object_ref(copy));
	}
	self->left_out = json_array_get_length(all) - json_array_get_length(self->endpoints);
}

static gboolean
uc_key_claim_compute(UcKeyClaim *self,
		     const gchar *machine_id,
		     const gchar *organisation,
		     GError **error)
{
	g_autoptr(GHashTable) identities =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree gpointer *names = NULL;

	for (guint i = 0; i < json_array_get_length(self->endpoints); i++) {
		JsonObject *endpoint = json_array_get_object_element(self->endpoints, i);
		gchar *identity = uc_identity_new(machine_id, endpoint, error);

		if (identity == NULL)
			return FALSE;
		g_hash_table_add(identities, identity);
	}
	names = g_hash_table_get_keys_as_array(identities, NULL);
	self->challenge = uc_csr_claim(organisation, (const gchar *const *)names);
	return TRUE;
}

/**
 * uc_key_claim_new:
 * @check_in: from uc_check_in_new(), with all endpoints of the machine
 * @organisation: whose service it is
 * @size: how much the service takes
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT for an endpoint without an identity
 *
 * Returns: (transfer full): for as many endpoints as a request may have, the first ones
 */
UcKeyClaim *
uc_key_claim_new(JsonObject *check_in,
		 const gchar *organisation,
		 UcKeyClaimSize size,
		 GError **error)
{
	g_autoptr(UcKeyClaim) self = g_new0(UcKeyClaim, 1);
	const gchar *machine_id = json_object_get_string_member(check_in, "machine_id");

	self->endpoints = json_array_new();
	uc_key_claim_choose(self, json_object_get_array_member(check_in, "endpoints"), size);
	return uc_key_claim_compute(self, machine_id, organisation, error) ? g_steal_pointer(&self)
									   : NULL;
}
