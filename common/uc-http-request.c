/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One request whose answer fits in memory, declared in uc-http.h: bounded in bytes and in time,
 * never redirected, conditional where the caller has an entity tag.
 */

#include "uc-deadline.h"
#include "uc-error.h"
#include "uc-http.h"

#define UC_HTTP_CHUNK_BYTES (64 * 1024)

typedef struct {
	const gchar *method; /* literal */
	gchar *path;
	GBytes *sent; /* (nullable): what is posted */
	SoupMessage *message;
	GInputStream *stream;
	GByteArray *body;
	gsize max_bytes;
	UcDeadline *deadline;
	gboolean is_conditional;
	gboolean is_alone; /* it has a connection of its own */
} UcHttpRequest;

static void
uc_http_request_drop_message(UcHttpRequest *request)
{
	if (request->message != NULL)
		g_signal_handlers_disconnect_by_data(request->message, request);
	g_clear_object(&request->message);
}

static void
uc_http_request_free(UcHttpRequest *request)
{
	g_free(request->path);
	g_clear_pointer(&request->sent, g_bytes_unref);
	uc_http_request_drop_message(request);
	g_clear_object(&request->stream);
	g_clear_pointer(&request->body, g_byte_array_unref);
	g_clear_pointer(&request->deadline, uc_deadline_free);
	g_free(request);
}

static void
uc_http_request_fail(GTask *task, GError *error)
{
	UcHttpRequest *request = g_task_get_task_data(task);
	GError *converted = error;

	uc_deadline_convert_error(request->deadline, &converted);
	uc_http_convert_error(request->message, &converted);
	g_task_return_error(task, converted);
}

static void
uc_http_request_read(GTask *task);

static void
uc_http_request_read_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcHttpRequest *request = g_task_get_task_data(task);
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) chunk = NULL;

	chunk = g_input_stream_read_bytes_finish(G_INPUT_STREAM(source), result, &error);
	if (chunk == NULL) {
		uc_http_request_fail(task, g_steal_pointer(&error));
		return;
	}
	if (g_bytes_get_size(chunk) == 0) {
		g_task_return_pointer(task,
				      g_byte_array_free_to_bytes(g_steal_pointer(&request->body)),
				      (GDestroyNotify)g_bytes_unref);
		return;
	}
	if (g_bytes_get_size(chunk) > request->max_bytes - request->body->len) {
		g_set_error(&error,
			    UC_ERROR,
			    UC_ERROR_LIMIT,
			    "the answer is larger than %" G_GSIZE_FORMAT " bytes",
			    request->max_bytes);
		uc_http_request_fail(task, g_steal_pointer(&error));
		return;
	}
	g_byte_array_append(request->body,
			    g_bytes_get_data(chunk, NULL),
			    (guint)g_bytes_get_size(chunk));
	uc_http_request_read(task);
}

static void
uc_http_request_read(GTask *task)
{
	UcHttpRequest *request = g_task_get_task_data(task);

	g_input_stream_read_bytes_async(request->stream,
					UC_HTTP_CHUNK_BYTES,
					G_PRIORITY_DEFAULT,
					uc_deadline_get_cancellable(request->deadline),
					uc_http_request_read_cb,
					g_object_ref(task));
}

static void
uc_http_request_event_cb(SoupMessage *message,
			 GSocketClientEvent event,
			 GIOStream *connection,
			 UcHttpRequest *request)
{
	request->is_alone = TRUE;
}

/*
 * libsoup makes a connection of its own for each POST, unless the same again is harmless, as all of
 * docs/service-protocol.md is; then it asks again where a kept connection was closed meanwhile.
 */
static gboolean
uc_http_request_make(GTask *task, GError **error)
{
	UcHttpRequest *request = g_task_get_task_data(task);

	uc_http_request_drop_message(request);
	request->message = uc_http_message_new(g_task_get_source_object(task),
					       request->method,
					       request->path,
					       error);
	if (request->message == NULL || request->sent == NULL)
		return request->message != NULL;
	soup_message_set_request_body_from_bytes(request->message,
						 "application/json",
						 request->sent);
	if (!request->is_alone)
		soup_message_add_flags(request->message, SOUP_MESSAGE_IDEMPOTENT);
	g_signal_connect(request->message,
			 "network-event",
			 G_CALLBACK(uc_http_request_event_cb),
			 request);
	return TRUE;
}

static void
uc_http_request_send_cb(GObject *source, GAsyncResult *result, gpointer user_data);

static void
uc_http_request_send(GTask *task)
{
	UcHttp *self = g_task_get_source_object(task);
	UcHttpRequest *request = g_task_get_task_data(task);

	uc_http_limit_informational(request->message,
				    uc_deadline_get_cancellable(request->deadline));
	soup_session_send_async(uc_http_get_session(self),
				request->message,
				G_PRIORITY_DEFAULT,
				uc_deadline_get_cancellable(request->deadline),
				uc_http_request_send_cb,
				g_object_ref(task));
}

/*
 * An older mirror knows by the client certificate who this is only in the first request on a
 * connection: who is denied on one that was kept is heard on one of its own.
 */
static void
uc_http_request_send_alone(GTask *task)
{
	UcHttpRequest *request = g_task_get_task_data(task);
	GError *error = NULL;

	request->is_alone = TRUE;
	g_clear_object(&request->stream);
	if (uc_http_request_make(task, &error))
		uc_http_request_send(task);
	else
		g_task_return_error(task, error);
}

static void
uc_http_request_send_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcHttpRequest *request = g_task_get_task_data(task);
	g_autoptr(GError) error = NULL;

	request->stream = soup_session_send_finish(SOUP_SESSION(source), result, &error);
	if (request->stream == NULL) {
		uc_http_request_fail(task, g_steal_pointer(&error));
		return;
	}
	if (request->sent != NULL && !request->is_alone &&
	    soup_message_get_status(request->message) == SOUP_STATUS_FORBIDDEN) {
		uc_http_request_send_alone(task);
		return;
	}
	if (request->is_conditional &&
	    soup_message_get_status(request->message) == SOUP_STATUS_NOT_MODIFIED) {
		g_task_return_pointer(task, g_bytes_new(NULL, 0), (GDestroyNotify)g_bytes_unref);
		return;
	}
	if (!uc_http_check_status(request->message, &error)) {
		g_task_return_error(task, g_steal_pointer(&error));
		return;
	}
	uc_http_request_read(task);
}

/* returns FALSE after the task was returned */
static gboolean
uc_http_request_prepare(GTask *task,
			const gchar *method,
			const gchar *path,
			GBytes *sent,
			guint timeout_ms)
{
	UcHttpRequest *request = g_new0(UcHttpRequest, 1);
	GError *error = NULL;

	g_task_set_task_data(task, request, (GDestroyNotify)uc_http_request_free);
	request->deadline = uc_deadline_new(timeout_ms, g_task_get_cancellable(task));
	request->body = g_byte_array_new();
	request->method = method;
	request->path = g_strdup(path);
	request->sent = sent != NULL ? g_bytes_ref(sent) : NULL;
	if (uc_http_request_make(task, &error))
		return TRUE;
	g_task_return_error(task, error);
	return FALSE;
}

/**
 * uc_http_request_async:
 * @method: (transfer none): `GET` or `POST`, a literal
 * @path: absolute path of the URL
 * @body: (nullable): JSON text to send, which may arrive twice
 * @max_bytes: the answer may have so many bytes
 * @timeout_ms: bound on all of it, in milliseconds
 * @cancellable: (nullable): a cancellable
 *
 * One request whose answer fits in memory. Errors as uc_http_check_status() and
 * uc_error_convert_io(), and %UC_ERROR_LIMIT.
 */
void
uc_http_request_async(UcHttp *self,
		      const gchar *method,
		      const gchar *path,
		      GBytes *body,
		      gsize max_bytes,
		      guint timeout_ms,
		      GCancellable *cancellable,
		      GAsyncReadyCallback callback,
		      gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
	UcHttpRequest *request = NULL;

	if (!uc_http_request_prepare(task, method, path, body, timeout_ms))
		return;
	request = g_task_get_task_data(task);
	request->max_bytes = max_bytes;
	uc_http_request_send(task);
}

/**
 * uc_http_get_async:
 * @path: absolute path of the URL
 * @etag: (nullable): entity tag of what is there already (RFC 9110, section 13.1.2)
 * @max_bytes: the answer may have so many bytes
 * @timeout_ms: bound on all of it, in milliseconds
 * @cancellable: (nullable): a cancellable
 *
 * As uc_http_request_async(). When the server says that nothing changed since @etag, the answer is
 * empty and uc_http_request_get_status() is 304.
 */
void
uc_http_get_async(UcHttp *self,
		  const gchar *path,
		  const gchar *etag,
		  gsize max_bytes,
		  guint timeout_ms,
		  GCancellable *cancellable,
		  GAsyncReadyCallback callback,
		  gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
	UcHttpRequest *request = NULL;

	if (!uc_http_request_prepare(task, "GET", path, NULL, timeout_ms))
		return;
	request = g_task_get_task_data(task);
	request->max_bytes = max_bytes;
	request->is_conditional = etag != NULL;
	if (etag != NULL)
		soup_message_headers_replace(soup_message_get_request_headers(request->message),
					     "If-None-Match",
					     etag);
	uc_http_request_send(task);
}

/**
 * uc_http_request_finish:
 *
 * Returns: (transfer full): the body of the answer
 */
GBytes *
uc_http_request_finish(UcHttp *self, GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}

/**
 * uc_http_request_get_status:
 * @result: what a callback of uc_http_request_async() got
 *
 * Returns: the HTTP status of the answer; 0 when there was none
 */
guint
uc_http_request_get_status(GAsyncResult *result)
{
	UcHttpRequest *request = g_task_get_task_data(G_TASK(result));

	return request->message != NULL ? soup_message_get_status(request->message) : 0;
}

/**
 * uc_http_request_get_etag:
 * @result: what a callback of uc_http_get_async() got
 *
 * Returns: (transfer none) (nullable): the entity tag of the answer, as long as @result lives
 */
const gchar *
uc_http_request_get_etag(GAsyncResult *result)
{
	UcHttpRequest *request = g_task_get_task_data(G_TASK(result));

	if (request->message == NULL)
		return NULL;
	return soup_message_headers_get_one(soup_message_get_response_headers(request->message),
					    "ETag");
}
