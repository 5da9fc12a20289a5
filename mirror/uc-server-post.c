/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What endpoints post: check-ins and reports, docs/service-protocol.md sections 5 and 6. */

#include "uc-error.h"
#include "uc-inventory.h"
#include "uc-json.h"
#include "uc-server-post.h"

static void
uc_server_post_reply(SoupServerMessage *message, guint status, JsonObject *object)
{
	g_autoptr(GBytes) bytes = uc_json_to_bytes(object, FALSE);
	SoupMessageHeaders *headers = soup_server_message_get_response_headers(message);

	soup_message_headers_set_content_type(headers, "application/json", NULL);
	soup_message_headers_replace(headers, "Cache-Control", "no-store");
	soup_message_body_append_bytes(soup_server_message_get_response_body(message), bytes);
	soup_server_message_set_status(message, status, NULL);
}

static guint
uc_server_post_status(const GError *error)
{
	if (g_error_matches(error, UC_ERROR, UC_ERROR_LIMIT))
		return SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE;
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

	if (uc_error_is_refusal(error))
		json_object_set_string_member(object, "error", error->message);
	else
		g_warning("%s", error->message);
	uc_server_post_reply(message, uc_server_post_status(error), object);
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

/**
 * uc_server_post_checkin:
 * @message: a POST with its whole body
 * @database: where to remember it
 */
void
uc_server_post_checkin(SoupServerMessage *message, UcDatabase *database)
{
	g_autoptr(GBytes) body = uc_server_post_get_body(message);
	g_autoptr(UcCheckin) checkin = NULL;
	g_autoptr(JsonObject) reply = NULL;
	g_autoptr(GError) error = NULL;

	if (body == NULL)
		return;
	checkin = uc_checkin_parse(body, &error);
	if (checkin != NULL)
		reply = uc_inventory_check_in(database,
					      checkin,
					      g_get_real_time() / G_USEC_PER_SEC,
					      &error);
	if (reply != NULL)
		uc_server_post_reply(message, SOUP_STATUS_OK, reply);
	else
		uc_server_post_fail(message, error);
}

/**
 * uc_server_post_report:
 * @message: a POST with its whole body
 * @database: where to remember it
 */
void
uc_server_post_report(SoupServerMessage *message, UcDatabase *database)
{
	g_autoptr(GBytes) body = uc_server_post_get_body(message);
	g_autoptr(UcReport) report = NULL;
	g_autoptr(JsonObject) reply = NULL;
	g_autoptr(GError) error = NULL;
	gboolean added = FALSE;

	if (body == NULL)
		return;
	report = uc_report_parse(body, &error);
	if (report == NULL || !uc_inventory_add_report(database,
						       report,
						       g_get_real_time() / G_USEC_PER_SEC,
						       &added,
						       &error) ||
	    /* the endpoint forgets it once it has the answer */
	    !uc_database_sync(database, &error)) {
		uc_server_post_fail(message, error);
		return;
	}
	reply = json_object_new();
	json_object_set_string_member(reply, "format", "ucupdates-report-reply-1");
	uc_server_post_reply(message, SOUP_STATUS_OK, reply);
}
