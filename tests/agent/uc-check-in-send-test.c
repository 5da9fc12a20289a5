/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-check-in-send.h"
#include "uc-check-in.h"
#include "uc-error.h"
#include "uc-http-lab.h"
#include "uc-json.h"
#include "uc-limits.h"
#include "uc-test-state.h"
#include "uc-tls.h"

#define MACHINE "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* a service that notes what it is sent */
typedef struct {
	const guint *statuses; /* one for each request, 0 after the last */
	guint requests;	       /* without those that were denied */
	guint denied;
	guint endpoints;
	GPtrArray *connections; /* (element-type GSocket): none twice */
	GCancellable *cancel;	/* (nullable): at the first request */
	gboolean old;		/* it knows who asks only in the first request on a connection */
} UcCheckInSendTest;

static void
uc_check_in_send_test_handler_cb(SoupServer *server,
				 SoupServerMessage *message,
				 const gchar *path,
				 GHashTable *query,
				 gpointer user_data)
{
	UcCheckInSendTest *self = user_data;
	GSocket *socket = soup_server_message_get_socket(message);
	SoupMessageBody *body = soup_server_message_get_request_body(message);
	g_autoptr(GBytes) bytes = soup_message_body_flatten(body);
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) object =
	    uc_json_parse_object(bytes, UC_LIMIT_CHECKIN_BYTES, "the check-in", &error);
	g_autofree gchar *reply = NULL;
	guint status = self->statuses[self->requests];

	g_assert_no_error(error);
	if (self->old && g_ptr_array_find(self->connections, socket, NULL)) {
		self->denied++;
		soup_server_message_set_status(message, SOUP_STATUS_FORBIDDEN, NULL);
		return;
	}
	g_assert_cmpstr(soup_server_message_get_method(message), ==, "POST");
	g_assert_cmpuint(status, !=, 0);
	self->requests++;
	self->endpoints += json_array_get_length(json_object_get_array_member(object, "endpoints"));
	if (!g_ptr_array_find(self->connections, socket, NULL))
		g_ptr_array_add(self->connections, g_object_ref(socket));
	if (self->cancel != NULL)
		g_cancellable_cancel(self->cancel);
	/* 299 stands for an answer that is none */
	reply = g_strdup_printf("{\"downloads\":%u}", status == 299 ? 65 : self->requests);
	soup_server_message_set_response(message,
					 "application/json",
					 SOUP_MEMORY_COPY,
					 reply,
					 strlen(reply));
	soup_server_message_set_status(message, status, NULL);
}

static JsonObject *
uc_check_in_send_test_new(guint count)
{
	JsonObject *check_in = uc_check_in_new(MACHINE);

	for (guint i = 0; i < count; i++) {
		JsonObject *endpoint = json_object_new();
		g_autofree gchar *id = g_strdup_printf("e%u", i);

		json_object_set_string_member(endpoint, "id", id);
		json_array_add_object_element(json_object_get_array_member(check_in, "endpoints"),
					      endpoint);
	}
	return check_in;
}

static gboolean
uc_check_in_send_test_run(UcHttpTest *lab,
			  UcCheckInSendTest *self,
			  JsonObject *check_in,
			  guint *downloads_out,
			  GError **error)
{
	g_autoptr(GAsyncResult) result = NULL;
	gboolean sent = FALSE;

	self->connections = g_ptr_array_new_with_free_func(g_object_unref);
	soup_server_add_handler(lab->server,
				"/check-in",
				uc_check_in_send_test_handler_cb,
				self,
				NULL);
	uc_check_in_send_async(lab->http,
			       "/check-in",
			       check_in,
			       self->cancel,
			       uc_http_test_done_cb,
			       &result);
	sent = uc_check_in_send_finish(uc_http_test_wait(&result), downloads_out, error);
	soup_server_remove_handler(lab->server, "/check-in");
	return sent;
}

static void
uc_check_in_send_test_parts(UcHttpTest *lab, gconstpointer data)
{
	static const guint statuses[] = {200, 200, 200, 0};
	static const struct {
		guint count;
		guint requests;
		guint downloads;
	} rows[] = {{1, 1, 1}, {64, 1, 1}, {65, 2, 3}, {192, 3, 6}};

	uc_http_test_serve_good(lab);
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(JsonObject) check_in = uc_check_in_send_test_new(rows[i].count);
		g_autoptr(GError) error = NULL;
		UcCheckInSendTest self = {.statuses = statuses};
		guint downloads = 0;

		g_assert_true(uc_check_in_send_test_run(lab, &self, check_in, &downloads, &error));
		g_assert_no_error(error);
		g_assert_cmpuint(self.requests, ==, rows[i].requests);
		g_assert_cmpuint(self.endpoints, ==, rows[i].count);
		g_assert_cmpuint(downloads, ==, rows[i].downloads);
		g_assert_cmpuint(self.connections->len, ==, 1);
		g_ptr_array_unref(self.connections);
	}
}

/* what is wrong with a part is not wrong with the others; who is denied need not go on */
static void
uc_check_in_send_test_failures(UcHttpTest *lab, gconstpointer data)
{
	static const struct {
		guint count;
		guint statuses[4];
		guint requests;
		UcError code;
		const gchar *sentence;
		const gchar *warning; /* (nullable): of one before */
	} rows[] = {
	    {1, {413}, 1, UC_ERROR_REFUSED, "check-in: https://*answered 413 *", NULL},
	    {192,
	     {200, 413, 200},
	     3,
	     UC_ERROR_REFUSED,
	     "check-in, part 2 of 3: https://*answered 413 *",
	     NULL},
	    {192,
	     {400, 200, 413},
	     3,
	     UC_ERROR_REFUSED,
	     "check-in, part 3 of 3: https://*answered 413 *",
	     "check-in, part 1 of 3: https://*answered 400 *"},
	    {192,
	     {299, 200, 200},
	     3,
	     UC_ERROR_INVALID,
	     "check-in, part 1 of 3: member 'downloads' is 65, *",
	     NULL},
	    {192,
	     {413, 403, 200},
	     2,
	     UC_ERROR_DENIED,
	     "check-in, part 2 of 3: https://*answered 403 *",
	     "check-in, part 1 of 3: https://*answered 413 *"},
	    {192,
	     {200, 503, 200},
	     2,
	     UC_ERROR_TEMPORARY,
	     "check-in, part 2 of 3: https://*answered 503 *",
	     NULL},
	    {192,
	     {404, 200, 200},
	     1,
	     UC_ERROR_NOT_FOUND,
	     "check-in, part 1 of 3: https://*answered 404 *",
	     NULL},
	};

	uc_http_test_serve_good(lab);
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(JsonObject) check_in = uc_check_in_send_test_new(rows[i].count);
		g_autoptr(GError) error = NULL;
		UcCheckInSendTest self = {.statuses = rows[i].statuses};

		g_test_message("row %u", i);
		if (rows[i].warning != NULL)
			g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, rows[i].warning);
		g_assert_false(uc_check_in_send_test_run(lab, &self, check_in, NULL, &error));
		g_test_assert_expected_messages();
		g_assert_error(error, UC_ERROR, (gint)rows[i].code);
		g_test_message("%s", error->message);
		g_assert_true(g_pattern_match_simple(rows[i].sentence, error->message));
		g_assert_cmpuint(self.requests, ==, rows[i].requests);
		g_ptr_array_unref(self.connections);
	}
}

/* an older mirror denies whoever asks twice on a connection: that one asks on another one */
static void
uc_check_in_send_test_old(UcHttpTest *lab, gconstpointer data)
{
	static const guint statuses[] = {200, 200, 200, 0};
	g_autoptr(JsonObject) check_in = uc_check_in_send_test_new(192);
	g_autoptr(GError) error = NULL;
	UcCheckInSendTest self = {.statuses = statuses, .old = TRUE};

	uc_http_test_serve_good(lab);
	g_assert_true(uc_check_in_send_test_run(lab, &self, check_in, NULL, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(self.endpoints, ==, 192);
	g_assert_cmpuint(self.denied, ==, 2);
	g_assert_cmpuint(self.connections->len, ==, 3);
	g_ptr_array_unref(self.connections);
}

static void
uc_check_in_send_test_oversized(UcHttpTest *lab, gconstpointer data)
{
	static const guint statuses[] = {200, 0};
	g_autoptr(JsonObject) check_in = uc_check_in_send_test_new(3);
	JsonArray *endpoints = json_object_get_array_member(check_in, "endpoints");
	g_autofree gchar *filling = g_strnfill(UC_LIMIT_CHECKIN_BYTES, 'x');
	g_autoptr(GError) error = NULL;
	UcCheckInSendTest self = {.statuses = statuses};

	uc_http_test_serve_good(lab);
	json_object_set_string_member(json_array_get_object_element(endpoints, 1),
				      "reason",
				      filling);
	g_test_expect_message(NULL,
			      G_LOG_LEVEL_WARNING,
			      "check-in: endpoint e1 alone takes more than 65536 bytes; *");
	g_assert_true(uc_check_in_send_test_run(lab, &self, check_in, NULL, &error));
	g_test_assert_expected_messages();
	g_assert_no_error(error);
	g_assert_cmpuint(self.endpoints, ==, 2);
	g_ptr_array_unref(self.connections);
}

/* whoever ends the agent ends all that is left of it */
static void
uc_check_in_send_test_cancelled(UcHttpTest *lab, gconstpointer data)
{
	static const guint statuses[] = {200, 0};
	g_autoptr(JsonObject) check_in = uc_check_in_send_test_new(128);
	g_autoptr(GCancellable) cancel = g_cancellable_new();
	g_autoptr(GError) error = NULL;
	UcCheckInSendTest self = {.statuses = statuses, .cancel = cancel};

	uc_http_test_serve_good(lab);
	g_assert_false(uc_check_in_send_test_run(lab, &self, check_in, NULL, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
	g_assert_cmpuint(self.requests, ==, 1);
	g_ptr_array_unref(self.connections);
}

int
main(int argc, char **argv)
{
	g_autofree gchar *dir = NULL;

	uc_tls_init();
	g_test_init(&argc, &argv, NULL);
	dir = uc_test_state_new();
	uc_http_test_add("/check-in-send/parts", uc_check_in_send_test_parts);
	uc_http_test_add("/check-in-send/failures", uc_check_in_send_test_failures);
	uc_http_test_add("/check-in-send/old", uc_check_in_send_test_old);
	uc_http_test_add("/check-in-send/oversized", uc_check_in_send_test_oversized);
	uc_http_test_add("/check-in-send/cancelled", uc_check_in_send_test_cancelled);
	return g_test_run();
}
