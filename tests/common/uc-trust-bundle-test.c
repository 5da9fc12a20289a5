/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-document.h"
#include "uc-error.h"
#include "uc-names.h"
#include "uc-test-ca.h"
#include "uc-trust-bundle.h"

#define PURPOSES UC_TRUST_BUNDLE_PURPOSES

typedef struct {
	UcX509 *cas[PURPOSES];
	UcX509 *signer; /* below the CA of documents */
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer data)
{
	for (guint i = 0; i < PURPOSES; i++)
		fixture->cas[i] = uc_test_new_ca(uc_trust_bundle_get_purpose(i));
	fixture->signer = uc_test_new_signer(fixture->cas[UC_ANCHOR_DOCUMENTS]);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
	for (guint i = 0; i < PURPOSES; i++)
		g_clear_pointer(&fixture->cas[i], uc_x509_free);
	g_clear_pointer(&fixture->signer, uc_x509_free);
}

static void
set_anchor(JsonObject *body, const gchar *purpose, UcX509 *ca)
{
	JsonArray *array = json_array_new();
	g_autofree gchar *pem =
	    g_strndup(g_bytes_get_data(ca->certificate, NULL), g_bytes_get_size(ca->certificate));

	json_array_add_string_element(array, pem);
	json_object_set_array_member(json_object_get_object_member(body, "anchors"),
				     purpose,
				     array);
}

static JsonObject *
new_body(Fixture *fixture, guint count)
{
	JsonObject *body = json_object_new();

	json_object_set_string_member(body, "type", UC_DOCUMENT_TRUST);
	json_object_set_string_member(body, "organisation", "room.example");
	json_object_set_int_member(body, "serial", 5);
	uc_json_set_time(body, "issued", UC_TEST_NOW_SECS - 60);
	uc_json_set_time(body, "expires", UC_TEST_NOW_SECS + 60);
	json_object_set_object_member(body, "anchors", json_object_new());
	for (guint i = 0; i < count; i++)
		set_anchor(body, uc_trust_bundle_get_purpose(i), fixture->cas[i]);
	return body;
}

static UcTrustBundle *
verify(JsonObject *body, UcX509 *signer, GError **error)
{
	g_autoptr(GBytes) envelope = uc_document_sign(body, signer->certificate, signer->key, NULL);

	return uc_trust_bundle_verify(envelope, UC_TEST_NOW_SECS, 0, error);
}

static void
check_refused(JsonObject *body, UcX509 *signer, UcError code, const gchar *message)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(UcTrustBundle) bundle = verify(body, signer, &error);

	g_assert_null(bundle);
	g_assert_error(error, UC_ERROR, (gint)code);
	if (!g_pattern_match_simple(message, error->message))
		g_error("'%s' does not match '%s'", error->message, message);
}

static void
test_refused(Fixture *fixture, gconstpointer data)
{
	g_autoptr(JsonObject) body = new_body(fixture, PURPOSES);
	g_autoptr(JsonObject) half = new_body(fixture, UC_ANCHOR_METADATA);
	g_autoptr(JsonObject) twice = new_body(fixture, PURPOSES);
	g_autoptr(JsonObject) mixed = new_body(fixture, PURPOSES);
	g_autoptr(JsonObject) leaf = new_body(fixture, PURPOSES);
	g_autoptr(UcX509) stranger = uc_test_new_ca("stranger");
	g_autoptr(UcX509) other = uc_test_new_signer(stranger);

	/* the half of one bundle and the half of another: signed below neither */
	set_anchor(mixed, "documents", stranger);
	check_refused(mixed, fixture->signer, UC_ERROR_SIGNATURE, "trust is not signed by *");
	check_refused(body, other, UC_ERROR_SIGNATURE, "trust is not signed by an anchor in *");
	check_refused(half,
		      fixture->signer,
		      UC_ERROR_INVALID,
		      "trust: member 'anchors': *'metadata' is missing");
	set_anchor(twice, "recovery", fixture->cas[UC_ANCHOR_TLS]);
	check_refused(twice, fixture->signer, UC_ERROR_REFUSED, "trust: *this CA is there twice*");
	set_anchor(leaf, "tls", fixture->signer);
	check_refused(leaf, fixture->signer, UC_ERROR_REFUSED, "trust: *is no CA's*");
	json_object_set_string_member(body, "type", UC_DOCUMENT_KEYS);
	check_refused(body, fixture->signer, UC_ERROR_REFUSED, "trust: *type is 'keys'*");
	json_object_set_string_member(body, "type", UC_DOCUMENT_TRUST);
	uc_json_set_time(body, "expires", UC_TEST_NOW_SECS - 1);
	check_refused(body, fixture->signer, UC_ERROR_EXPIRED, "trust: expired at *");
	json_object_remove_member(body, "anchors");
	check_refused(body, fixture->signer, UC_ERROR_INVALID, "trust: member 'anchors' is *");
}

static void
test_good(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree gchar *dir = NULL;
	g_autofree gchar *fingerprint = NULL;

	for (guint count = UC_ANCHOR_LAST; count <= PURPOSES; count++) {
		g_autoptr(JsonObject) body = new_body(fixture, count);
		g_autoptr(UcTrustBundle) bundle = verify(body, fixture->signer, &error);

		g_assert_no_error(error);
		g_assert_cmpstr(bundle->organisation, ==, "room.example");
		g_assert_true((bundle->anchors[UC_ANCHOR_LAST] != NULL) == (count == PURPOSES));
		/* another recovery key is another bundle */
		g_assert_cmpstr(bundle->fingerprint, !=, fingerprint);
		g_free(fingerprint);
		fingerprint = g_strdup(bundle->fingerprint);
		g_free(dir);
		dir = uc_trust_bundle_get_anchors_dir(bundle, UC_ANCHOR_TLS);
		g_assert_true(g_file_test(dir, G_FILE_TEST_IS_DIR));
	}
	g_assert_false(g_file_test(dir, G_FILE_TEST_EXISTS));
}

/* the text that people can make with a shell */
static void
test_fingerprint(Fixture *fixture, gconstpointer data)
{
	GPtrArray *lists[PURPOSES] = {NULL};
	g_autoptr(GPtrArray) one = g_ptr_array_new();
	g_autoptr(UcCa) ca = uc_ca_parse(fixture->cas[0]->certificate, NULL);
	g_autofree gchar *line = g_strdup_printf("tls %s\n", ca->sha256);
	g_autofree gchar *expected = g_compute_checksum_for_string(G_CHECKSUM_SHA256, line, -1);
	g_autofree gchar *found = NULL;

	g_ptr_array_add(one, fixture->cas[0]->certificate);
	lists[0] = one;
	found = uc_trust_bundle_compute_fingerprint(lists, NULL);
	g_assert_cmpstr(found, ==, expected);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add("/trust-bundle/refused", Fixture, NULL, set_up, test_refused, tear_down);
	g_test_add("/trust-bundle/good", Fixture, NULL, set_up, test_good, tear_down);
	g_test_add("/trust-bundle/fingerprint", Fixture, NULL, set_up, test_fingerprint, tear_down);
	return g_test_run();
}
