/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "uc-http-lab.h"
#include "uc-sha256.h"
#include "uc-tls.h"

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

	g_free(self->authorization);
	self->authorization =
	    g_strdup(soup_message_headers_get_one(soup_server_message_get_request_headers(message),
						  "Authorization"));
	g_signal_connect(message, "wrote-body-data", G_CALLBACK(uc_http_test_wrote_chunk_cb), self);
	if (g_str_equal(path, "/file")) {
		uc_http_test_serve_file(self, message);
		return;
	}
	if (g_str_equal(path, "/redirect")) {
		soup_server_message_set_redirect(message, SOUP_STATUS_FOUND, "/file");
		return;
	}
	if (g_str_equal(path, "/cdn")) {
		g_autofree gchar *url =
		    g_strdup_printf("https://" OTHER_HOST ":%u/file", self->port);

		soup_server_message_set_redirect(message, SOUP_STATUS_FOUND, url);
		return;
	}
	if (g_str_has_prefix(path, "/later/")) {
		soup_message_headers_replace(soup_server_message_get_response_headers(message),
					     "Retry-After",
					     path + strlen("/later/"));
		soup_server_message_set_status(message, SOUP_STATUS_SERVICE_UNAVAILABLE, NULL);
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

UcX509 *
uc_http_test_issue(UcX509 *ca, UcX509Purpose purpose, const gchar *name, const gchar *dns_name)
{
	const gchar *const names[] = {dns_name, dns_name != NULL ? OTHER_HOST : NULL, NULL};

	return uc_x509_issue(ca,
			     purpose,
			     name,
			     names,
			     NOW_SECS - HOUR_SECS,
			     NOW_SECS + HOUR_SECS,
			     NULL);
}

void
uc_http_test_listen(UcHttpTest *self, UcX509 *leaf)
{
	g_autofree gchar *pem =
	    g_strdup_printf("%.*s\n%.*s",
			    (int)g_bytes_get_size(leaf->certificate),
			    (const gchar *)g_bytes_get_data(leaf->certificate, NULL),
			    (int)g_bytes_get_size(leaf->key),
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
	self->port = (guint)port;
	self->http = uc_http_new(HOST, (guint16)port, self->addresses, database);
}

void
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

void
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
	g_free(self->authorization);
	g_free(self->sha256);
	g_free(self->dir);
	uc_x509_free(self->ca);
}

void
uc_http_test_serve_good(UcHttpTest *self)
{
	g_autoptr(UcX509) leaf = uc_http_test_issue(self->ca, UC_X509_TLS_SERVER, "server", HOST);

	uc_http_test_listen(self, leaf);
}

void
uc_http_test_done_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	GAsyncResult **result_out = user_data;

	*result_out = g_object_ref(result);
}

GAsyncResult *
uc_http_test_wait(GAsyncResult **result)
{
	while (*result == NULL)
		g_main_context_iteration(NULL, TRUE);
	return *result;
}

GBytes *
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

void
uc_http_test_add(const gchar *path, void (*func)(UcHttpTest *, gconstpointer))
{
	g_test_add(path, UcHttpTest, NULL, uc_http_test_set_up, func, uc_http_test_tear_down);
}
