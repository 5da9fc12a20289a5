/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-history.h"
#include "uc-limits.h"
#include "uc-state-file.h"

#define UC_HISTORY_NAME	  "history.json"
#define UC_HISTORY_FORMAT "ucupdates-history-1"

/* The agent's own log, newest first. fwupd's says "success" too early, from staging on. */
struct _UcHistory {
	JsonArray *entries; /* of objects as docs/agent.md has them */
};

/**
 * uc_history_load:
 *
 * Returns: (transfer full): what is on disk; empty when there is nothing usable
 */
UcHistory *
uc_history_load(void)
{
	UcHistory *self = g_new0(UcHistory, 1);
	g_autofree gchar *aside = NULL;
	g_autoptr(JsonObject) object =
	    uc_state_file_load(UC_HISTORY_NAME, UC_HISTORY_FORMAT, &aside);
	JsonArray *entries = NULL;

	self->entries = json_array_new();
	if (object == NULL || !uc_json_get_array(object,
						 "entries",
						 UC_JSON_OPTIONAL,
						 UC_LIMIT_HISTORY,
						 &entries,
						 NULL))
		return self;
	for (guint i = 0; entries != NULL && i < json_array_get_length(entries); i++) {
		JsonObject *entry = uc_json_array_get_object(entries, i, "entries", NULL);

		if (entry != NULL)
			json_array_add_object_element(self->entries, json_object_ref(entry));
	}
	return self;
}

void
uc_history_free(UcHistory *self)
{
	json_array_unref(self->entries);
	g_free(self);
}

static gboolean
uc_history_has(UcHistory *self, JsonObject *entry)
{
	const gchar *uuid = json_object_get_string_member_with_default(entry, "uuid", "");

	for (guint i = 0; i < json_array_get_length(self->entries); i++) {
		JsonObject *other = json_array_get_object_element(self->entries, i);

		if (g_strcmp0(json_object_get_string_member_with_default(other, "uuid", NULL),
			      uuid) == 0)
			return TRUE;
	}
	return FALSE;
}

/**
 * uc_history_add:
 * @entry: (transfer none): with a `uuid`; one that is there already is not added again
 * @error: set to %UC_ERROR_FAILED
 *
 * Durable when it returns. The oldest ones beyond the limit are forgotten.
 */
gboolean
uc_history_add(UcHistory *self, JsonObject *entry, GError **error)
{
	g_autoptr(JsonObject) object = json_object_new();
	g_autoptr(JsonArray) entries = NULL;

	if (uc_history_has(self, entry))
		return TRUE;
	entries = json_array_new();
	json_array_add_object_element(entries, json_object_ref(entry));
	for (guint i = 0; i < json_array_get_length(self->entries) && i + 1 < UC_LIMIT_HISTORY; i++)
		json_array_add_object_element(
		    entries,
		    json_object_ref(json_array_get_object_element(self->entries, i)));
	json_object_set_string_member(object, "format", UC_HISTORY_FORMAT);
	json_object_set_array_member(object, "entries", json_array_ref(entries));
	/* what is not on the disk is not there, or the next attempt would leave it at that */
	if (!uc_state_file_save(UC_HISTORY_NAME, object, error))
		return FALSE;
	json_array_unref(self->entries);
	self->entries = g_steal_pointer(&entries);
	return TRUE;
}

/**
 * uc_history_get_entries:
 *
 * Returns: (transfer none): newest first
 */
JsonArray *
uc_history_get_entries(UcHistory *self)
{
	return self->entries;
}

/**
 * uc_history_get_updated:
 * @endpoint: the `Id` of an endpoint
 *
 * Returns: (transfer none) (nullable): when it was last updated, RFC 3339
 */
const gchar *
uc_history_get_updated(UcHistory *self, const gchar *endpoint)
{
	for (guint i = 0; i < json_array_get_length(self->entries); i++) {
		JsonObject *entry = json_array_get_object_element(self->entries, i);

		if (g_strcmp0(json_object_get_string_member_with_default(entry, "event", NULL),
			      "success") == 0 &&
		    g_strcmp0(json_object_get_string_member_with_default(entry, "endpoint", NULL),
			      endpoint) == 0)
			return json_object_get_string_member_with_default(entry, "time", NULL);
	}
	return NULL;
}
