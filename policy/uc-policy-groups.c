/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Which groups name an endpoint. There may be tens of thousands of names, and somebody who decides
 * for thousands of endpoints asks for each of them: so they are looked up and not compared.
 */

#include "uc-identity.h"
#include "uc-policy-groups.h"

struct _UcPolicyGroups {
	GHashTable *by_name; /* (element-type utf8 guint64): a bit for each group */
	GHashTable *by_mac;  /* the same for MAC addresses, in lower case */
};

static void
uc_policy_groups_clear(gpointer data)
{
	UcPolicyGroups *self = data;

	g_hash_table_unref(self->by_name);
	g_hash_table_unref(self->by_mac);
}

/* @name: (transfer full) */
static void
uc_policy_groups_add(GHashTable *table, gchar *name, guint group)
{
	g_autofree gchar *owned = name;
	guint64 *groups = g_hash_table_lookup(table, name);

	if (groups == NULL) {
		groups = g_new0(guint64, 1);
		g_hash_table_insert(table, g_steal_pointer(&owned), groups);
	}
	*groups |= G_GUINT64_CONSTANT(1) << group;
}

static void
uc_policy_groups_add_all(UcPolicyGroups *self, JsonArray *names, guint group)
{
	for (guint i = 0; names != NULL && i < json_array_get_length(names); i++) {
		const gchar *name = json_array_get_string_element(names, i);

		uc_policy_groups_add(self->by_name, g_strdup(name), group);
		if (uc_identity_is_mac(name))
			uc_policy_groups_add(self->by_mac, g_ascii_strdown(name, -1), group);
	}
}

/* (transfer none) (nullable) */
static JsonArray *
uc_policy_groups_get_array(JsonObject *object, const gchar *member)
{
	JsonNode *node = json_object_get_member(object, member);

	return node != NULL && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
}

/**
 * uc_policy_groups_new:
 * @sections: of a policy, checked by uc_policy_check_sections()
 *
 * Returns: (transfer full): who is in which of its groups
 */
UcPolicyGroups *
uc_policy_groups_new(JsonObject *sections)
{
	UcPolicyGroups *self = g_atomic_rc_box_new0(UcPolicyGroups);
	JsonArray *groups = uc_policy_groups_get_array(sections, "groups");

	G_STATIC_ASSERT(UC_POLICY_SECTIONS_MAX <= 64);
	self->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	self->by_mac = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	for (guint i = 0; groups != NULL && i < json_array_get_length(groups); i++) {
		JsonObject *group = json_array_get_object_element(groups, i);

		uc_policy_groups_add_all(self, uc_policy_groups_get_array(group, "endpoints"), i);
	}
	return self;
}

UcPolicyGroups *
uc_policy_groups_ref(UcPolicyGroups *self)
{
	return g_atomic_rc_box_acquire(self);
}

void
uc_policy_groups_unref(UcPolicyGroups *self)
{
	g_atomic_rc_box_release_full(self, uc_policy_groups_clear);
}

static guint64
uc_policy_groups_look_up(GHashTable *table, const gchar *name)
{
	const guint64 *groups = name != NULL ? g_hash_table_lookup(table, name) : NULL;

	return groups != NULL ? *groups : 0;
}

/**
 * uc_policy_groups_find:
 * @subject: whose groups; that of its own configuration is left out
 *
 * Returns: a bit for each group that names it, the lowest one for the first group
 */
guint64
uc_policy_groups_find(const UcPolicyGroups *self, const UcSubject *subject)
{
	g_autofree gchar *mac =
	    subject->mac_address != NULL ? g_ascii_strdown(subject->mac_address, -1) : NULL;

	return uc_policy_groups_look_up(self->by_name, subject->endpoint) |
	       uc_policy_groups_look_up(self->by_name, subject->serial) |
	       uc_policy_groups_look_up(self->by_name, subject->identity) |
	       uc_policy_groups_look_up(self->by_name, subject->mac_address) |
	       uc_policy_groups_look_up(self->by_mac, mac);
}
