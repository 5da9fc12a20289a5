/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "uc-error.h"
#include "uc-names.h"
#include "uc-service.h"
#include "uc-x509.h"

#define DOMAIN	 "room.example"
#define NOW_SECS 1800000000
#define SHA	 "0000000000000000000000000000000000000000000000000000000000000000"
#define FILE_1	 "{\"path\":\"a\",\"size_bytes\":1,\"sha256\":\"" SHA "\"}"

typedef struct {
	gchar *dir; /* anchors */
	gchar *anchor_path;
	UcX509 *signer;
	UcX509 *other; /* of a CA for another purpose */
	UcService *service;
	UcDocumentExpect expect;
} Fixture;

static UcX509 *
uc_service_test_new_signer(UcX509 **ca_out)
{
	g_autoptr(GError) error = NULL;
	gint64 now_secs = g_get_real_time() / G_USEC_PER_SEC; /* libjcat asks the clock itself */
	g_autoptr(UcX509) ca = uc_x509_new_ca("CA", now_secs - 3600, now_secs + 3600, &error);
	UcX509 *signer = uc_x509_issue(ca,
				       UC_X509_SIGNING,
				       "signer",
				       NULL,
				       now_secs - 60,
				       now_secs + 60,
				       &error);

	g_assert_no_error(error);
	if (ca_out != NULL)
		*ca_out = g_steal_pointer(&ca);
	return signer;
}

static void
uc_service_test_set_up(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(UcX509) ca = NULL;
	g_autoptr(GPtrArray) addresses = g_ptr_array_new_with_free_func(g_object_unref);

	fixture->dir = g_dir_make_tmp("uc-service-XXXXXX", &error);
	g_assert_no_error(error);
	fixture->signer = uc_service_test_new_signer(&ca);
	fixture->other = uc_service_test_new_signer(NULL);
	fixture->anchor_path = g_build_filename(fixture->dir, "ca.pem", NULL);
	g_file_set_contents(fixture->anchor_path,
			    g_bytes_get_data(ca->certificate, NULL),
			    (gssize)g_bytes_get_size(ca->certificate),
			    &error);
	g_assert_no_error(error);
	g_ptr_array_add(addresses, g_inet_socket_address_new_from_string("192.0.2.1", 8443));
	fixture->service = uc_service_new("ucupdates-r2." DOMAIN, 443, addresses, NULL);
	fixture->expect.type = UC_DOCUMENT_SERVICE;
	fixture->expect.anchors_dir = fixture->dir;
	fixture->expect.now_secs = NOW_SECS;
}

static void
uc_service_test_tear_down(Fixture *fixture, gconstpointer data)
{
	(void)g_unlink(fixture->anchor_path);
	(void)g_rmdir(fixture->dir);
	g_free(fixture->anchor_path);
	g_free(fixture->dir);
	uc_x509_free(fixture->signer);
	uc_x509_free(fixture->other);
	g_object_unref(fixture->service);
}

static GBytes *
uc_service_test_sign(UcX509 *signer, const gchar *type, gint64 serial)
{
	g_autoptr(GError) error = NULL;
	g_autofree gchar *text =
	    g_strdup_printf("{\"type\":\"%s\",\"organisation\":\"" DOMAIN
			    "\",\"serial\":%" G_GINT64_FORMAT ",\"domains\":[\"" DOMAIN "\"],"
			    "\"internal_url\":\"https://ucupdates-r2." DOMAIN "/\","
			    "\"policy\":" FILE_1 ",\"remotes\":[],"
			    "\"checkin_path\":\"c\",\"reports_path\":\"r\"}",
			    type,
			    serial);
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	g_autoptr(JsonObject) parsed = uc_json_parse_object(bytes, 65536, "test", &error);
	g_autoptr(JsonObject) body = json_object_new();
	GList *members = json_object_get_members(parsed);
	GBytes *envelope = NULL;

	for (GList *i = members; i != NULL; i = i->next)
		json_object_set_member(body, i->data, json_object_dup_member(parsed, i->data));
	g_list_free(members);
	uc_json_set_time(body, "issued", NOW_SECS - 60);
	uc_json_set_time(body, "expires", NOW_SECS + 60);
	envelope = uc_document_sign(body, signer->certificate, signer->key, &error);
	g_assert_no_error(error);
	return envelope;
}

static void
uc_service_test_check_refused(Fixture *fixture,
			      GBytes *envelope,
			      UcError code,
			      const gchar *message)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(
	    uc_service_accept(fixture->service, envelope, DOMAIN, &fixture->expect, &error));
	g_assert_error(error, UC_ERROR, (gint)code);
	if (!g_pattern_match_simple(message, error->message))
		g_error("%s", error->message);
}

static void
uc_service_test_refused(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GBytes) good = uc_service_test_sign(fixture->signer, UC_DOCUMENT_SERVICE, 7);
	g_autoptr(GBytes) purpose = uc_service_test_sign(fixture->other, UC_DOCUMENT_SERVICE, 7);
	g_autoptr(GBytes) type = uc_service_test_sign(fixture->signer, UC_DOCUMENT_POLICY, 7);
	g_autoptr(GBytes) empty = g_bytes_new(NULL, 0);

	uc_service_test_check_refused(fixture, empty, UC_ERROR_INVALID, "*is empty");
	uc_service_test_check_refused(fixture, purpose, UC_ERROR_SIGNATURE, "*not signed by*");
	uc_service_test_check_refused(fixture, type, UC_ERROR_REFUSED, "*type is 'policy'*");
	fixture->expect.serial_min = 8;
	uc_service_test_check_refused(fixture,
				      good,
				      UC_ERROR_ROLLBACK,
				      "*serial 7 is older than 8 seen before");
	fixture->expect.serial_min = 0;
	fixture->expect.organisation = "other.example";
	uc_service_test_check_refused(fixture, good, UC_ERROR_REFUSED, "*expected 'other.example'");
	fixture->expect.organisation = NULL;
	fixture->expect.now_secs = NOW_SECS + 90 * 86400;
	uc_service_test_check_refused(fixture, good, UC_ERROR_EXPIRED, "*expired at*");
	fixture->expect.now_secs = NOW_SECS - 3600;
	uc_service_test_check_refused(fixture, good, UC_ERROR_CLOCK, "*in the future*");
	fixture->expect.floor_secs = NOW_SECS;
	uc_service_test_check_refused(fixture, good, UC_ERROR_CLOCK, "*in the past*");
	g_assert_null(uc_service_get_description(fixture->service));
}

/* what was accepted stays when the next one is refused */
static void
uc_service_test_kept(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) good = uc_service_test_sign(fixture->signer, UC_DOCUMENT_SERVICE, 7);
	g_autoptr(GBytes) bad = uc_service_test_sign(fixture->other, UC_DOCUMENT_SERVICE, 9);
	g_autofree gchar *url = uc_service_get_url(fixture->service);

	g_assert_true(uc_service_accept(fixture->service, good, DOMAIN, &fixture->expect, &error));
	g_assert_no_error(error);
	uc_service_test_check_refused(fixture, bad, UC_ERROR_SIGNATURE, "*not signed by*");
	g_assert_cmpint(uc_service_get_description(fixture->service)->serial, ==, 7);
	g_assert_true(uc_service_get_envelope(fixture->service) == good);
	g_assert_cmpstr(uc_service_get_domain(fixture->service), ==, DOMAIN);
	g_assert_cmpstr(url, ==, "https://ucupdates-r2." DOMAIN "/");
	g_assert_cmpuint(uc_service_get_port(fixture->service), ==, 443);
	g_assert_cmpuint(uc_service_get_addresses(fixture->service)->len, ==, 1);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add("/service/refused",
		   Fixture,
		   NULL,
		   uc_service_test_set_up,
		   uc_service_test_refused,
		   uc_service_test_tear_down);
	g_test_add("/service/kept",
		   Fixture,
		   NULL,
		   uc_service_test_set_up,
		   uc_service_test_kept,
		   uc_service_test_tear_down);
	return g_test_run();
}
