/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-command-endpoints.h"
#include "uc-enrol-decide.h"
#include "uc-table.h"

/**
 * uc_command_endpoint_key:
 *
 * `endpoint approve ID`, `endpoint deny ID`
 *
 * Returns: the exit status
 */
gint
uc_command_endpoint_key(const UcCommandLine *line)
{
	gboolean approve = g_str_equal(line->argv[1], "approve");
	gint64 now_secs = g_get_real_time() / G_USEC_PER_SEC;
	g_autoptr(UcMirror) mirror = NULL;
	g_autoptr(GError) error = NULL;
	const gchar *id = line->argv[2];

	mirror = uc_command_open(line);
	if (mirror == NULL)
		return UC_EXIT_FAILED;
	if (approve ? !uc_enrol_approve(mirror, id, now_secs, &error)
		    : !uc_enrol_deny(mirror, id, now_secs, &error))
		return uc_command_fail(error);
	if (line->json)
		g_print("{}\n");
	else if (approve)
		g_print(
		    _("Key %s is enrolled; the endpoint has its certificate when it asks next.\n"),
		    id);
	else
		g_print(_("Key %s is denied.\n"), id);
	return UC_EXIT_DONE;
}

static gchar *
uc_command_endpoint_key_join(JsonObject *key)
{
	g_autoptr(GString) text = g_string_new(NULL);
	JsonArray *identities = json_object_get_array_member(key, "identities");

	for (guint i = 0; i < json_array_get_length(identities); i++)
		g_string_append_printf(text,
				       "%s%s",
				       i > 0 ? " " : "",
				       json_array_get_string_element(identities, i));
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static void
uc_command_endpoint_keys_print(JsonArray *keys, gboolean conflicts)
{
	g_autoptr(UcTable) table =
	    conflicts ? uc_table_new(_("ID"), _("SINCE"), _("CLAIMS"), _("HELD BY"), NULL)
		      : uc_table_new(_("ID"), _("SINCE"), _("CLAIMS"), NULL);

	for (guint i = 0; i < json_array_get_length(keys); i++) {
		JsonObject *key = json_array_get_object_element(keys, i);
		g_autofree gchar *id =
		    g_strdup_printf("%" G_GINT64_FORMAT, json_object_get_int_member(key, "id"));
		const gchar *since = json_object_get_string_member(key, "since");

		if (conflicts) {
			g_autofree gchar *held =
			    g_strdup_printf("%" G_GINT64_FORMAT,
					    json_object_get_int_member(key, "held_by"));

			uc_table_add_row(table,
					 id,
					 since,
					 json_object_get_string_member(key, "identity"),
					 held,
					 NULL);
		} else {
			g_autofree gchar *claims = uc_command_endpoint_key_join(key);

			uc_table_add_row(table, id, since, claims, NULL);
		}
	}
	uc_table_print(table);
}

/**
 * uc_command_endpoint_keys:
 * @conflicts: those that claim what another key has, else those that wait
 *
 * `endpoints --waiting`, `endpoints --conflicts`
 *
 * Returns: the exit status
 */
gint
uc_command_endpoint_keys(const UcCommandLine *line, gboolean conflicts)
{
	g_autoptr(UcMirror) mirror = uc_command_open(line);
	g_autoptr(JsonObject) object = NULL;
	g_autoptr(GError) error = NULL;
	JsonArray *keys = NULL;

	if (mirror == NULL)
		return UC_EXIT_FAILED;
	keys = uc_enrol_list(mirror->database,
			     conflicts ? UC_ENROL_LIST_CONFLICTS : UC_ENROL_LIST_WAITING,
			     &error);
	if (keys == NULL)
		return uc_command_fail(error);
	object = json_object_new();
	json_object_set_array_member(object, conflicts ? "conflicts" : "waiting", keys);
	if (line->json)
		uc_command_print_json(object);
	else
		uc_command_endpoint_keys_print(keys, conflicts);
	return UC_EXIT_DONE;
}
