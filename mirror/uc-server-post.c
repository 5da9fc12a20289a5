/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What endpoints post, docs/service-protocol.md sections 5 to 7: check-ins, reports, keys. */

#include "uc-error.h"
#include "uc-json.h"
#include "uc-server-peer.h"
#include "uc-server-post.h"

static void
uc_server_post_reply(SoupServerMessage *message, guint status, GBytes *reply)
{
	SoupMessageHeaders *headers = soup_server_message_get_response_headers(message);

	/* not stored by anybody: RFC 9110, section 9.3.3 */
	soup_message_headers_set_content_type(headers, "application/json", NULL);
	soup_message_body_append_bytes(soup_server_message_get_response_body(message), reply);
	soup_server_message_set_status(message, status, NULL);
}

static guint
uc_server_post_status(const GError *error)
{
	if (g_error_matches(error, UC_ERROR, UC_ERROR_LIMIT))
		return SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE;
	if (g_error_matches(error, UC_ERROR, UC_ERROR_DENIED))
		return SOUP_STATUS_FORBIDDEN;
	if (g_error_matches(error, UC_ERROR, UC_ERROR_NOT_FOUND))
		return SOUP_STATUS_NOT_FOUND;
	if (uc_error_is_refusal(error))
		return SOUP_STATUS_BAD_REQUEST;
	if (uc_error_is_temporary(error))
		return SOUP_STATUS_SERVICE_UNAVAILABLE;
	return SOUP_STATUS_INTERNAL_SERVER_ERROR;
}

/* an endpoint learns what was wrong with what it sent, not what is wrong with this machine */
static void
uc_server_post_fail(SoupServerMessage *message, const GError *error)
{
	g_autoptr(JsonObject) object = json_object_new();
	g_autoptr(GBytes) reply = NULL;

	if (uc_error_is_refusal(error) || g_error_matches(error, UC_ERROR, UC_ERROR_DENIED) ||
	    g_error_matches(error, UC_ERROR, UC_ERROR_NOT_FOUND))
		json_object_set_string_member(object, "error", error->message);
	else
		g_warning("%s", error->message);
	reply = uc_json_to_bytes(object, FALSE);
	uc_server_post_reply(message, uc_server_post_status(error), reply);
}

static GBytes *
uc_server_post_get_body(SoupServerMessage *message)
{
	SoupMessageHeaders *headers = soup_server_message_get_request_headers(message);
	const gchar *type = soup_message_headers_get_content_type(headers, NULL);

	if (g_strcmp0(type, "application/json") != 0) {
		soup_server_message_set_status(message, SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE, NULL);
		return NULL;
	}
	return soup_message_body_flatten(soup_server_message_get_request_body(message));
}

/* the endpoint may have gone meanwhile: then nobody reads the answer */
static void
uc_server_post_answer_cb(GBytes *reply, const GError *error, gpointer user_data)
{
	g_autoptr(SoupServerMessage) message = user_data;

	if (soup_server_message_get_socket(message) == NULL)
		return;
	if (error == NULL)
		uc_server_post_reply(message, SOUP_STATUS_OK, reply);
	else
		uc_server_post_fail(message, error);
	soup_server_message_unpause(message);
}

/**
 * uc_server_post:
 * @message: a POST, answered now or later
 * @intake: where it goes
 * @kind: what it is
 */
void
uc_server_post(SoupServerMessage *message, UcIntake *intake, UcIntakeKind kind)
{
	g_autoptr(GBytes) body = uc_server_post_get_body(message);
	g_autoptr(GBytes) reply = NULL;
	g_autoptr(UcPeer) peer = NULL;

	if (body == NULL)
		return;
	peer = uc_server_peer_read(message);
	if (kind == UC_INTAKE_CHECKIN)
		reply = uc_intake_find(intake, body, peer);
	if (reply != NULL) {
		uc_server_post_reply(message, SOUP_STATUS_OK, reply);
		return;
	}
	soup_server_message_pause(message);
	uc_intake_add(intake,
		      kind,
		      body,
		      g_steal_pointer(&peer),
		      uc_server_post_answer_cb,
		      g_object_ref(message));
}
