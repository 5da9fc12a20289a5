/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-error.h"
#include "uc-http-lab.h"
#include "uc-tls.h"

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
uc_http_test_retry_after(UcHttpTest *self, gconstpointer data)
{
	g_autoptr(GDateTime) soon = g_date_time_new_from_unix_utc(NOW_SECS + 100);
	g_autofree gchar *date = soup_date_time_to_string(soon, SOUP_DATE_HTTP);
	g_autofree gchar *escaped = g_uri_escape_string(date, NULL, FALSE);
	g_autofree gchar *dated = g_strconcat("/later/", escaped, NULL);
	const struct {
		const gchar *path;
		gint64 min_secs;
		gint64 max_secs;
	} table[] = {
	    {"/503", 0, 0},
	    {"/later/0", 0, 0},
	    {"/later/120", 120, 120},
	    {dated, 90, 100},
	    {"/later/Mon,%2001%20Jan%202001%2000:00:00%20GMT", 0, 0},
	    {"/later/99999999", 86400, 86400},
	    {"/later/99999999999999999999", 0, 0},
	    {"/later/-5", 0, 0},
	    {"/later/soon", 0, 0},
	};

	uc_http_test_serve_good(self);
	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GError) copy = NULL;

		g_assert_null(uc_http_test_get(self, table[i].path, 100, 5000, &error));
		g_assert_error(error, UC_ERROR, UC_ERROR_TEMPORARY);
		copy = g_error_copy(error);
		g_prefix_error(&copy, "prefixed: ");
		g_assert_cmpint(uc_error_get_retry_after_secs(copy), >=, table[i].min_secs);
		g_assert_cmpint(uc_error_get_retry_after_secs(copy), <=, table[i].max_secs);
	}
}

static void
uc_http_test_unreachable(UcHttpTest *self, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	uc_http_test_serve_good(self);
	soup_server_disconnect(self->server);
	g_assert_null(uc_http_test_get(self, "/file", 100, 5000, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_TEMPORARY);
	if (!g_pattern_match_simple("https://" HOST
				    ":*/file: *; is this machine's network up, and can "
				    "it reach " HOST " port *?",
				    error->message))
		g_error("%s", error->message);
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

int
main(int argc, char **argv)
{
	uc_tls_init();
	g_test_init(&argc, &argv, NULL);
	uc_http_test_add("/http/certificates", uc_http_test_certificates);
	uc_http_test_add("/http/statuses", uc_http_test_statuses);
	uc_http_test_add("/http/limits", uc_http_test_limits);
	uc_http_test_add("/http/retry-after", uc_http_test_retry_after);
	uc_http_test_add("/http/unreachable", uc_http_test_unreachable);
	uc_http_test_add("/http/conditional", uc_http_test_conditional);
	uc_http_test_add("/http/credentials", uc_http_test_credentials);
	return g_test_run();
}
