/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Sends a check-in, docs/service-protocol.md section 5, in as many parts as it takes, one after the
 * other on one connection. A part stands for itself: what is wrong with it is not wrong with the
 * others, and those that were taken are not taken back. Whoever is denied, or does not reach the
 * service, need not try the rest.
 */

#include "uc-check-in-parts.h"
#include "uc-check-in-send.h"
#include "uc-deadline.h"
#include "uc-error.h"
#include "uc-json.h"
#include "uc-limits.h"

typedef struct {
	gchar *path;
	GPtrArray *parts; /* (element-type JsonObject) */
	guint next;
	UcDeadline *deadline;
	gint64 downloads;
	GError *error; /* (nullable): of the last part that was refused */
} UcCheckInSend;

static void
uc_check_in_send_free(UcCheckInSend *self)
{
	g_free(self->path);
	g_clear_pointer(&self->parts, g_ptr_array_unref);
	g_clear_pointer(&self->deadline, uc_deadline_free);
	g_clear_error(&self->error);
	g_free(self);
}

static void
uc_check_in_send_next(GTask *task);

/* the last one is for the caller to tell */
static void
uc_check_in_send_note(UcCheckInSend *self, GError *error)
{
	if (self->error != NULL)
		g_warning("%s", self->error->message);
	g_clear_error(&self->error);
	self->error = error;
}

static void
uc_check_in_send_end(GTask *task)
{
	UcCheckInSend *self = g_task_get_task_data(task);

	if (self->error != NULL) {
		g_task_return_error(task, g_steal_pointer(&self->error));
		return;
	}
	g_info("checked in; the service says that %" G_GINT64_FORMAT " updates are on offer",
	       self->downloads);
	g_task_return_boolean(task, TRUE);
}

static gboolean
uc_check_in_send_take_reply(UcCheckInSend *self, GBytes *reply, GError **error)
{
	g_autoptr(JsonObject) object =
	    uc_json_parse_object(reply, UC_LIMIT_REPLY_BYTES, "the answer to the check-in", error);
	gint64 downloads = 0;

	if (object == NULL || !uc_json_get_int64(object,
						 "downloads",
						 UC_JSON_REQUIRED,
						 0,
						 UC_LIMIT_CHECKIN_ENDPOINTS,
						 &downloads,
						 error))
		return FALSE;
	self->downloads += downloads;
	return TRUE;
}

static void
uc_check_in_send_prefix_error(UcCheckInSend *self, GError **error)
{
	uc_deadline_convert_error(self->deadline, error);
	if (self->parts->len > 1)
		g_prefix_error(error, "check-in, part %u of %u: ", self->next, self->parts->len);
	else
		g_prefix_error(error, "check-in: ");
}

static void
uc_check_in_send_sent_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcCheckInSend *self = g_task_get_task_data(task);
	g_autoptr(GBytes) reply = NULL;
	GError *error = NULL;

	reply = uc_http_request_finish(UC_HTTP(source), result, &error);
	if (reply == NULL || !uc_check_in_send_take_reply(self, reply, &error)) {
		gboolean refused = uc_error_is_refusal(error);

		uc_check_in_send_prefix_error(self, &error);
		uc_check_in_send_note(self, error);
		if (!refused) {
			uc_check_in_send_end(task);
			return;
		}
	}
	uc_check_in_send_next(task);
}

static void
uc_check_in_send_next(GTask *task)
{
	UcCheckInSend *self = g_task_get_task_data(task);
	g_autoptr(GBytes) body = NULL;

	if (self->next >= self->parts->len) {
		uc_check_in_send_end(task);
		return;
	}
	body = uc_json_to_bytes(g_ptr_array_index(self->parts, self->next++), FALSE);
	uc_http_request_async(g_task_get_source_object(task),
			      "POST",
			      self->path,
			      body,
			      UC_LIMIT_REPLY_BYTES,
			      UC_LIMIT_REQUEST_MS,
			      uc_deadline_get_cancellable(self->deadline),
			      uc_check_in_send_sent_cb,
			      g_object_ref(task));
}

/**
 * uc_check_in_send_async:
 * @http: session with the service
 * @path: `checkin_path` of the service description, with a slash before it
 * @check_in: (transfer none): with any number of endpoints; not looked at after this call
 *
 * Registers the endpoints. What comes back only informs; what is on offer is decided by the signed
 * metadata. An endpoint that alone is larger than a check-in may be is left out with a warning.
 *
 * A part that is refused (%UC_ERROR_REFUSED, %UC_ERROR_INVALID) makes the whole fail, but the
 * others are sent; any other error of uc_http_request_async() ends it there, and so does
 * %UC_LIMIT_CHECKIN_MS for all parts together (%UC_ERROR_TEMPORARY). The same again is harmless.
 */
void
uc_check_in_send_async(UcHttp *http,
		       const gchar *path,
		       JsonObject *check_in,
		       GCancellable *cancellable,
		       GAsyncReadyCallback callback,
		       gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(http, cancellable, callback, user_data);
	g_autoptr(GPtrArray) left_out = g_ptr_array_new_with_free_func(g_free);
	UcCheckInSend *self = g_new0(UcCheckInSend, 1);

	g_task_set_task_data(task, self, (GDestroyNotify)uc_check_in_send_free);
	self->path = g_strdup(path);
	self->deadline = uc_deadline_new(UC_LIMIT_CHECKIN_MS, cancellable);
	self->parts = uc_check_in_parts_new(check_in, left_out);
	for (guint i = 0; i < left_out->len; i++)
		g_warning("check-in: endpoint %s alone takes more than %d bytes; the service is "
			  "told of the others only",
			  (const gchar *)g_ptr_array_index(left_out, i),
			  UC_LIMIT_CHECKIN_BYTES);
	uc_check_in_send_next(task);
}

/**
 * uc_check_in_send_finish:
 * @downloads_out: (out) (optional): so many updates the service says are on offer, of all parts
 */
gboolean
uc_check_in_send_finish(GAsyncResult *result, guint *downloads_out, GError **error)
{
	UcCheckInSend *self = g_task_get_task_data(G_TASK(result));

	if (downloads_out != NULL)
		*downloads_out = (guint)self->downloads;
	return g_task_propagate_boolean(G_TASK(result), error);
}
