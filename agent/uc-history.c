/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The agent's own log; fwupd's says "success" too early, from staging on. The newest entries of the
 * machine are kept, and of what is older the last one of each endpoint, and its last success.
 */

#include "uc-history.h"
#include "uc-limits.h"
#include "uc-state-file.h"

#define UC_HISTORY_NAME	  "history.json"
#define UC_HISTORY_FORMAT "ucupdates-history-1"

struct _UcHistory {
	JsonArray *entries;  /* of objects as docs/agent.md has them, newest first */
	GHashTable *uuids;   /* of them; not owned */
	GHashTable *updated; /* endpoint -> time of its last success; not owned */
};

static const gchar *
uc_history_get_text(JsonObject *entry, const gchar *member)
{
	JsonNode *node = json_object_get_member(entry, member);

	return node != NULL && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_string(node) : NULL;
}

static gboolean
uc_history_is_success(JsonObject *entry)
{
	return g_strcmp0(uc_history_get_text(entry, "event"), "success") == 0;
}

/* @entries is newest first, so that what was there before is later */
static void
uc_history_set_entries(UcHistory *self, JsonArray *entries)
{
	g_hash_table_remove_all(self->uuids);
	g_hash_table_remove_all(self->updated);
	g_clear_pointer(&self->entries, json_array_unref);
	self->entries = json_array_ref(entries);
	for (guint i = 0; i < json_array_get_length(entries); i++) {
		JsonObject *entry = json_array_get_object_element(entries, i);
		const gchar *uuid = uc_history_get_text(entry, "uuid");
		const gchar *endpoint = uc_history_get_text(entry, "endpoint");
		const gchar *time = uc_history_get_text(entry, "time");

		if (uuid != NULL)
			g_hash_table_insert(self->uuids, (gpointer)uuid, entry);
		if (endpoint != NULL && time != NULL && uc_history_is_success(entry) &&
		    !g_hash_table_contains(self->updated, endpoint))
			g_hash_table_insert(self->updated, (gpointer)endpoint, (gpointer)time);
	}
}

/* whether it is the newest one of its endpoint, or the newest success */
static gboolean
uc_history_is_last(JsonObject *entry, GHashTable *seen, GHashTable *succeeded)
{
	const gchar *endpoint = uc_history_get_text(entry, "endpoint");
	gboolean last = FALSE;

	if (endpoint == NULL)
		return FALSE;
	last = g_hash_table_add(seen, (gpointer)endpoint);
	if (uc_history_is_success(entry))
		last = g_hash_table_add(succeeded, (gpointer)endpoint) || last;
	return last;
}

/* (transfer full): of what is newest first as much as is kept */
static JsonArray *
uc_history_trim(JsonArray *entries)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GHashTable) succeeded = g_hash_table_new(g_str_hash, g_str_equal);
	JsonArray *kept = json_array_new();

	for (guint i = 0; i < json_array_get_length(entries); i++) {
		JsonObject *entry = uc_json_array_get_object(entries, i, "entries", NULL);

		if (json_array_get_length(kept) >= UC_LIMIT_HISTORY_ALL)
			break;
		if (entry != NULL && (uc_history_is_last(entry, seen, succeeded) ||
				      json_array_get_length(kept) < UC_LIMIT_HISTORY))
			json_array_add_object_element(kept, json_object_ref(entry));
	}
	return kept;
}

/**
 * uc_history_load:
 *
 * Returns: (transfer full): what is on disk, the newest of it if a later version of the agent kept
 * more; empty when there is nothing usable
 */
UcHistory *
uc_history_load(void)
{
	UcHistory *self = g_new0(UcHistory, 1);
	g_autofree gchar *aside = NULL;
	g_autoptr(JsonObject) object =
	    uc_state_file_load(UC_HISTORY_NAME, UC_HISTORY_FORMAT, &aside);
	g_autoptr(JsonArray) kept = NULL;
	JsonArray *entries = NULL;

	self->uuids = g_hash_table_new(g_str_hash, g_str_equal);
	self->updated = g_hash_table_new(g_str_hash, g_str_equal);
	/* the size of the file is limited already */
	if (object == NULL ||
	    !uc_json_get_array(object, "entries", UC_JSON_OPTIONAL, G_MAXUINT, &entries, NULL))
		entries = NULL;
	kept = entries != NULL ? uc_history_trim(entries) : json_array_new();
	uc_history_set_entries(self, kept);
	return self;
}

void
uc_history_free(UcHistory *self)
{
	g_hash_table_unref(self->uuids);
	g_hash_table_unref(self->updated);
	json_array_unref(self->entries);
	g_free(self);
}

/* before all others; those with the same UUIDs go */
static JsonArray *
uc_history_prepend(UcHistory *self, JsonArray *added)
{
	g_autoptr(GHashTable) same = g_hash_table_new(NULL, NULL);
	g_autoptr(JsonArray) entries = json_array_new();

	for (guint i = 0; i < json_array_get_length(added); i++) {
		JsonObject *entry = json_array_get_object_element(added, i);
		const gchar *uuid = uc_history_get_text(entry, "uuid");

		if (uuid != NULL)
			(void)g_hash_table_add(same, g_hash_table_lookup(self->uuids, uuid));
		json_array_add_object_element(entries, json_object_ref(entry));
	}
	for (guint i = 0; i < json_array_get_length(self->entries); i++) {
		JsonObject *other = json_array_get_object_element(self->entries, i);

		if (!g_hash_table_contains(same, other))
			json_array_add_object_element(entries, json_object_ref(other));
	}
	return uc_history_trim(entries);
}

/**
 * uc_history_replace:
 * @added: (transfer none) (element-type JsonObject): newest first, with a `uuid` each, of which no
 *   two have the same; each takes the place of the one that has it
 * @error: set to %UC_ERROR_FAILED
 *
 * Durable when it returns, with one write for all.
 */
gboolean
uc_history_replace(UcHistory *self, JsonArray *added, GError **error)
{
	g_autoptr(JsonObject) object = json_object_new();
	g_autoptr(JsonArray) entries = uc_history_prepend(self, added);

	json_object_set_string_member(object, "format", UC_HISTORY_FORMAT);
	json_object_set_array_member(object, "entries", json_array_ref(entries));
	/* what is not on the disk is not there, or the next attempt would leave it at that */
	if (!uc_state_file_save(UC_HISTORY_NAME, object, error))
		return FALSE;
	uc_history_set_entries(self, entries);
	return TRUE;
}

/**
 * uc_history_add:
 * @entry: (transfer none): with a `uuid`; one that is there already is not added again
 * @error: set to %UC_ERROR_FAILED
 *
 * Durable when it returns.
 */
gboolean
uc_history_add(UcHistory *self, JsonObject *entry, GError **error)
{
	const gchar *uuid = uc_history_get_text(entry, "uuid");
	g_autoptr(JsonArray) added = json_array_new();

	if (uuid != NULL && g_hash_table_contains(self->uuids, uuid))
		return TRUE;
	json_array_add_object_element(added, json_object_ref(entry));
	return uc_history_replace(self, added, error);
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
 * uc_history_get_message:
 *
 * Returns: (transfer none) (nullable): the sentence of the entry with that UUID
 */
const gchar *
uc_history_get_message(UcHistory *self, const gchar *uuid)
{
	JsonObject *entry = g_hash_table_lookup(self->uuids, uuid);

	return entry != NULL ? uc_history_get_text(entry, "message") : NULL;
}

/**
 * uc_history_get_secs:
 *
 * Returns: the time of the entry with that UUID, seconds since the Unix epoch; 0 for none
 */
gint64
uc_history_get_secs(UcHistory *self, const gchar *uuid)
{
	JsonObject *entry = g_hash_table_lookup(self->uuids, uuid);

	return entry != NULL ? uc_state_file_get_time(entry, "time") : 0;
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
	return g_hash_table_lookup(self->updated, endpoint);
}
