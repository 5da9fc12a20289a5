/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What an administrator may want to find again in the journal, with an id that stays the same
 * whatever the sentence says (docs/agent.md, "Journal"; data/ucupdates.catalog explains each).
 * `journalctl MESSAGE_ID=...` and alerts go by it.
 */

#include "uc-journal.h"

static const struct {
	const gchar *event;
	const gchar *id;
	GLogLevelFlags level;
} uc_journal_table[] = {
    {"staged", "f1735bb0c4c44e778ed708697253e9da", G_LOG_LEVEL_MESSAGE},
    {"activated", "72fd36e6863a4c8cbf37865be950af86", G_LOG_LEVEL_MESSAGE},
    {"success", "87b61177edb64dbf9a5f7af85c1ae48f", G_LOG_LEVEL_MESSAGE},
    {"failed", "c541cfaedf33421789cb4777d8f87c75", G_LOG_LEVEL_WARNING},
    {"revoked", "d8c4dba1ff1a4eada91e0998452f9599", G_LOG_LEVEL_MESSAGE},
    {"refused", "28c4edd462714ed8a21debfb9970eef5", G_LOG_LEVEL_WARNING},
    {"forced", "16ea405e80fb46ef9d66c889fc60a4d5", G_LOG_LEVEL_WARNING},
    {"plugin", "0c4d7ecdd0c946b2a50e1f22bd1f3f6c", G_LOG_LEVEL_WARNING},
    {"first-use", "9b0d4f7c1a6e4c0f8d52e7b36a914c58", G_LOG_LEVEL_WARNING},
};

static gsize
uc_journal_find(const gchar *event)
{
	gsize i = 0;

	while (i < G_N_ELEMENTS(uc_journal_table) &&
	       g_strcmp0(uc_journal_table[i].event, event) != 0)
		i++;
	return i;
}

/**
 * uc_journal_get_id:
 * @event: `staged`, `activated`, `success`, `failed`, `revoked`, `refused`, `forced`, `plugin` or
 *   `first-use`
 *
 * Returns: (transfer none) (nullable): its id, 32 lower-case hexadecimal digits; %NULL for an event
 * that has none
 */
const gchar *
uc_journal_get_id(const gchar *event)
{
	gsize i = uc_journal_find(event);

	return i < G_N_ELEMENTS(uc_journal_table) ? uc_journal_table[i].id : NULL;
}

/**
 * uc_journal_log:
 * @event: as uc_journal_get_id(); another one is logged without an id
 * @endpoint: the `Id` of the endpoint
 * @version: (nullable): what it is about
 * @message: (nullable): a sentence for people
 *
 * Writes one line to the journal, or to standard error where that is not the journal, with the
 * fields `MESSAGE_ID`, `UCUPDATES_EVENT`, `UCUPDATES_ENDPOINT` and `UCUPDATES_VERSION`.
 */
void
uc_journal_log(const gchar *event,
	       const gchar *endpoint,
	       const gchar *version,
	       const gchar *message)
{
	gsize i = uc_journal_find(event);
	gboolean known = i < G_N_ELEMENTS(uc_journal_table);
	gboolean has_version = version != NULL && version[0] != '\0';
	gboolean has_message = message != NULL && message[0] != '\0';

	/* an empty field is left out by the journal */
	g_log_structured(G_LOG_DOMAIN,
			 known ? uc_journal_table[i].level : G_LOG_LEVEL_MESSAGE,
			 "MESSAGE_ID",
			 known ? uc_journal_table[i].id : "",
			 "UCUPDATES_EVENT",
			 event,
			 "UCUPDATES_ENDPOINT",
			 endpoint,
			 "UCUPDATES_VERSION",
			 has_version ? version : "",
			 "MESSAGE",
			 "%s: %s%s%s%s%s",
			 endpoint,
			 event,
			 has_version ? " " : "",
			 has_version ? version : "",
			 has_message ? ": " : "",
			 has_message ? message : "");
}
