/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "uc-document.h"
#include "uc-error.h"
#include "uc-x509.h"

#define NOW_SECS  (g_get_real_time() / G_USEC_PER_SEC)
#define HOUR_SECS 3600
#define YEAR_SECS (365 * 86400)

typedef struct {
	gchar *dir;
	UcX509 *ca;
	UcX509 *leaf;
	UcX509 *other; /* issued by a CA of another purpose */
} UcDocumentTest;

static void
uc_document_test_set_up(UcDocumentTest *self, gconstpointer data)
{
	g_autoptr(UcX509) other_ca =
	    uc_x509_new_ca("Payload CA", NOW_SECS - HOUR_SECS, NOW_SECS + YEAR_SECS, NULL);
	g_autofree gchar *path = NULL;

	self->dir = g_dir_make_tmp("uc-document-XXXXXX", NULL);
	path = g_build_filename(self->dir, "ca.pem", NULL);
	self->ca = uc_x509_new_ca("Documents CA", NOW_SECS - HOUR_SECS, NOW_SECS + YEAR_SECS, NULL);
	self->leaf = uc_x509_issue(self->ca,
				   UC_X509_SIGNING,
				   "Documents",
				   NULL,
				   NOW_SECS - HOUR_SECS,
				   NOW_SECS + YEAR_SECS,
				   NULL);
	self->other = uc_x509_issue(other_ca,
				    UC_X509_SIGNING,
				    "Payload",
				    NULL,
				    NOW_SECS - HOUR_SECS,
				    NOW_SECS + YEAR_SECS,
				    NULL);
	g_assert_true(g_file_set_contents(path,
					  g_bytes_get_data(self->ca->certificate, NULL),
					  (gssize)g_bytes_get_size(self->ca->certificate),
					  NULL));
}

static void
uc_document_test_tear_down(UcDocumentTest *self, gconstpointer data)
{
	g_autofree gchar *path = g_build_filename(self->dir, "ca.pem", NULL);

	g_assert_cmpint(g_remove(path), ==, 0);
	g_assert_cmpint(g_rmdir(self->dir), ==, 0);
	g_free(self->dir);
	uc_x509_free(self->ca);
	uc_x509_free(self->leaf);
	uc_x509_free(self->other);
}

static JsonObject *
uc_document_test_body(void)
{
	JsonObject *body = json_object_new();

	json_object_set_string_member(body, "type", "policy");
	json_object_set_string_member(body, "organisation", "room.example");
	json_object_set_int_member(body, "serial", 10);
	uc_json_set_time(body, "issued", NOW_SECS);
	uc_json_set_time(body, "expires", NOW_SECS + HOUR_SECS);
	json_object_set_string_member(body, "extra", "value");
	return body;
}

static UcDocument *
uc_document_test_verify(UcDocumentTest *self, GBytes *envelope, GError **error)
{
	UcDocumentExpect expect = {.type = "policy",
				   .organisation = "room.example",
				   .anchors_dir = self->dir,
				   .serial_min = 10,
				   .now_secs = NOW_SECS};

	return uc_document_verify(envelope, &expect, error);
}

static void
uc_document_test_assert_refused(UcDocumentTest *self,
				JsonObject *body,
				UcX509 *signer,
				UcError code,
				const gchar *message)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) envelope =
	    uc_document_sign(body, signer->certificate, signer->key, &error);

	g_assert_no_error(error);
	g_assert_null(uc_document_test_verify(self, envelope, &error));
	g_assert_error(error, UC_ERROR, (gint)code);
	if (!g_pattern_match_simple(message, error->message))
		g_error("'%s' does not match '%s'", error->message, message);
}

static void
uc_document_test_round_trip(UcDocumentTest *self, gconstpointer data)
{
	g_autoptr(JsonObject) body = uc_document_test_body();
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) envelope =
	    uc_document_sign(body, self->leaf->certificate, self->leaf->key, &error);
	g_autoptr(UcDocument) document = NULL;

	g_assert_no_error(error);
	document = uc_document_test_verify(self, envelope, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(document->organisation, ==, "room.example");
	g_assert_cmpint(document->serial, ==, 10);
	g_assert_cmpint(document->expires_secs - document->issued_secs, ==, HOUR_SECS);
	g_assert_cmpstr(json_object_get_string_member(document->body, "extra"), ==, "value");
}

static void
uc_document_test_refused(UcDocumentTest *self, gconstpointer data)
{
	g_autoptr(JsonObject) body = uc_document_test_body();

	uc_document_test_assert_refused(self,
					body,
					self->other,
					UC_ERROR_SIGNATURE,
					"policy is not signed by an anchor in *");
	json_object_set_string_member(body, "type", "keys");
	uc_document_test_assert_refused(self,
					body,
					self->leaf,
					UC_ERROR_REFUSED,
					"policy: the document's type is 'keys', expected 'policy'");
	json_object_set_string_member(body, "type", "policy");
	json_object_set_string_member(body, "organisation", "evil.example");
	uc_document_test_assert_refused(
	    self,
	    body,
	    self->leaf,
	    UC_ERROR_REFUSED,
	    "policy: it is of the organisation 'evil.example', expected 'room.example'");
	json_object_set_string_member(body, "organisation", "room.example");
	json_object_set_int_member(body, "serial", 9);
	uc_document_test_assert_refused(self,
					body,
					self->leaf,
					UC_ERROR_ROLLBACK,
					"policy: serial 9 is older than 10 seen before");
	json_object_set_int_member(body, "serial", 0);
	uc_document_test_assert_refused(self,
					body,
					self->leaf,
					UC_ERROR_INVALID,
					"policy: member 'serial' is 0, expected 1 to *");
	json_object_remove_member(body, "serial");
	uc_document_test_assert_refused(self,
					body,
					self->leaf,
					UC_ERROR_INVALID,
					"policy: member 'serial' is missing");
}

static void
uc_document_test_times(UcDocumentTest *self, gconstpointer data)
{
	g_autoptr(JsonObject) body = uc_document_test_body();

	uc_json_set_time(body, "issued", NOW_SECS - 2 * HOUR_SECS);
	uc_json_set_time(body, "expires", NOW_SECS - 1);
	uc_document_test_assert_refused(self,
					body,
					self->leaf,
					UC_ERROR_EXPIRED,
					"policy: expired at *; the service has to publish again");
	uc_json_set_time(body, "issued", NOW_SECS + HOUR_SECS);
	uc_json_set_time(body, "expires", NOW_SECS + 2 * HOUR_SECS);
	uc_document_test_assert_refused(self,
					body,
					self->leaf,
					UC_ERROR_CLOCK,
					"policy: issued in the future by this machine's clock*");
	uc_json_set_time(body, "issued", NOW_SECS);
	uc_json_set_time(body, "expires", NOW_SECS + 2 * YEAR_SECS);
	uc_document_test_assert_refused(
	    self,
	    body,
	    self->leaf,
	    UC_ERROR_INVALID,
	    "policy: expected an expiry after the issue and at most 400 days later");
}

static void
uc_document_test_clock(UcDocumentTest *self, gconstpointer data)
{
	g_autoptr(JsonObject) body = uc_document_test_body();
	g_autoptr(GBytes) envelope =
	    uc_document_sign(body, self->leaf->certificate, self->leaf->key, NULL);
	g_autoptr(GError) error = NULL;
	UcDocumentExpect expect = {.type = "policy",
				   .anchors_dir = self->dir,
				   .now_secs = 86400,
				   .floor_secs = NOW_SECS};

	g_assert_null(uc_document_verify(envelope, &expect, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_CLOCK);
}

static void
uc_document_test_no_anchors(UcDocumentTest *self, gconstpointer data)
{
	g_autoptr(JsonObject) body = uc_document_test_body();
	g_autoptr(GBytes) envelope =
	    uc_document_sign(body, self->leaf->certificate, self->leaf->key, NULL);
	g_autoptr(GError) error = NULL;
	UcDocumentExpect expect = {.type = "policy",
				   .anchors_dir = "/nonexistent",
				   .now_secs = NOW_SECS};

	g_assert_null(uc_document_verify(envelope, &expect, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_SIGNATURE);
}

/* flip each byte of a signed envelope: nothing may be accepted as something else */
static void
uc_document_test_flipped(UcDocumentTest *self, gconstpointer data)
{
	g_autoptr(JsonObject) body = uc_document_test_body();
	g_autoptr(GBytes) envelope =
	    uc_document_sign(body, self->leaf->certificate, self->leaf->key, NULL);
	gsize size_bytes = 0;
	const guint8 *bytes = g_bytes_get_data(envelope, &size_bytes);
	const gchar *payload = strstr((const gchar *)bytes, "\"payload\"");
	gsize start = (gsize)((const guint8 *)payload - bytes) + strlen("\"payload\" : \"");

	for (gsize i = start; bytes[i] != '"'; i++) {
		g_autofree guint8 *copy = g_memdup2(bytes, size_bytes);
		g_autoptr(GBytes) flipped = NULL;
		g_autoptr(GError) error = NULL;

		copy[i] = copy[i] == 'A' ? 'B' : 'A';
		flipped = g_bytes_new_take(g_steal_pointer(&copy), size_bytes);
		g_assert_null(uc_document_test_verify(self, flipped, &error));
		g_assert_true(g_error_matches(error, UC_ERROR, UC_ERROR_SIGNATURE) ||
			      g_error_matches(error, UC_ERROR, UC_ERROR_INVALID));
	}
}

static void
uc_document_test_envelope(UcDocumentTest *self, gconstpointer data)
{
	static const struct {
		const gchar *text;
		const gchar *message;
	} table[] = {
	    {"{}", "policy: member 'format' is missing"},
	    {"{\"format\":\"x\",\"payload\":\"\",\"signature\":\"\"}",
	     "policy: envelope format is 'x', expected 'ucupdates-envelope-1'"},
	    {"{\"format\":\"ucupdates-envelope-1\",\"payload\":\"a b\",\"signature\":\"\"}",
	     "member 'payload' is not base64 as expected"},
	    {"{\"format\":\"ucupdates-envelope-1\",\"payload\":{},\"signature\":\"\"}",
	     "policy: member 'payload' is not a string as expected"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GBytes) envelope =
		    g_bytes_new_static(table[i].text, strlen(table[i].text));
		g_autoptr(GError) error = NULL;

		g_assert_null(uc_document_test_verify(self, envelope, &error));
		g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
		g_assert_cmpstr(error->message, ==, table[i].message);
	}
}

static void
uc_document_test_add(const gchar *path, void (*func)(UcDocumentTest *, gconstpointer))
{
	g_test_add(path,
		   UcDocumentTest,
		   NULL,
		   uc_document_test_set_up,
		   func,
		   uc_document_test_tear_down);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	uc_document_test_add("/document/round-trip", uc_document_test_round_trip);
	uc_document_test_add("/document/refused", uc_document_test_refused);
	uc_document_test_add("/document/times", uc_document_test_times);
	uc_document_test_add("/document/clock", uc_document_test_clock);
	uc_document_test_add("/document/no-anchors", uc_document_test_no_anchors);
	uc_document_test_add("/document/flipped", uc_document_test_flipped);
	uc_document_test_add("/document/envelope", uc_document_test_envelope);
	return g_test_run();
}
