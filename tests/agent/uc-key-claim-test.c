/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-check-in.h"
#include "uc-csr.h"
#include "uc-error.h"
#include "uc-json.h"
#include "uc-key-claim.h"
#include "uc-limits.h"

#define MACHINE	     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ORGANISATION "room.example"

static JsonObject *
uc_key_claim_test_new(guint count, gsize vendor_bytes)
{
	JsonObject *check_in = uc_check_in_new(MACHINE);

	for (guint i = 0; i < count; i++) {
		JsonObject *endpoint = json_object_new();
		g_autofree gchar *serial = g_strdup_printf("AC%04u", i);
		g_autofree gchar *vendor = g_strnfill(vendor_bytes, 'v');

		json_object_set_string_member(endpoint, "id", serial);
		json_object_set_string_member(endpoint, "vendor", vendor);
		json_object_set_string_member(endpoint, "serial", serial);
		json_object_set_string_member(endpoint, "reason", "the room is in use");
		json_array_add_object_element(json_object_get_array_member(check_in, "endpoints"),
					      endpoint);
	}
	return check_in;
}

/* the first ones, and no more than the request takes with the largest CSR */
static void
uc_key_claim_test_sizes(void)
{
	static const struct {
		guint count;
		gsize vendor_bytes;
		UcKeyClaimSize size;
		guint claimed; /* 0 where the bytes decide */
	} rows[] = {
	    {1, 4, UC_KEY_CLAIM_ALL, 1},
	    {65, 4, UC_KEY_CLAIM_ALL, 65},
	    {1000, 4, UC_KEY_CLAIM_ALL, 1000},
	    {1000, 160, UC_KEY_CLAIM_ALL, 1000},
	    {1024, 4, UC_KEY_CLAIM_ALL, 1024},
	    {1025, 4, UC_KEY_CLAIM_ALL, 1024},
	    {1024, 256, UC_KEY_CLAIM_ALL, 0},
	    {1, 4, UC_KEY_CLAIM_FEW, 1},
	    {64, 256, UC_KEY_CLAIM_FEW, 64},
	    {65, 4, UC_KEY_CLAIM_FEW, 64},
	    {1000, 4, UC_KEY_CLAIM_FEW, 64},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(JsonObject) check_in =
		    uc_key_claim_test_new(rows[i].count, rows[i].vendor_bytes);
		g_autoptr(JsonObject) request = json_object_new();
		g_autoptr(GError) error = NULL;
		g_autoptr(UcKeyClaim) claim =
		    uc_key_claim_new(check_in, ORGANISATION, rows[i].size, &error);
		g_autofree gchar *text = NULL;
		guint claimed = 0;

		g_test_message("row %u", i);
		g_assert_no_error(error);
		claimed = json_array_get_length(claim->endpoints);
		g_assert_cmpuint(claimed + claim->left_out, ==, rows[i].count);
		if (rows[i].claimed > 0)
			g_assert_cmpuint(claimed, ==, rows[i].claimed);
		else
			g_assert_cmpuint(claimed, >, 700);
		json_object_set_array_member(request,
					     "endpoints",
					     json_array_ref(claim->endpoints));
		text = uc_json_to_text(request, FALSE);
		g_assert_cmpuint(strlen(text) + UC_LIMIT_CERTIFICATE_BYTES,
				 <,
				 rows[i].size == UC_KEY_CLAIM_ALL ? UC_LIMIT_ENROL_BYTES
								  : UC_LIMIT_CHECKIN_BYTES);
		g_assert_null(strstr(text, "reason"));
		g_assert_nonnull(strstr(text, "\"AC0000\""));
	}
}

/* what docs/service-protocol.md has; an identity that is there twice counts once */
static void
uc_key_claim_test_vector(void)
{
	static const gchar *const vector =
	    "72fcdd97519964628904902647ef9de80bf7dd013d52162fbcbf3a224294b43b";
	static const gchar *const serials[] = {"AC0002", "AC0001", "AC0002"};
	g_autoptr(JsonObject) check_in = uc_key_claim_test_new(3, 1);
	JsonArray *endpoints = json_object_get_array_member(check_in, "endpoints");
	g_autoptr(GError) error = NULL;
	g_autoptr(UcKeyClaim) claim = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(serials); i++) {
		JsonObject *endpoint = json_array_get_object_element(endpoints, i);

		json_object_set_string_member(endpoint, "vendor", "acme");
		json_object_set_string_member(endpoint, "serial", serials[i]);
	}
	claim = uc_key_claim_new(check_in, ORGANISATION, UC_KEY_CLAIM_ALL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(claim->challenge, ==, vector);
}

static void
uc_key_claim_test_no_identity(void)
{
	g_autoptr(JsonObject) check_in = uc_check_in_new("");
	g_autoptr(GError) error = NULL;

	json_array_add_object_element(json_object_get_array_member(check_in, "endpoints"),
				      json_object_new());
	g_assert_null(uc_key_claim_new(check_in, ORGANISATION, UC_KEY_CLAIM_ALL, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/key-claim/sizes", uc_key_claim_test_sizes);
	g_test_add_func("/key-claim/vector", uc_key_claim_test_vector);
	g_test_add_func("/key-claim/no-identity", uc_key_claim_test_no_identity);
	return g_test_run();
}
