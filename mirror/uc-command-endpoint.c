/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-command-endpoints.h"
#include "uc-enrol-decide.h"
#include "uc-inventory-forget.h"
#include "uc-table.h"

static void
uc_command_endpoint_print_reports(JsonArray *reports)
{
	g_autoptr(UcTable) table =
	    uc_table_new(_("RECEIVED"), _("EVENT"), _("FROM"), _("TO"), _("MESSAGE"), NULL);

	for (guint i = 0; i < json_array_get_length(reports); i++) {
		JsonObject *report = json_array_get_object_element(reports, i);

		uc_table_add_row(table,
				 json_object_get_string_member(report, "received"),
				 json_object_get_string_member(report, "event"),
				 json_object_get_string_member(report, "version_old"),
				 json_object_get_string_member(report, "version_new"),
				 json_object_get_string_member(report, "message"),
				 NULL);
	}
	uc_table_print(table);
}

static void
uc_command_endpoint_print_versions(JsonArray *versions)
{
	g_autoptr(UcTable) table =
	    uc_table_new(_("MODULE"), _("VERSION"), _("FIRST SEEN"), _("LAST SEEN"), NULL);

	for (guint i = 0; i < json_array_get_length(versions); i++) {
		JsonObject *version = json_array_get_object_element(versions, i);

		uc_table_add_row(table,
				 json_object_get_string_member(version, "module"),
				 json_object_get_string_member(version, "version"),
				 json_object_get_string_member(version, "first"),
				 json_object_get_string_member(version, "last"),
				 NULL);
	}
	g_print("\n");
	uc_table_print(table);
}

static void
uc_command_endpoint_print_keys(JsonArray *keys)
{
	g_autoptr(UcTable) table = uc_table_new(_("KEY"),
						_("STATE"),
						_("SINCE"),
						_("CERTIFICATE UNTIL"),
						_("SHA-256"),
						NULL);

	for (guint i = 0; i < json_array_get_length(keys); i++) {
		JsonObject *key = json_array_get_object_element(keys, i);
		g_autofree gchar *id =
		    g_strdup_printf("%" G_GINT64_FORMAT, json_object_get_int_member(key, "id"));

		uc_table_add_row(table,
				 id,
				 json_object_get_string_member(key, "state"),
				 json_object_get_string_member(key, "since"),
				 json_object_get_string_member_with_default(key, "expires", "-"),
				 json_object_get_string_member(key, "key_sha256"),
				 NULL);
	}
	g_print("\n");
	uc_table_print(table);
}

/* what it said of itself when it checked in last; nothing of it was needed for anything */
static void
uc_command_endpoint_add_detail(UcTable *table,
			       JsonObject *details,
			       const gchar *title,
			       const gchar *member)
{
	JsonNode *node = details != NULL ? json_object_get_member(details, member) : NULL;

	if (node != NULL && json_node_get_value_type(node) == G_TYPE_STRING)
		uc_table_add_row(table, title, json_node_get_string(node), NULL);
}

static void
uc_command_endpoint_print_identity(const UcInventoryEndpoint *endpoint, JsonObject *details)
{
	g_autofree gchar *first = uc_command_format_time(endpoint->first_seen_secs);
	g_autofree gchar *last = uc_command_format_time(endpoint->last_seen_secs);
	g_autoptr(UcTable) table = uc_table_new(_("Identity"), endpoint->identity, NULL);

	uc_command_endpoint_add_detail(table, details, _("Type"), "device_type");
	uc_table_add_row(table, _("Vendor"), endpoint->vendor, NULL);
	uc_table_add_row(table, _("Model"), endpoint->model, NULL);
	uc_command_endpoint_add_detail(table, details, _("Revision"), "revision");
	uc_table_add_row(table, _("Hardware level"), endpoint->hardware_level, NULL);
	uc_table_add_row(table, _("Serial"), endpoint->serial, NULL);
	uc_table_add_row(table, _("MAC address"), endpoint->mac_address, NULL);
	uc_command_endpoint_add_detail(table, details, _("Room"), "room");
	uc_command_endpoint_add_detail(table, details, _("Locale"), "locale");
	uc_command_endpoint_add_detail(table, details, _("Time zone"), "zone");
	uc_command_endpoint_add_detail(table, details, _("Signed in"), "user");
	uc_table_add_row(table, _("Version"), endpoint->version, NULL);
	uc_table_add_row(table, _("State"), endpoint->state, NULL);
	uc_table_add_row(table, _("Reason"), endpoint->reason, NULL);
	uc_command_endpoint_add_detail(table, details, _("Said no"), "said_no");
	uc_table_add_row(table, _("Agent"), endpoint->agent_version, NULL);
	uc_table_add_row(table, _("First seen"), first, NULL);
	uc_table_add_row(table, _("Last seen"), last, NULL);
	if (endpoint->blocked[0] != '\0')
		uc_table_add_row(table, _("Blocked by"), endpoint->blocked, NULL);
	uc_table_print(table);
}

typedef struct {
	UcInventoryEndpoint *endpoint;
	JsonNode *details; /* (nullable) */
	JsonArray *keys;
	JsonArray *versions;
	JsonArray *reports;
} UcCommandEndpoint;

static void
uc_command_endpoint_clear(UcCommandEndpoint *self)
{
	g_clear_pointer(&self->endpoint, uc_inventory_endpoint_free);
	g_clear_pointer(&self->details, json_node_unref);
	g_clear_pointer(&self->keys, json_array_unref);
	g_clear_pointer(&self->versions, json_array_unref);
	g_clear_pointer(&self->reports, json_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UcCommandEndpoint, uc_command_endpoint_clear)

static gboolean
uc_command_endpoint_load(UcCommandEndpoint *self,
			 UcDatabase *database,
			 const gchar *id,
			 GError **error)
{
	self->endpoint = uc_inventory_find(database, id, error);
	if (self->endpoint == NULL)
		return FALSE;
	self->details = json_from_string(self->endpoint->details, NULL);
	self->keys = uc_enrol_list_for(database, self->endpoint->identity, error);
	if (self->keys != NULL)
		self->versions = uc_inventory_list_versions(database, self->endpoint, error);
	if (self->versions != NULL)
		self->reports = uc_inventory_list_reports(database, self->endpoint, error);
	return self->reports != NULL;
}

static void
uc_command_endpoint_print(const UcCommandEndpoint *self)
{
	JsonObject *details = self->details != NULL && JSON_NODE_HOLDS_OBJECT(self->details)
				  ? json_node_get_object(self->details)
				  : NULL;

	uc_command_endpoint_print_identity(self->endpoint, details);
	if (json_array_get_length(self->keys) > 0)
		uc_command_endpoint_print_keys(self->keys);
	if (json_array_get_length(self->versions) > 0)
		uc_command_endpoint_print_versions(self->versions);
	if (json_array_get_length(self->reports) > 0) {
		g_print("\n");
		uc_command_endpoint_print_reports(self->reports);
	}
}

static void
uc_command_endpoint_print_as_json(UcCommandEndpoint *self)
{
	g_autoptr(JsonObject) object = uc_command_endpoint_to_json(self->endpoint);

	if (self->details != NULL)
		json_object_set_member(object, "details", g_steal_pointer(&self->details));
	json_object_set_array_member(object, "keys", g_steal_pointer(&self->keys));
	json_object_set_array_member(object, "versions", g_steal_pointer(&self->versions));
	json_object_set_array_member(object, "reports", g_steal_pointer(&self->reports));
	uc_command_print_json(object);
}

/**
 * uc_command_endpoint:
 *
 * `endpoint ID`, `endpoint approve ID`, `endpoint deny ID`
 */
gint
uc_command_endpoint(UcCommandLine *line)
{
	g_autoptr(UcMirror) mirror = NULL;
	g_auto(UcCommandEndpoint) self = {0};
	g_autoptr(GError) error = NULL;
	const gchar *usage = "ID | approve ID | deny ID";
	gboolean act = FALSE;
	gint status = uc_command_parse(line, NULL, usage, 1, 2);

	if (status != UC_EXIT_DONE)
		return status;
	act = g_str_equal(line->argv[1], "approve") || g_str_equal(line->argv[1], "deny");
	if (act != (line->argc == 3))
		return uc_command_expected(line, usage);
	if (line->argc == 3)
		return uc_command_endpoint_key(line);
	mirror = uc_command_open(line);
	if (mirror == NULL)
		return UC_EXIT_FAILED;
	if (!uc_command_endpoint_load(&self, mirror->database, line->argv[1], &error))
		return uc_command_fail(error);
	if (line->json)
		uc_command_endpoint_print_as_json(&self);
	else
		uc_command_endpoint_print(&self);
	return UC_EXIT_DONE;
}
