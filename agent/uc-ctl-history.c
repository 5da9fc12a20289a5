/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-ctl-phrase.h"
#include "uc-ctl-text.h"
#include "uc-ctl.h"

static gint
uc_ctl_history_run(gint argc, gchar **argv);

const UcCtlCommand uc_ctl_history = {
    "history",
    "[--json]",
    N_("What was staged, activated, succeeded and failed"),
    uc_ctl_history_run,
};

/* a service that was refused is about no version */
static gchar *
uc_ctl_history_get_versions(JsonObject *entry)
{
	if (!json_object_has_member(entry, "version_new"))
		return g_strdup("");
	return g_strdup_printf("%s -> %s  ",
			       uc_ctl_text(entry, "version_old"),
			       uc_ctl_text(entry, "version_new"));
}

#define UC_CTL_HISTORY_COLUMNS 9 /* of what happened */

static void
uc_ctl_history_print(JsonNode *node)
{
	JsonArray *entries = json_node_get_array(node);
	guint width = 0;

	if (json_array_get_length(entries) == 0)
		g_print(_("nothing was updated yet\n"));
	width = uc_ctl_text_get_width(entries, "endpoint");
	for (guint i = 0; i < json_array_get_length(entries); i++) {
		JsonObject *entry = json_array_get_object_element(entries, i);
		g_autofree gchar *time = uc_ctl_local_time(entry, "time");
		g_autofree gchar *versions = uc_ctl_history_get_versions(entry);

		const gchar *word = uc_ctl_phrase_word("event", uc_ctl_text(entry, "event"));
		g_autofree gchar *event = uc_ctl_text_pad(word, UC_CTL_HISTORY_COLUMNS);
		g_autofree gchar *message = uc_ctl_phrase_translate(
		    json_object_get_string_member_with_default(entry, "message", ""));

		uc_ctl_text_print(message,
				  "%s  %-*s %s %s",
				  time,
				  (gint)width,
				  uc_ctl_text(entry, "endpoint"),
				  event,
				  versions);
	}
}

static gint
uc_ctl_history_run(gint argc, gchar **argv)
{
	return uc_ctl_query(&uc_ctl_history,
			    "GetHistory",
			    FALSE,
			    "entries",
			    uc_ctl_history_print,
			    argc,
			    argv);
}
