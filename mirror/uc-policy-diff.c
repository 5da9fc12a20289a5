/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What endpoints would read differently in policy.json: member by member of `defaults`, of each
 * model and of each group, and the test devices.
 */

#include "uc-document.h"
#include "uc-names.h"
#include "uc-policy-diff.h"

static void
uc_policy_diff_set(JsonObject *change, const gchar *member, JsonNode *value)
{
	if (value != NULL)
		json_object_set_member(change, member, json_node_copy(value));
	else
		json_object_set_null_member(change, member);
}

/* members that are the name of a section already */
static const gchar *const uc_policy_diff_names[] = {"vendor", "model", "name", NULL};

/* @before, @after: (nullable): the values of a member */
static void
uc_policy_diff_add(JsonArray *changes,
		   const gchar *section,
		   const gchar *member,
		   JsonNode *before,
		   JsonNode *after)
{
	JsonObject *change = NULL;

	if (g_strv_contains(uc_policy_diff_names, member) ||
	    (before != NULL && after != NULL && json_node_equal(before, after)))
		return;
	change = json_object_new();
	json_object_set_string_member(change, "section", section);
	json_object_set_string_member(change, "member", member);
	uc_policy_diff_set(change, "before", before);
	uc_policy_diff_set(change, "after", after);
	json_array_add_object_element(changes, change);
}

static void
uc_policy_diff_sections(JsonArray *changes,
			const gchar *section,
			JsonObject *before,
			JsonObject *after)
{
	g_autoptr(GList) old = json_object_get_members(before);
	g_autoptr(GList) new = json_object_get_members(after);

	for (GList *l = new; l != NULL; l = l->next)
		uc_policy_diff_add(changes,
				   section,
				   l->data,
				   json_object_get_member(before, l->data),
				   json_object_get_member(after, l->data));
	for (GList *l = old; l != NULL; l = l->next) {
		if (!json_object_has_member(after, l->data))
			uc_policy_diff_add(changes,
					   section,
					   l->data,
					   json_object_get_member(before, l->data),
					   NULL);
	}
}

/* as rules name them: `Model VENDOR/MODEL`, `Group NAME` */
static gchar *
uc_policy_diff_name(JsonObject *section)
{
	const gchar *vendor = json_object_get_string_member_with_default(section, "vendor", NULL);
	const gchar *model = json_object_get_string_member_with_default(section, "model", "");
	const gchar *name = json_object_get_string_member_with_default(section, "name", "");

	return vendor != NULL ? g_strdup_printf("Model %s/%s", vendor, model)
			      : g_strdup_printf("Group %s", name);
}

/* (nullable) @array; a section that is named in neither is an empty one */
static JsonObject *
uc_policy_diff_find(JsonArray *array, const gchar *name)
{
	for (guint i = 0; array != NULL && i < json_array_get_length(array); i++) {
		JsonObject *section = json_array_get_object_element(array, i);
		g_autofree gchar *found = uc_policy_diff_name(section);

		if (g_str_equal(found, name))
			return json_object_ref(section);
	}
	return json_object_new();
}

static JsonArray *
uc_policy_diff_get_array(JsonObject *policy, const gchar *member)
{
	return json_object_has_member(policy, member) ? json_object_get_array_member(policy, member)
						      : NULL;
}

static void
uc_policy_diff_arrays(JsonArray *changes,
		      JsonObject *before,
		      JsonObject *after,
		      const gchar *member)
{
	JsonArray *arrays[] = {uc_policy_diff_get_array(after, member),
			       uc_policy_diff_get_array(before, member)};

	for (guint i = 0; i < G_N_ELEMENTS(arrays); i++) {
		for (guint j = 0; arrays[i] != NULL && j < json_array_get_length(arrays[i]); j++) {
			JsonObject *section = json_array_get_object_element(arrays[i], j);
			g_autofree gchar *name = uc_policy_diff_name(section);
			g_autoptr(JsonObject) old = uc_policy_diff_find(arrays[1], name);
			g_autoptr(JsonObject) new = uc_policy_diff_find(arrays[0], name);

			/* the second time round only those that are gone */
			if (i == 0 || json_object_get_size(new) == 0)
				uc_policy_diff_sections(changes, name, old, new);
		}
	}
}

/* (transfer full): what is public; nothing at first */
static JsonObject *
uc_policy_diff_read(const UcMirror *mirror, GError **error)
{
	g_autofree gchar *path = uc_mirror_path(mirror, "public", "policy.json", NULL);
	g_autoptr(GBytes) envelope = NULL;
	g_autoptr(GError) error_read = NULL;
	gchar *text = NULL;
	gsize size_bytes = 0;

	if (!g_file_get_contents(path, &text, &size_bytes, &error_read)) {
		if (g_error_matches(error_read, G_FILE_ERROR, G_FILE_ERROR_NOENT))
			return json_object_new();
		g_propagate_error(error, g_steal_pointer(&error_read));
		return NULL;
	}
	envelope = g_bytes_new_take(text, size_bytes);
	return uc_document_peek(envelope, UC_DOCUMENT_POLICY, error);
}

/**
 * uc_policy_diff_new:
 * @policy: the sections as they would be
 * @error: set to %UC_ERROR_INVALID, %UC_ERROR_LIMIT or `G_FILE_ERROR` if what is public cannot be
 *   read
 *
 * Returns: (transfer full): what differs from what is public: objects with `section` (`Policy`,
 *   `Model VENDOR/MODEL`, `Group NAME`), `member`, `before` and `after`, one of which may be null
 */
JsonArray *
uc_policy_diff_new(const UcMirror *mirror, JsonObject *policy, GError **error)
{
	g_autoptr(JsonObject) public = uc_policy_diff_read(mirror, error);
	g_autoptr(JsonObject) none = json_object_new();
	JsonArray *changes = NULL;

	if (public == NULL)
		return NULL;
	changes = json_array_new();
	uc_policy_diff_sections(changes,
				"Policy",
				json_object_has_member(public, "defaults")
				    ? json_object_get_object_member(public, "defaults")
				    : none,
				json_object_get_object_member(policy, "defaults"));
	uc_policy_diff_arrays(changes, public, policy, "models");
	uc_policy_diff_arrays(changes, public, policy, "groups");
	if (json_object_has_member(public, "test_devices") ||
	    json_object_has_member(policy, "test_devices"))
		uc_policy_diff_add(changes,
				   "Policy",
				   "test_devices",
				   json_object_get_member(public, "test_devices"),
				   json_object_get_member(policy, "test_devices"));
	return changes;
}
