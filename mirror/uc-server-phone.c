/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Any request of a phone with UC Software, whatever becomes of it, is a check-in. */

#include <string.h>

#include "uc-phone.h"
#include "uc-server-phone.h"

/* a phone does not know that it checked in, so there is nobody to tell what was wrong with it */
static void
uc_server_phone_stored_cb(GBytes *reply, const GError *error, gpointer user_data)
{
	if (error != NULL)
		g_debug("%s", error->message);
}

/**
 * uc_server_phone_note:
 * @message: a request that was not refused for where it comes from
 * @path: its path
 * @intake: where it goes if it is a phone's
 */
void
uc_server_phone_note(SoupServerMessage *message, const gchar *path, UcIntake *intake)
{
	SoupMessageHeaders *request = soup_server_message_get_request_headers(message);
	const gchar *agent = soup_message_headers_get_one(request, "User-Agent");
	g_autoptr(GBytes) body = NULL;
	gchar *text = NULL;

	if (agent == NULL || !g_str_has_prefix(agent, UC_PHONE_USER_AGENT_PREFIX) ||
	    strlen(path) + strlen(agent) >= UC_PHONE_REQUEST_MAX_BYTES)
		return;
	text = g_strdup_printf("%s\n%s", path, agent);
	body = g_bytes_new_take(text, strlen(text));
	uc_intake_add(intake, UC_INTAKE_PHONE, body, NULL, uc_server_phone_stored_cb, NULL);
}
