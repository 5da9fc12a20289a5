/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An update service for tests, good or broken in exactly one way. It makes its CAs, writes the
 * trust bundle that an endpoint would have, and beside it `server.pem` (certificate and key) and
 * `envelope.json` for servers that misbehave further down, says "ready" and serves until standard
 * input ends:
 *
 *     fake-service SYSCONFDIR DOMAIN ADDRESS PORT FAULT
 */

#include <libsoup/soup.h>
#include <stdio.h>
#include <string.h>

#include "uc-document.h"
#include "uc-limits.h"
#include "uc-names.h"
#include "uc-paths.h"
#include "uc-x509.h"

#define FAKE_DAY_SECS 86400

typedef struct {
	const gchar *domain;
	const gchar *fault;
	gint64 now_secs;
	UcX509 *tls_ca;
	UcX509 *documents_ca;
	GBytes *envelope;
} FakeService;

static gboolean
fake_has_fault(const FakeService *self, const gchar *fault)
{
	return g_str_equal(self->fault, fault);
}

/* everything but the document outlives it by far, so that only its expiry decides */
static gint64
fake_get_lifetime_secs(const FakeService *self)
{
	return fake_has_fault(self, "long-lived") ? 300 * FAKE_DAY_SECS : FAKE_DAY_SECS;
}

static UcX509 *
fake_new_ca(const FakeService *self, const gchar *name)
{
	g_autoptr(GError) error = NULL;
	UcX509 *ca = uc_x509_new_ca(name,
				    self->now_secs - FAKE_DAY_SECS,
				    self->now_secs + fake_get_lifetime_secs(self),
				    &error);

	g_assert_no_error(error);
	return ca;
}

static void
fake_save(const gchar *name, const gchar *data, gsize size_bytes)
{
	g_autofree gchar *path = g_build_filename(g_getenv("UCUPDATES_SYSCONFDIR"), name, NULL);
	g_autoptr(GError) error = NULL;

	g_file_set_contents(path, data, (gssize)size_bytes, &error);
	g_assert_no_error(error);
}

static void
fake_save_anchor(UcX509 *ca, UcAnchor anchor)
{
	g_autofree gchar *dir = uc_path_anchors(anchor);
	g_autofree gchar *path = g_build_filename(dir, "ca.pem", NULL);
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(g_mkdir_with_parents(dir, 0755), ==, 0);
	g_file_set_contents(path,
			    g_bytes_get_data(ca->certificate, NULL),
			    (gssize)g_bytes_get_size(ca->certificate),
			    &error);
	g_assert_no_error(error);
}

static GTlsCertificate *
fake_new_server_certificate(const FakeService *self)
{
	g_autoptr(UcX509) other_ca = fake_new_ca(self, "another organisation");
	g_autoptr(UcX509) leaf = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree gchar *host = g_strconcat(UC_DNS_LABEL ".", self->domain, NULL);
	const gchar *names[] = {fake_has_fault(self, "wrong-name") ? "www.example.org" : host,
				NULL};
	gint64 until_secs =
	    self->now_secs +
	    (fake_has_fault(self, "old-certificate") ? -60 : fake_get_lifetime_secs(self) - 3600);
	gint64 from_secs = self->now_secs + (fake_has_fault(self, "young-certificate") ? 600 : -90);
	g_autofree gchar *pem = NULL;
	GTlsCertificate *certificate = NULL;

	leaf = uc_x509_issue(fake_has_fault(self, "other-ca") ? other_ca : self->tls_ca,
			     fake_has_fault(self, "client-only") ? UC_X509_TLS_CLIENT
								 : UC_X509_TLS_SERVER,
			     host,
			     fake_has_fault(self, "cn-only") ? NULL : names,
			     from_secs,
			     until_secs,
			     &error);
	g_assert_no_error(error);
	pem = g_strdup_printf("%.*s\n%.*s",
			      (int)g_bytes_get_size(leaf->certificate),
			      (const gchar *)g_bytes_get_data(leaf->certificate, NULL),
			      (int)g_bytes_get_size(leaf->key),
			      (const gchar *)g_bytes_get_data(leaf->key, NULL));
	fake_save("server.pem", pem, strlen(pem));
	certificate = g_tls_certificate_new_from_pem(pem, -1, &error);
	g_assert_no_error(error);
	return certificate;
}

static JsonObject *
fake_new_file(const gchar *path)
{
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "path", path);
	json_object_set_int_member(object, "size_bytes", 1);
	json_object_set_string_member(
	    object,
	    "sha256",
	    "0000000000000000000000000000000000000000000000000000000000000000");
	return object;
}

static JsonObject *
fake_new_remote(void)
{
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "id", UC_REMOTE_ID);
	json_object_set_object_member(object, "metadata", fake_new_file("ucupdates.xml.gz"));
	json_object_set_object_member(object, "signature", fake_new_file("ucupdates.xml.gz.jcat"));
	json_object_set_string_member(object, "firmware_base_path", "cabs/");
	return object;
}

static void
fake_set_header(const FakeService *self, JsonObject *body)
{
	gint64 issued_secs = self->now_secs - 60;
	gint64 expires_secs = self->now_secs + FAKE_DAY_SECS;

	if (fake_has_fault(self, "long-lived"))
		expires_secs = self->now_secs + 30 * FAKE_DAY_SECS;
	if (fake_has_fault(self, "expired"))
		expires_secs = self->now_secs - 30;
	if (fake_has_fault(self, "future"))
		issued_secs = self->now_secs + 3600;
	json_object_set_string_member(body,
				      "type",
				      fake_has_fault(self, "other-type") ? UC_DOCUMENT_POLICY
									 : UC_DOCUMENT_SERVICE);
	json_object_set_string_member(body, "organisation", self->domain);
	json_object_set_int_member(body, "serial", 7);
	uc_json_set_time(body, "issued", issued_secs);
	uc_json_set_time(body, "expires", expires_secs);
}

static JsonObject *
fake_new_body(const FakeService *self)
{
	JsonObject *body = json_object_new();
	JsonArray *domains = json_array_new();
	JsonArray *remotes = json_array_new();
	g_autofree gchar *url = g_strdup_printf("https://" UC_DNS_LABEL ".%s/", self->domain);

	fake_set_header(self, body);
	json_array_add_string_element(domains,
				      fake_has_fault(self, "other-domain") ? "other.example"
									   : self->domain);
	json_array_add_object_element(remotes, fake_new_remote());
	json_object_set_array_member(body, "domains", domains);
	json_object_set_string_member(body, "internal_url", url);
	json_object_set_object_member(body, "policy", fake_new_file("policy.json"));
	json_object_set_array_member(body, "remotes", remotes);
	json_object_set_string_member(body, "checkin_path", "checkin");
	json_object_set_string_member(body, "reports_path", "reports");
	return body;
}

static GBytes *
fake_new_envelope(const FakeService *self)
{
	g_autoptr(UcX509) signer = NULL;
	g_autoptr(JsonObject) body = fake_new_body(self);
	g_autoptr(GError) error = NULL;
	GBytes *envelope = NULL;

	signer =
	    uc_x509_issue(fake_has_fault(self, "other-purpose") ? self->tls_ca : self->documents_ca,
			  UC_X509_SIGNING,
			  "documents",
			  NULL,
			  self->now_secs - 90,
			  self->now_secs + fake_get_lifetime_secs(self) - 3600,
			  &error);
	g_assert_no_error(error);
	envelope = uc_document_sign(body, signer->certificate, signer->key, &error);
	g_assert_no_error(error);
	fake_save("envelope.json", g_bytes_get_data(envelope, NULL), g_bytes_get_size(envelope));
	return envelope;
}

static void
fake_set_body(SoupServerMessage *message, GBytes *bytes)
{
	soup_message_body_append_bytes(soup_server_message_get_response_body(message), bytes);
	soup_server_message_set_status(message, 200, NULL);
}

static void
fake_answer(FakeService *self, SoupServerMessage *message)
{
	static const struct {
		const gchar *fault;
		guint status;
	} statuses[] = {{"status-403", 403},
			{"status-404", 404},
			{"status-410", 410},
			{"status-429", 429},
			{"status-503", 503}};
	g_autoptr(GBytes) bytes = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(statuses); i++) {
		if (fake_has_fault(self, statuses[i].fault)) {
			soup_server_message_set_status(message, statuses[i].status, NULL);
			return;
		}
	}
	if (fake_has_fault(self, "redirect")) {
		soup_server_message_set_redirect(message, 302, "https://www.example.org/");
	} else if (fake_has_fault(self, "endless")) {
		bytes = g_bytes_new_take(g_malloc0(UC_LIMIT_ENVELOPE_BYTES + 1),
					 UC_LIMIT_ENVELOPE_BYTES + 1);
		fake_set_body(message, bytes);
	} else if (fake_has_fault(self, "silent")) {
		soup_server_message_pause(message);
	} else {
		fake_set_body(message, self->envelope);
	}
}

static void
fake_handle_cb(SoupServer *server,
	       SoupServerMessage *message,
	       const gchar *path,
	       GHashTable *query,
	       gpointer user_data)
{
	FakeService *self = user_data;

	g_print(
	    "%s %s\n",
	    path,
	    soup_message_headers_get_one(soup_server_message_get_request_headers(message), "Host"));
	if (!g_str_equal(path, UC_WELL_KNOWN_PATH))
		soup_server_message_set_status(message, 404, NULL);
	else
		fake_answer(self, message);
}

static gboolean
fake_stdin_cb(GIOChannel *channel, GIOCondition condition, gpointer user_data)
{
	g_main_loop_quit(user_data);
	return G_SOURCE_REMOVE;
}

static void
fake_serve(FakeService *self, const gchar *address, guint16 port)
{
	g_autoptr(GTlsCertificate) certificate = fake_new_server_certificate(self);
	g_autoptr(SoupServer) server = soup_server_new("tls-certificate", certificate, NULL);
	g_autoptr(GSocketAddress) local = g_inet_socket_address_new_from_string(address, port);
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	g_autoptr(GIOChannel) input = g_io_channel_unix_new(0);
	g_autoptr(GError) error = NULL;

	soup_server_add_handler(server, NULL, fake_handle_cb, self, NULL);
	soup_server_listen(server, local, SOUP_SERVER_LISTEN_HTTPS, &error);
	g_assert_no_error(error);
	g_io_add_watch(input, G_IO_IN | G_IO_HUP, fake_stdin_cb, loop);
	g_print("ready\n");
	g_main_loop_run(loop);
}

int
main(int argc, char **argv)
{
	FakeService self = {0};

	g_assert_cmpint(argc, ==, 6);
	setvbuf(stdout, NULL, _IOLBF, 0);
	g_setenv("UCUPDATES_SYSCONFDIR", argv[1], TRUE);
	self.domain = argv[2];
	self.fault = argv[5];
	self.now_secs = g_get_real_time() / G_USEC_PER_SEC;
	self.tls_ca = fake_new_ca(&self, "TLS");
	self.documents_ca = fake_new_ca(&self, "documents");
	fake_save_anchor(self.tls_ca, UC_ANCHOR_TLS);
	fake_save_anchor(self.documents_ca, UC_ANCHOR_DOCUMENTS);
	if (fake_has_fault(&self, "foreign-documents"))
		self.documents_ca = fake_new_ca(&self, "another organisation's documents");
	self.envelope = fake_new_envelope(&self);
	fake_serve(&self, argv[3], (guint16)g_ascii_strtoull(argv[4], NULL, 10));
	g_bytes_unref(self.envelope);
	uc_x509_free(self.tls_ca);
	uc_x509_free(self.documents_ca);
	return 0;
}
