/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * How the endpoint comes by the certificate that proves who it is, docs/service-protocol.md section
 * 7. Asked for when there is none, when two thirds of its life are over, when the endpoints of this
 * machine are others, and when the service denied it; at each look once, and again within seconds
 * only while it is being signed. Nothing of that holds up an update.
 */

#include "uc-csr.h"
#include "uc-endpoint-pair.h"
#include "uc-enrolment-token.h"
#include "uc-error.h"
#include "uc-file.h"
#include "uc-key-claim.h"
#include "uc-key-enrolment.h"
#include "uc-limits.h"
#include "uc-paths.h"
#include "uc-state-file.h"

#define UC_KEY_ENROLMENT_FILE	"key-enrolment.json"
#define UC_KEY_ENROLMENT_FORMAT "ucupdates-key-enrolment-1"
/* a certificate that is being signed is waited for so many times, so long each */
#define UC_KEY_ENROLMENT_WAITS_MAX	20
#define UC_KEY_ENROLMENT_WAIT_SECS_MAX	1
#define UC_KEY_ENROLMENT_RETRY_SECS_MIN 60
#define UC_KEY_ENROLMENT_RETRY_SECS_MAX 86400

typedef struct {
	const UcServiceSettings *settings; /* not owned */
	const UcClock *clock;		   /* not owned */
	JsonObject *check_in;
	UcPrivateKey *key;
	UcKeyClaim *claim; /* (nullable): not known yet */
	GBytes *body;
	gchar *path;
	guint waits;
} UcKeyEnrolment;

static void
uc_key_enrolment_free(UcKeyEnrolment *self)
{
	g_clear_pointer(&self->check_in, json_object_unref);
	g_clear_pointer(&self->key, uc_private_key_free);
	g_clear_pointer(&self->body, g_bytes_unref);
	g_clear_pointer(&self->claim, uc_key_claim_free);
	g_free(self->path);
	g_free(self);
}

static JsonObject *
uc_key_enrolment_load(void)
{
	g_autofree gchar *aside = NULL;

	return uc_state_file_load(UC_KEY_ENROLMENT_FILE, UC_KEY_ENROLMENT_FORMAT, &aside);
}

/* @retry_secs: when to ask again, 0 for the next look */
static void
uc_key_enrolment_note(UcKeyEnrolment *self,
		      const gchar *state,
		      const gchar *reason,
		      gint64 retry_secs)
{
	g_autoptr(JsonObject) object = json_object_new();
	g_autoptr(GError) error = NULL;

	json_object_set_string_member(object, "format", UC_KEY_ENROLMENT_FORMAT);
	json_object_set_string_member(object, "state", state);
	json_object_set_string_member(object, "claim", self->claim->challenge);
	if (reason != NULL)
		json_object_set_string_member(object, "reason", reason);
	if (retry_secs > 0)
		uc_json_set_time(object, "retry", retry_secs);
	if (!uc_state_file_save(UC_KEY_ENROLMENT_FILE, object, &error))
		g_warning("%s", error->message);
}

static void
uc_key_enrolment_fail(GTask *task, GError *error)
{
	UcKeyEnrolment *self = g_task_get_task_data(task);

	g_prefix_error(&error, "the endpoint's certificate: ");
	if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED) && self->claim != NULL)
		uc_key_enrolment_note(self, "failed", error->message, 0);
	g_task_return_error(task, error);
}

static gboolean
uc_key_enrolment_is_needed(UcKeyEnrolment *self)
{
	gint64 renewal_secs = uc_endpoint_pair_get_renewal_secs();
	g_autoptr(JsonObject) object = NULL;
	g_autofree gchar *state = NULL;
	g_autofree gchar *claim = NULL;

	if (renewal_secs == 0 || uc_clock_now_secs(self->clock) >= renewal_secs)
		return TRUE;
	object = uc_key_enrolment_load();
	if (object == NULL)
		return TRUE;
	state = uc_state_file_get_text(object, "state");
	claim = uc_state_file_get_text(object, "claim");
	return g_strcmp0(state, "issued") != 0 || g_strcmp0(claim, self->claim->challenge) != 0;
}

static gboolean
uc_key_enrolment_make_body(UcKeyEnrolment *self, GError **error)
{
	g_autoptr(JsonObject) object = json_object_new();
	g_autofree gchar *csr = uc_csr_new(self->key, self->claim->challenge, error);
	g_autofree gchar *token = NULL;

	if (csr == NULL || !uc_enrolment_token_load(self->settings, &token, error))
		return FALSE;
	json_object_set_array_member(object, "endpoints", json_array_ref(self->claim->endpoints));
	json_object_set_string_member(object, "format", "ucupdates-enrolment-1");
	json_object_set_string_member(object,
				      "machine_id",
				      json_object_get_string_member(self->check_in, "machine_id"));
	json_object_set_string_member(object, "csr", csr);
	if (token != NULL)
		json_object_set_string_member(object, "token", token);
	g_clear_pointer(&self->body, g_bytes_unref);
	self->body = uc_json_to_bytes(object, FALSE);
	return TRUE;
}

static void
uc_key_enrolment_ask(GTask *task);

static gboolean
uc_key_enrolment_wait_cb(gpointer user_data)
{
	uc_key_enrolment_ask(G_TASK(user_data));
	return G_SOURCE_REMOVE;
}

static gboolean
uc_key_enrolment_take(UcKeyEnrolment *self,
		      UcService *service,
		      const gchar *certificate,
		      GError **error)
{
	g_autoptr(UcClientCertificate) pair = NULL;

	if (!uc_endpoint_pair_save_certificate(self->key, certificate, error))
		return FALSE;
	uc_key_enrolment_note(self, "issued", NULL, 0);
	uc_enrolment_token_remove();
	pair = uc_endpoint_pair_load(self->settings, error);
	if (pair == NULL)
		return FALSE;
	uc_http_set_client_certificate(uc_service_get_http(service), pair);
	g_message("the service gave this machine's endpoints a certificate");
	return TRUE;
}

static gboolean
uc_key_enrolment_take_issued(GTask *task, JsonObject *reply, GError **error)
{
	UcKeyEnrolment *self = g_task_get_task_data(task);
	const gchar *certificate = NULL;

	return uc_json_get_string(reply,
				  "certificate",
				  UC_JSON_REQUIRED,
				  UC_LIMIT_CERTIFICATE_BYTES,
				  &certificate,
				  error) &&
	       uc_key_enrolment_take(self, g_task_get_source_object(task), certificate, error);
}

/* what is being signed is there within a second or two; the administrator takes longer */
static void
uc_key_enrolment_wait(GTask *task, const gchar *state, const gchar *reason, gint64 retry_secs)
{
	UcKeyEnrolment *self = g_task_get_task_data(task);
	g_autoptr(GSource) source = NULL;
	gint64 now_secs = uc_clock_now_secs(self->clock);

	if (retry_secs <= UC_KEY_ENROLMENT_WAIT_SECS_MAX &&
	    self->waits++ < UC_KEY_ENROLMENT_WAITS_MAX) {
		source = g_timeout_source_new_seconds((guint)retry_secs);
		g_task_attach_source(task, source, uc_key_enrolment_wait_cb);
		return;
	}
	retry_secs =
	    CLAMP(retry_secs, UC_KEY_ENROLMENT_RETRY_SECS_MIN, UC_KEY_ENROLMENT_RETRY_SECS_MAX);
	g_message("the endpoint's certificate is %s%s%s",
		  state,
		  reason != NULL ? ": " : "",
		  reason != NULL ? reason : "");
	uc_key_enrolment_note(self, state, reason, now_secs + retry_secs);
	g_task_return_boolean(task, TRUE);
}

static gboolean
uc_key_enrolment_take_reply(GTask *task, JsonObject *reply, GError **error)
{
	const gchar *state = NULL;
	const gchar *reason = NULL;
	gint64 retry_secs = 0;

	if (!uc_json_get_string(reply, "state", UC_JSON_REQUIRED, 64, &state, error) ||
	    !uc_json_get_string(reply,
				"reason",
				UC_JSON_OPTIONAL,
				UC_LIMIT_STRING_BYTES,
				&reason,
				error) ||
	    !uc_json_get_int64(reply,
			       "retry_secs",
			       UC_JSON_OPTIONAL,
			       1,
			       UC_KEY_ENROLMENT_RETRY_SECS_MAX,
			       &retry_secs,
			       error))
		return FALSE;
	if (g_str_equal(state, "issued")) {
		if (!uc_key_enrolment_take_issued(task, reply, error))
			return FALSE;
		g_task_return_boolean(task, TRUE);
		return TRUE;
	}
	if (g_str_equal(state, "waiting") || g_str_equal(state, "conflict")) {
		uc_key_enrolment_wait(task, state, reason, MAX(retry_secs, 1));
		return TRUE;
	}
	g_set_error(error, UC_ERROR, UC_ERROR_INVALID, "the state is '%s', which is none", state);
	return FALSE;
}

/* returns FALSE when there is no less to ask for */
static gboolean
uc_key_enrolment_ask_less(GTask *task)
{
	UcKeyEnrolment *self = g_task_get_task_data(task);
	UcService *service = g_task_get_source_object(task);
	g_autoptr(UcKeyClaim) all = g_steal_pointer(&self->claim);
	g_autoptr(GError) error = NULL;

	self->claim = uc_key_claim_new(self->check_in,
				       uc_service_get_description(service)->organisation,
				       UC_KEY_CLAIM_FEW,
				       &error);
	if (self->claim == NULL || g_str_equal(all->challenge, self->claim->challenge) ||
	    !uc_key_enrolment_make_body(self, &error)) {
		g_clear_pointer(&self->claim, uc_key_claim_free);
		self->claim = g_steal_pointer(&all);
		return FALSE;
	}
	g_warning("the service takes no key for all endpoints of this machine, asking for the "
		  "first %u; it does not know the other %u until it is a newer one",
		  json_array_get_length(self->claim->endpoints),
		  self->claim->left_out);
	uc_key_enrolment_ask(task);
	return TRUE;
}

static void
uc_key_enrolment_asked_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	g_autoptr(GBytes) bytes = NULL;
	g_autoptr(JsonObject) reply = NULL;
	GError *error = NULL;

	bytes = uc_http_request_finish(UC_HTTP(source), result, &error);
	if (uc_http_request_get_status(result) == SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE &&
	    uc_key_enrolment_ask_less(task)) {
		g_clear_error(&error);
		return;
	}
	if (bytes != NULL)
		reply = uc_json_parse_object(bytes, UC_LIMIT_REPLY_BYTES, "the answer", &error);
	if (reply == NULL || !uc_key_enrolment_take_reply(task, reply, &error))
		uc_key_enrolment_fail(task, error);
}

static void
uc_key_enrolment_ask(GTask *task)
{
	UcKeyEnrolment *self = g_task_get_task_data(task);

	uc_http_request_async(uc_service_get_http(g_task_get_source_object(task)),
			      "POST",
			      self->path,
			      self->body,
			      UC_LIMIT_REPLY_BYTES,
			      UC_LIMIT_REQUEST_MS,
			      g_task_get_cancellable(task),
			      uc_key_enrolment_asked_cb,
			      g_object_ref(task));
}

/* whether there is nothing to ask for */
static gboolean
uc_key_enrolment_is_idle(UcKeyEnrolment *self, const UcDescription *description)
{
	JsonArray *endpoints = json_object_get_array_member(self->check_in, "endpoints");

	return description->enrolment_path == NULL ||
	       self->settings->client_certificate[0] != '\0' ||
	       json_array_get_length(endpoints) == 0;
}

/**
 * uc_key_enrolment_run_async:
 * @service: verified
 * @settings: must outlive the call
 * @clock: must outlive the call
 * @check_in: (transfer none): with the endpoints that the key is for
 * @again: the service does not take the certificate that there is
 *
 * Asks for a certificate if one is needed, and offers it to @service from then on. Errors of
 * uc_http_request_async(), of uc_endpoint_pair_ensure_key() and of uc_enrolment_token_load().
 */
void
uc_key_enrolment_run_async(UcService *service,
			   const UcServiceSettings *settings,
			   const UcClock *clock,
			   JsonObject *check_in,
			   gboolean again,
			   GCancellable *cancellable,
			   GAsyncReadyCallback callback,
			   gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(service, cancellable, callback, user_data);
	const UcDescription *description = uc_service_get_description(service);
	UcKeyEnrolment *self = g_new0(UcKeyEnrolment, 1);
	GError *error = NULL;

	self->settings = settings;
	self->clock = clock;
	self->check_in = json_object_ref(check_in);
	g_task_set_task_data(task, self, (GDestroyNotify)uc_key_enrolment_free);
	if (uc_key_enrolment_is_idle(self, description)) {
		g_task_return_boolean(task, TRUE);
		return;
	}
	self->claim =
	    uc_key_claim_new(check_in, description->organisation, UC_KEY_CLAIM_ALL, &error);
	if (self->claim == NULL) {
		uc_key_enrolment_fail(task, error);
		return;
	}
	if (!again && !uc_key_enrolment_is_needed(self)) {
		g_task_return_boolean(task, TRUE);
		return;
	}
	if (self->claim->left_out > 0)
		g_warning("a key is for at most %d endpoints in %d bytes; %u of this machine "
			  "have none",
			  UC_LIMIT_ENROL_ENDPOINTS,
			  UC_LIMIT_ENROL_BYTES,
			  self->claim->left_out);
	self->path = uc_description_build_path(description->enrolment_path);
	self->key = uc_endpoint_pair_ensure_key(settings, &error);
	if (self->key == NULL || !uc_key_enrolment_make_body(self, &error)) {
		uc_key_enrolment_fail(task, error);
		return;
	}
	uc_key_enrolment_ask(task);
}

gboolean
uc_key_enrolment_run_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}

/**
 * uc_key_enrolment_get_retry_secs:
 *
 * Returns: when a certificate that waits for the administrator is to be asked for again, seconds
 *   since the Unix epoch; 0 for the next look
 */
gint64
uc_key_enrolment_get_retry_secs(void)
{
	g_autoptr(JsonObject) object = uc_key_enrolment_load();

	return object != NULL ? uc_state_file_get_time(object, "retry") : 0;
}

/**
 * uc_key_enrolment_describe:
 * @status: gets `certificate` and `certificate_error`, docs/agent.md
 */
void
uc_key_enrolment_describe(JsonObject *status)
{
	g_autoptr(JsonObject) object = uc_key_enrolment_load();
	g_autofree gchar *state = NULL;
	g_autofree gchar *reason = NULL;

	if (object == NULL)
		return;
	state = uc_state_file_get_text(object, "state");
	reason = uc_state_file_get_text(object, "reason");
	if (state != NULL)
		json_object_set_string_member(status, "certificate", state);
	if (reason != NULL)
		json_object_set_string_member(status, "certificate_error", reason);
}

/**
 * uc_key_enrolment_forget:
 * @error: set to %UC_ERROR_FAILED
 *
 * Removes certificate, key and token, so that the next service gets to know another one.
 */
gboolean
uc_key_enrolment_forget(GError **error)
{
	g_autofree gchar *path = uc_path_state(UC_KEY_ENROLMENT_FILE);

	uc_enrolment_token_remove();
	return uc_file_remove(path, error) && uc_endpoint_pair_remove(error);
}
