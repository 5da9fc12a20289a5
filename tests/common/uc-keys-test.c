/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-error.h"
#include "uc-keys.h"
#include "uc-limits.h"
#include "uc-sha256.h"
#include "uc-test-ca.h"

static JsonObject *
new_body(const gchar *purpose, UcX509 *ca, guint count)
{
	JsonObject *body = json_object_new();
	JsonObject *anchors = json_object_new();
	JsonArray *array = json_array_new();
	g_autofree gchar *pem =
	    g_strndup(g_bytes_get_data(ca->certificate, NULL), g_bytes_get_size(ca->certificate));

	for (guint i = 0; i < count; i++)
		json_array_add_string_element(array, pem);
	json_object_set_array_member(anchors, purpose, array);
	json_object_set_object_member(body, "anchors", anchors);
	json_object_set_int_member(body, "serial_epoch", 7);
	return body;
}

static UcKeys *
parse(JsonObject *body, GError **error)
{
	UcDocument document = {.organisation = (gchar *)"room.example", .serial = 9, .body = body};

	return uc_keys_parse(&document, error);
}

static void
check_refused(JsonObject *body, UcError code, const gchar *message)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(parse(body, &error));
	g_assert_error(error, UC_ERROR, (gint)code);
	if (!g_pattern_match_simple(message, error->message))
		g_error("'%s' does not match '%s'", error->message, message);
}

static void
set_revoked(JsonObject *body, const gchar *hash)
{
	JsonArray *array = json_array_new();

	json_array_add_string_element(array, hash);
	json_object_set_array_member(body, "revoked", array);
}

static void
test_refused(void)
{
	g_autoptr(UcX509) ca = uc_test_new_ca("CA");
	g_autoptr(UcX509) leaf = uc_test_new_signer(ca);
	g_autoptr(UcCa) parsed = uc_ca_parse(ca->certificate, NULL);
	g_autoptr(JsonObject) none = new_body("tls", ca, 0);
	g_autoptr(JsonObject) twice = new_body("tls", ca, 2);
	g_autoptr(JsonObject) many = new_body("tls", ca, UC_LIMIT_ANCHORS + 1);
	g_autoptr(JsonObject) no_ca = new_body("documents", leaf, 1);
	g_autoptr(JsonObject) body = new_body("documents", ca, 1);
	g_autoptr(JsonObject) both = new_body("documents", ca, 1);
	const gchar *pem = json_array_get_string_element(
	    json_object_get_array_member(json_object_get_object_member(both, "anchors"),
					 "documents"),
	    0);
	JsonArray *tls = json_array_new();

	check_refused(none, UC_ERROR_INVALID, "keys: *member 'tls' is empty, expected a CA, or *");
	check_refused(twice,
		      UC_ERROR_REFUSED,
		      "keys: *element 1 of 'tls': this CA is there twice*");
	check_refused(many, UC_ERROR_LIMIT, "keys: *");
	check_refused(no_ca, UC_ERROR_REFUSED, "keys: *element 0 of 'documents': *is no CA's*");
	/* the same CA for two purposes */
	json_array_add_string_element(tls, pem);
	json_object_set_array_member(json_object_get_object_member(both, "anchors"), "tls", tls);
	check_refused(both,
		      UC_ERROR_REFUSED,
		      "keys: *this CA is there twice; each purpose has its*");
	set_revoked(body, parsed->sha256);
	check_refused(body, UC_ERROR_INVALID, "keys: *is revoked in the same document");
	set_revoked(body, parsed->key_sha256);
	check_refused(body, UC_ERROR_INVALID, "keys: *is revoked in the same document");
	set_revoked(body, "ABC");
	check_refused(
	    body,
	    UC_ERROR_INVALID,
	    "keys: element 0 of 'revoked' is 'ABC', expected 64 lower-case hexadecimal *");
	json_object_remove_member(body, "revoked");
	json_object_set_int_member(body, "serial_epoch", 0);
	check_refused(body, UC_ERROR_INVALID, "keys: member 'serial_epoch' is 0, expected 1 to *");
	json_object_remove_member(body, "serial_epoch");
	check_refused(body, UC_ERROR_INVALID, "keys: member 'serial_epoch' is missing");
}

static void
test_good(void)
{
	g_autoptr(UcX509) ca = uc_test_new_ca("CA");
	g_autoptr(JsonObject) body = new_body("metadata", ca, 1);
	g_autofree gchar *hash = g_strnfill(UC_SHA256_HEX_CHARS, 'a');
	g_autoptr(GError) error = NULL;
	g_autoptr(UcKeys) keys = NULL;

	set_revoked(body, hash);
	keys = parse(body, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(keys->organisation, ==, "room.example");
	g_assert_cmpint(keys->serial, ==, 9);
	g_assert_cmpint(keys->serial_epoch, ==, 7);
	g_assert_cmpuint(keys->anchors[UC_ANCHOR_METADATA]->len, ==, 1);
	g_assert_null(keys->anchors[UC_ANCHOR_TLS]);
	g_assert_cmpuint(g_strv_length(keys->revoked), ==, 1);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/keys/refused", test_refused);
	g_test_add_func("/keys/good", test_good);
	return g_test_run();
}
