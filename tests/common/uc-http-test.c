/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>

#include "uc-download.h"
#include "uc-error.h"
#include "uc-http.h"
#include "uc-sha256.h"
#include "uc-tls.h"
#include "uc-x509.h"

#define NOW_SECS   (g_get_real_time() / G_USEC_PER_SEC)
#define HOUR_SECS  3600
#define HOST	   "ucupdates-r2.room.example"
#define BODY_BYTES (1024 * 1024)

/* a real HTTPS server on loopback, and a client that was told where the name is */
typedef struct {
	gchar *dir;
	UcX509 *ca;
	SoupServer *server;
	GPtrArray *addresses;
	UcHttp *http;
	GBytes *body;
	gchar *sha256;
	guint64 served_bytes;
	goffset range_start; /* of the last request, -1 without a range */
	gsize cut_bytes;     /* close the connection after so many, 0 for never */
	gboolean ignore_range;
	guint version; /* of /etag */
} UcHttpTest;

static void
uc_http_test_wrote_chunk_cb(SoupServerMessage *message, guint size_bytes, gpointer user_data)
{
	UcHttpTest *self = user_data;

	self->served_bytes += size_bytes;
}

static void
uc_http_test_serve_file(UcHttpTest *self, SoupServerMessage *message)
{
	SoupMessageHeaders *headers = soup_server_message_get_response_headers(message);
	SoupMessageBody *body = soup_server_message_get_response_body(message);
	SoupRange *ranges = NULL;
	gint n_ranges = 0;
	gsize total = g_bytes_get_size(self->body);
	g_autoptr(GBytes) rest = NULL;

	self->range_start = -1;
	soup_server_message_set_status(message, SOUP_STATUS_OK, NULL);
	if (!self->ignore_range &&
	    soup_message_headers_get_ranges(soup_server_message_get_request_headers(message),
					    (goffset)total,
					    &ranges,
					    &n_ranges)) {
		self->range_start = ranges[0].start;
		soup_server_message_set_status(message, SOUP_STATUS_PARTIAL_CONTENT, NULL);
		soup_message_headers_set_content_range(headers,
						       ranges[0].start,
						       (goffset)total - 1,
						       (goffset)total);
		g_free(ranges);
	}
	rest = g_bytes_new_from_bytes(self->body,
				      (gsize)MAX(self->range_start, 0),
				      total - (gsize)MAX(self->range_start, 0));
	if (self->cut_bytes > 0) {
		g_autoptr(GBytes) cut = g_bytes_new_from_bytes(rest, 0, self->cut_bytes);

		/* says nothing of the length, and ends early */
		soup_message_headers_set_encoding(headers, SOUP_ENCODING_EOF);
		soup_message_body_append_bytes(body, cut);
	} else {
		soup_message_body_append_bytes(body, rest);
	}
	soup_message_body_complete(body);
}

static void
uc_http_test_handler_cb(SoupServer *server,
			SoupServerMessage *message,
			const gchar *path,
			GHashTable *query,
			gpointer user_data)
{
	UcHttpTest *self = user_data;
	guint64 status = SOUP_STATUS_NOT_FOUND;

	g_signal_connect(message, "wrote-body-data", G_CALLBACK(uc_http_test_wrote_chunk_cb), self);
	if (g_str_equal(path, "/file")) {
		uc_http_test_serve_file(self, message);
		return;
	}
	if (g_str_equal(path, "/redirect")) {
		soup_server_message_set_redirect(message, SOUP_STATUS_FOUND, "/file");
		return;
	}
	if (g_str_has_prefix(path, "/to/")) {
		static const gchar *const targets[] = {"/file",
						       "https://other.example/file",
						       "http://" HOST "/file",
						       "/to/3",
						       "//other.example/file"};
		guint64 index = 0;

		g_assert_true(g_ascii_string_to_unsigned(path + 4,
							 10,
							 0,
							 G_N_ELEMENTS(targets) - 1,
							 &index,
							 NULL));
		soup_server_message_set_redirect(message, SOUP_STATUS_FOUND, targets[index]);
		return;
	}
	if (g_str_equal(path, "/etag")) {
		g_autofree gchar *etag = g_strdup_printf("\"%u\"", self->version);
		SoupMessageHeaders *request = soup_server_message_get_request_headers(message);
		const gchar *if_range = soup_message_headers_get_one(request, "If-Range");

		soup_message_headers_replace(soup_server_message_get_response_headers(message),
					     "ETag",
					     etag);
		if (g_strcmp0(soup_message_headers_get_one(request, "If-None-Match"), etag) == 0) {
			soup_server_message_set_status(message, SOUP_STATUS_NOT_MODIFIED, NULL);
			return;
		}
		self->ignore_range = if_range != NULL && !g_str_equal(if_range, etag);
		uc_http_test_serve_file(self, message);
		return;
	}
	if (g_str_equal(path, "/basic")) {
		const gchar *found =
		    soup_message_headers_get_one(soup_server_message_get_request_headers(message),
						 "Authorization");

		/* RFC 7617, section 2 */
		soup_server_message_set_status(
		    message,
		    g_strcmp0(found, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==") == 0 ? 200 : 401,
		    NULL);
		return;
	}
	if (g_str_equal(path, "/hang")) {
		soup_server_message_pause(message);
		return;
	}
	(void)g_ascii_string_to_unsigned(path + 1, 10, 100, 599, &status, NULL);
	soup_server_message_set_status(message, (guint)status, NULL);
}

static UcX509 *
uc_http_test_issue(UcX509 *ca, UcX509Purpose purpose, const gchar *name, const gchar *dns_name)
{
	const gchar *const names[] = {dns_name, NULL};

	return uc_x509_issue(ca,
			     purpose,
			     name,
			     names,
			     NOW_SECS - HOUR_SECS,
			     NOW_SECS + HOUR_SECS,
			     NULL);
}

static void
uc_http_test_listen(UcHttpTest *self, UcX509 *leaf)
{
	g_autofree gchar *pem =
	    g_strdup_printf("%s\n%s",
			    (const gchar *)g_bytes_get_data(leaf->certificate, NULL),
			    (const gchar *)g_bytes_get_data(leaf->key, NULL));
	g_autoptr(GTlsCertificate) certificate = NULL;
	g_autoptr(GTlsDatabase) database = NULL;
	g_autoptr(GError) error = NULL;
	GSList *uris = NULL;
	gint port = 0;

	certificate = g_tls_certificate_new_from_pem(pem, -1, &error);
	g_assert_no_error(error);
	self->server = soup_server_new("tls-certificate", certificate, NULL);
	soup_server_add_handler(self->server, NULL, uc_http_test_handler_cb, self, NULL);
	g_assert_true(soup_server_listen_local(self->server, 0, SOUP_SERVER_LISTEN_HTTPS, &error));
	uris = soup_server_get_uris(self->server);
	port = g_uri_get_port(uris->data);
	g_slist_free_full(uris, (GDestroyNotify)g_uri_unref);
	self->addresses = g_ptr_array_new_with_free_func(g_object_unref);
	g_ptr_array_add(self->addresses,
			g_inet_socket_address_new_from_string("127.0.0.1", (guint)port));
	database = uc_tls_database_new(self->dir, &error);
	g_assert_no_error(error);
	self->http = uc_http_new(HOST, (guint16)port, self->addresses, database);
}

static void
uc_http_test_set_up(UcHttpTest *self, gconstpointer data)
{
	g_autofree gchar *path = NULL;
	g_autofree guint8 *bytes = g_malloc(BODY_BYTES);

	for (gsize i = 0; i < BODY_BYTES; i++)
		bytes[i] = (guint8)(i * 2654435761U >> 13);
	self->body = g_bytes_new_take(g_steal_pointer(&bytes), BODY_BYTES);
	self->sha256 = uc_sha256_for_bytes(self->body);
	self->dir = g_dir_make_tmp("uc-http-XXXXXX", NULL);
	self->ca = uc_x509_new_ca("TLS CA", NOW_SECS - HOUR_SECS, NOW_SECS + HOUR_SECS, NULL);
	path = g_build_filename(self->dir, "ca.pem", NULL);
	g_assert_true(g_file_set_contents(path,
					  g_bytes_get_data(self->ca->certificate, NULL),
					  (gssize)g_bytes_get_size(self->ca->certificate),
					  NULL));
}

static void
uc_http_test_tear_down(UcHttpTest *self, gconstpointer data)
{
	static const gchar *const names[] = {"ca.pem", "out", "out.part"};

	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree gchar *path = g_build_filename(self->dir, names[i], NULL);

		(void)g_remove(path);
	}
	g_assert_cmpint(g_rmdir(self->dir), ==, 0);
	g_clear_object(&self->http);
	soup_server_disconnect(self->server);
	g_clear_object(&self->server);
	g_ptr_array_unref(self->addresses);
	g_bytes_unref(self->body);
	g_free(self->sha256);
	g_free(self->dir);
	uc_x509_free(self->ca);
}

static void
uc_http_test_serve_good(UcHttpTest *self)
{
	g_autoptr(UcX509) leaf = uc_http_test_issue(self->ca, UC_X509_TLS_SERVER, "server", HOST);

	uc_http_test_listen(self, leaf);
}

static void
uc_http_test_done_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	GAsyncResult **result_out = user_data;

	*result_out = g_object_ref(result);
}

static GAsyncResult *
uc_http_test_wait(GAsyncResult **result)
{
	while (*result == NULL)
		g_main_context_iteration(NULL, TRUE);
	return *result;
}

static GBytes *
uc_http_test_get(UcHttpTest *self,
		 const gchar *path,
		 gsize max_bytes,
		 guint timeout_ms,
		 GError **error)
{
	g_autoptr(GAsyncResult) result = NULL;

	uc_http_request_async(self->http,
			      "GET",
			      path,
			      NULL,
			      max_bytes,
			      timeout_ms,
			      NULL,
			      uc_http_test_done_cb,
			      &result);
	return uc_http_request_finish(self->http, uc_http_test_wait(&result), error);
}

static gboolean
uc_http_test_download_from(UcHttpTest *self,
			   const gchar *url_path,
			   const gchar *sha256,
			   guint64 max_bytes,
			   GError **error)
{
	g_autoptr(GAsyncResult) result = NULL;
	g_autofree gchar *path = g_build_filename(self->dir, "out", NULL);
	UcDownload download = {.path = url_path,
			       .destination = path,
			       .size_bytes = BODY_BYTES,
			       .max_bytes = max_bytes,
			       .sha256 = sha256,
			       .speed_bytes_sec = 1024,
			       .speed_secs = 1};

	uc_download_async(self->http, &download, NULL, uc_http_test_done_cb, &result);
	return uc_download_finish(self->http, uc_http_test_wait(&result), error);
}

static gboolean
uc_http_test_download(UcHttpTest *self, const gchar *sha256, guint64 max_bytes, GError **error)
{
	return uc_http_test_download_from(self, "/file", sha256, max_bytes, error);
}

static void
uc_http_test_certificates(UcHttpTest *self, gconstpointer data)
{
	g_autoptr(UcX509) other =
	    uc_x509_new_ca("Other CA", NOW_SECS - HOUR_SECS, NOW_SECS + HOUR_SECS, NULL);
	g_autoptr(UcX509) namesake =
	    uc_x509_new_ca("TLS CA", NOW_SECS - HOUR_SECS, NOW_SECS + HOUR_SECS, NULL);
	const struct {
		UcX509 *ca;
		UcX509Purpose purpose;
		const gchar *name;
		const gchar *dns_name;
		const gchar *message;
	} table[] = {
	    {self->ca,
	     UC_X509_TLS_SERVER,
	     "x",
	     "www.room.example",
	     "*: the server's certificate is for another name"},
	    {self->ca,
	     UC_X509_TLS_SERVER,
	     HOST,
	     NULL,
	     "*: the server's certificate is for another name"},
	    {self->ca,
	     UC_X509_TLS_CLIENT,
	     "x",
	     HOST,
	     "*: the server's certificate is not for server authentication, or *"},
	    {other,
	     UC_X509_TLS_SERVER,
	     "x",
	     HOST,
	     "*: the server's certificate is not issued by the organisation's CA"},
	    /* a CA that only calls itself the same */
	    {namesake,
	     UC_X509_TLS_SERVER,
	     "x",
	     HOST,
	     "*: the server's certificate is *not signed by the CA that it names"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(UcX509) leaf = uc_http_test_issue(table[i].ca,
							    table[i].purpose,
							    table[i].name,
							    table[i].dns_name);
		g_autoptr(GError) error = NULL;

		uc_http_test_listen(self, leaf);
		g_assert_null(uc_http_test_get(self, "/file", BODY_BYTES, 5000, &error));
		g_assert_error(error, UC_ERROR, UC_ERROR_REFUSED);
		if (!g_pattern_match_simple(table[i].message, error->message))
			g_error("'%s' does not match '%s'", error->message, table[i].message);
		g_assert_cmpuint(self->served_bytes, ==, 0);
		if (i + 1 < G_N_ELEMENTS(table)) {
			g_clear_object(&self->http);
			soup_server_disconnect(self->server);
			g_clear_object(&self->server);
			g_clear_pointer(&self->addresses, g_ptr_array_unref);
		}
	}
}

static void
uc_http_test_statuses(UcHttpTest *self, gconstpointer data)
{
	static const struct {
		const gchar *path;
		UcError code;
	} table[] = {
	    {"/404", UC_ERROR_NOT_FOUND},
	    {"/410", UC_ERROR_NOT_FOUND},
	    {"/401", UC_ERROR_DENIED},
	    {"/403", UC_ERROR_DENIED},
	    {"/429", UC_ERROR_TEMPORARY},
	    {"/500", UC_ERROR_TEMPORARY},
	    {"/503", UC_ERROR_TEMPORARY},
	    {"/redirect", UC_ERROR_REFUSED},
	    {"/400", UC_ERROR_REFUSED},
	};

	uc_http_test_serve_good(self);
	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(uc_http_test_get(self, table[i].path, 100, 5000, &error));
		g_assert_error(error, UC_ERROR, (gint)table[i].code);
	}
}

static void
uc_http_test_limits(UcHttpTest *self, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) body = NULL;

	uc_http_test_serve_good(self);
	g_assert_null(uc_http_test_get(self, "/file", BODY_BYTES - 1, 5000, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_LIMIT);
	g_clear_error(&error);
	g_assert_null(uc_http_test_get(self, "/hang", 100, 200, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_TEMPORARY);
	g_assert_nonnull(strstr(error->message, "not done within 200 ms"));
	g_clear_error(&error);
	g_assert_null(uc_http_test_get(self, "no-slash", 100, 200, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
	g_clear_error(&error);
	body = uc_http_test_get(self, "/file", BODY_BYTES, 5000, &error);
	g_assert_no_error(error);
	g_assert_true(g_bytes_equal(body, self->body));
}

static void
uc_http_test_download_whole(UcHttpTest *self, gconstpointer data)
{
	g_autofree gchar *path = g_build_filename(self->dir, "out", NULL);
	g_autofree gchar *part = g_build_filename(self->dir, "out.part", NULL);
	g_autofree gchar *wrong = g_strnfill(UC_SHA256_HEX_CHARS, '0');
	g_autofree gchar *found = NULL;
	g_autoptr(GError) error = NULL;

	uc_http_test_serve_good(self);
	g_assert_false(uc_http_test_download(self, self->sha256, BODY_BYTES - 1, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_LIMIT);
	g_clear_error(&error);
	g_assert_false(uc_http_test_download(self, wrong, BODY_BYTES, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_REFUSED);
	g_clear_error(&error);
	g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
	g_assert_false(g_file_test(part, G_FILE_TEST_EXISTS));
	g_assert_true(uc_http_test_download(self, self->sha256, BODY_BYTES, &error));
	g_assert_no_error(error);
	found = uc_sha256_for_file(path, NULL, &error);
	g_assert_cmpstr(found, ==, self->sha256);
}

static void
uc_http_test_download_resumed(UcHttpTest *self, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	uc_http_test_serve_good(self);
	self->cut_bytes = 700000;
	g_assert_false(uc_http_test_download(self, self->sha256, BODY_BYTES, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_TEMPORARY);
	g_clear_error(&error);
	self->cut_bytes = 0;
	self->served_bytes = 0;
	g_assert_true(uc_http_test_download(self, self->sha256, BODY_BYTES, &error));
	g_assert_no_error(error);
	g_assert_cmpint(self->range_start, ==, 700000);
	g_assert_cmpuint(self->served_bytes, ==, BODY_BYTES - 700000);
}

static void
uc_http_test_download_no_range(UcHttpTest *self, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	uc_http_test_serve_good(self);
	self->cut_bytes = 700000;
	g_assert_false(uc_http_test_download(self, self->sha256, BODY_BYTES, &error));
	g_clear_error(&error);
	self->cut_bytes = 0;
	self->ignore_range = TRUE;
	g_assert_true(uc_http_test_download(self, self->sha256, BODY_BYTES, &error));
	g_assert_no_error(error);
}

static void
uc_http_test_download_redirected(UcHttpTest *self, gconstpointer data)
{
	static const struct {
		const gchar *path;
		UcError code;
		const gchar *message;
	} table[] = {
	    {"/to/1", UC_ERROR_REFUSED, "*leads to 'https://other.example/file'*"},
	    {"/to/2", UC_ERROR_REFUSED, "*leads to 'http://*expected a place on the same service"},
	    {"/to/3", UC_ERROR_LIMIT, "/to/3: more than 3 redirects"},
	    {"/to/4", UC_ERROR_REFUSED, "*leads to 'https://other.example/file'*"},
	};
	g_autoptr(GError) error_good = NULL;

	uc_http_test_serve_good(self);
	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_false(uc_http_test_download_from(self,
							  table[i].path,
							  self->sha256,
							  BODY_BYTES,
							  &error));
		g_assert_error(error, UC_ERROR, (gint)table[i].code);
		if (!g_pattern_match_simple(table[i].message, error->message))
			g_error("'%s' does not match '%s'", error->message, table[i].message);
	}
	g_assert_true(
	    uc_http_test_download_from(self, "/to/0", self->sha256, BODY_BYTES, &error_good));
	g_assert_no_error(error_good);
}

/* a part of an older file is not continued: the server sends the new one whole */
static void
uc_http_test_download_changed(UcHttpTest *self, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree gchar *etag = g_build_filename(self->dir, "out.part.etag", NULL);

	uc_http_test_serve_good(self);
	self->cut_bytes = 700000;
	g_assert_false(uc_http_test_download_from(self, "/etag", self->sha256, BODY_BYTES, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_TEMPORARY);
	g_clear_error(&error);
	self->cut_bytes = 0;
	self->version++;
	g_assert_true(uc_http_test_download_from(self, "/etag", self->sha256, BODY_BYTES, &error));
	g_assert_no_error(error);
	g_assert_cmpint(self->range_start, ==, -1);
	g_assert_false(g_file_test(etag, G_FILE_TEST_EXISTS));
}

static void
uc_http_test_download_slow(UcHttpTest *self, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	uc_http_test_serve_good(self);
	g_assert_false(uc_http_test_download_from(self, "/hang", self->sha256, BODY_BYTES, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_TEMPORARY);
	g_assert_nonnull(strstr(error->message, "slower than 1024 bytes a second for 1 s"));
}

static void
uc_http_test_conditional(UcHttpTest *self, gconstpointer data)
{
	static const struct {
		const gchar *etag;
		guint status;
		gsize size_bytes;
	} table[] = {{NULL, 200, BODY_BYTES}, {"\"1\"", 200, BODY_BYTES}, {"\"0\"", 304, 0}};

	uc_http_test_serve_good(self);
	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GAsyncResult) result = NULL;
		g_autoptr(GBytes) body = NULL;
		g_autoptr(GError) error = NULL;

		uc_http_get_async(self->http,
				  "/etag",
				  table[i].etag,
				  BODY_BYTES,
				  5000,
				  NULL,
				  uc_http_test_done_cb,
				  &result);
		body = uc_http_request_finish(self->http, uc_http_test_wait(&result), &error);
		g_assert_no_error(error);
		g_assert_cmpuint(g_bytes_get_size(body), ==, table[i].size_bytes);
		g_assert_cmpuint(uc_http_request_get_status(result), ==, table[i].status);
		g_assert_cmpstr(uc_http_request_get_etag(result), ==, "\"0\"");
	}
}

static void
uc_http_test_credentials(UcHttpTest *self, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) body = NULL;

	uc_http_test_serve_good(self);
	g_assert_null(uc_http_test_get(self, "/basic", 100, 5000, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_DENIED);
	g_clear_error(&error);
	uc_http_set_credentials(self->http, "Aladdin", "open sesame");
	body = uc_http_test_get(self, "/basic", 100, 5000, &error);
	g_assert_no_error(error);
	g_assert_nonnull(body);
}

static void
uc_http_test_add(const gchar *path, void (*func)(UcHttpTest *, gconstpointer))
{
	g_test_add(path, UcHttpTest, NULL, uc_http_test_set_up, func, uc_http_test_tear_down);
}

int
main(int argc, char **argv)
{
	uc_tls_init();
	g_test_init(&argc, &argv, NULL);
	uc_http_test_add("/http/certificates", uc_http_test_certificates);
	uc_http_test_add("/http/statuses", uc_http_test_statuses);
	uc_http_test_add("/http/limits", uc_http_test_limits);
	uc_http_test_add("/download/whole", uc_http_test_download_whole);
	uc_http_test_add("/download/resumed", uc_http_test_download_resumed);
	uc_http_test_add("/download/no-range", uc_http_test_download_no_range);
	uc_http_test_add("/download/redirected", uc_http_test_download_redirected);
	uc_http_test_add("/download/changed", uc_http_test_download_changed);
	uc_http_test_add("/download/slow", uc_http_test_download_slow);
	uc_http_test_add("/http/conditional", uc_http_test_conditional);
	uc_http_test_add("/http/credentials", uc_http_test_credentials);
	return g_test_run();
}
