/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The networks from which only the external URL led to the service, on disk: there it is tried
 * first, so that not every look waits for what cannot be reached. That holds for a day, then inside
 * comes first again. The UC_NETWORK_MEMORY_MAX that were seen last are kept; all others are inside.
 */

#include "uc-file.h"
#include "uc-network-memory.h"
#include "uc-paths.h"
#include "uc-sha256.h"
#include "uc-state-file.h"

#define UC_NETWORK_MEMORY_NAME	 "outside-networks.json"
#define UC_NETWORK_MEMORY_FORMAT "ucupdates-outside-networks-1"
#define UC_NETWORK_MEMORY_MAX	 16
#define UC_NETWORK_MEMORY_SECS	 86400

typedef struct {
	gchar *network;
	gint64 since_secs;
} UcNetworkMemoryEntry;

static void
uc_network_memory_entry_free(UcNetworkMemoryEntry *entry)
{
	g_free(entry->network);
	g_free(entry);
}

static void
uc_network_memory_add(GPtrArray *entries, const gchar *network, gint64 since_secs)
{
	UcNetworkMemoryEntry *entry = g_new0(UcNetworkMemoryEntry, 1);

	entry->network = g_strdup(network);
	entry->since_secs = since_secs;
	g_ptr_array_add(entries, entry);
}

/* the one that was seen last at the end; what is over or lies in the future does not count */
static GPtrArray *
uc_network_memory_load(gint64 now_secs)
{
	GPtrArray *entries =
	    g_ptr_array_new_with_free_func((GDestroyNotify)uc_network_memory_entry_free);
	g_autofree gchar *aside = NULL;
	g_autoptr(JsonObject) object =
	    uc_state_file_load(UC_NETWORK_MEMORY_NAME, UC_NETWORK_MEMORY_FORMAT, &aside);
	JsonArray *array = NULL;

	if (object == NULL || !uc_json_get_array(object,
						 "networks",
						 UC_JSON_REQUIRED,
						 UC_NETWORK_MEMORY_MAX,
						 &array,
						 NULL))
		return entries;
	for (guint i = 0; i < json_array_get_length(array); i++) {
		JsonObject *element = uc_json_array_get_object(array, i, "networks", NULL);
		g_autofree gchar *network = NULL;
		gint64 since_secs = 0;

		if (element == NULL)
			continue;
		network = uc_state_file_get_text(element, "network");
		since_secs = uc_state_file_get_time(element, "since");
		if (network != NULL && uc_sha256_is_hex(network) && since_secs <= now_secs &&
		    since_secs > now_secs - UC_NETWORK_MEMORY_SECS)
			uc_network_memory_add(entries, network, since_secs);
	}
	return entries;
}

static gboolean
uc_network_memory_save(GPtrArray *entries, GError **error)
{
	g_autoptr(JsonObject) object = json_object_new();
	JsonArray *array = json_array_new();

	for (guint i = 0; i < entries->len; i++) {
		const UcNetworkMemoryEntry *entry = g_ptr_array_index(entries, i);
		JsonObject *element = json_object_new();

		json_object_set_string_member(element, "network", entry->network);
		uc_json_set_time(element, "since", entry->since_secs);
		json_array_add_object_element(array, element);
	}
	json_object_set_string_member(object, "format", UC_NETWORK_MEMORY_FORMAT);
	json_object_set_array_member(object, "networks", array);
	return uc_state_file_save(UC_NETWORK_MEMORY_NAME, object, error);
}

static gint
uc_network_memory_find(GPtrArray *entries, const gchar *network)
{
	for (guint i = 0; i < entries->len; i++) {
		const UcNetworkMemoryEntry *entry = g_ptr_array_index(entries, i);

		if (g_str_equal(entry->network, network))
			return (gint)i;
	}
	return -1;
}

/**
 * uc_network_memory_is_outside:
 * @network: (nullable): of uc_network_get_key()
 * @now_secs: the present, seconds since the Unix epoch
 *
 * Returns: whether only the way from outside worked there within the last day
 */
gboolean
uc_network_memory_is_outside(const gchar *network, gint64 now_secs)
{
	g_autoptr(GPtrArray) entries = NULL;

	if (network == NULL)
		return FALSE;
	entries = uc_network_memory_load(now_secs);
	return uc_network_memory_find(entries, network) >= 0;
}

/**
 * uc_network_memory_set:
 * @network: (nullable): of uc_network_get_key(); %NULL remembers nothing
 * @is_outside: whether the service was reached from outside there
 * @now_secs: the present, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED
 *
 * Remembers it, or that it is not so any more. Writes only when that is new: the day does not begin
 * again because the way from outside, tried first, worked again.
 */
gboolean
uc_network_memory_set(const gchar *network, gboolean is_outside, gint64 now_secs, GError **error)
{
	g_autoptr(GPtrArray) entries = NULL;
	gint index = -1;

	if (network == NULL)
		return TRUE;
	entries = uc_network_memory_load(now_secs);
	index = uc_network_memory_find(entries, network);
	if ((index >= 0) == (is_outside != FALSE))
		return TRUE;
	if (!is_outside) {
		g_ptr_array_remove_index(entries, (guint)index);
		return uc_network_memory_save(entries, error);
	}
	if (entries->len >= UC_NETWORK_MEMORY_MAX)
		g_ptr_array_remove_index(entries, 0);
	uc_network_memory_add(entries, network, now_secs);
	return uc_network_memory_save(entries, error);
}

/**
 * uc_network_memory_clear:
 * @error: set to %UC_ERROR_FAILED
 */
gboolean
uc_network_memory_clear(GError **error)
{
	g_autofree gchar *path = uc_path_state(UC_NETWORK_MEMORY_NAME);

	return uc_file_remove(path, error);
}
