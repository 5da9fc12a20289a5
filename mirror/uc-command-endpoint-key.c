/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-command-endpoints.h"
#include "uc-enrol-decide.h"
#include "uc-table.h"

#define UC_COMMAND_ENDPOINT_KEY_SHOWN 3

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

/* a key may be for all endpoints of a large machine: the first few say which one that is */
static gchar *
uc_command_endpoint_key_join(GPtrArray *identities)
{
	g_autoptr(GString) text = g_string_new(NULL);
	guint count = identities->len;
	guint shown = count > UC_COMMAND_ENDPOINT_KEY_SHOWN + 1 ? UC_COMMAND_ENDPOINT_KEY_SHOWN
								: count;

	for (guint i = 0; i < shown; i++)
		g_string_append_printf(text,
				       "%s%s",
				       i > 0 ? " " : "",
				       (const gchar *)g_ptr_array_index(identities, i));
	if (shown < count) {
		g_string_append_c(text, ' ');
		g_string_append_printf(text, _("and %u more"), count - shown);
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

/* (transfer container) (element-type utf8) */
static GPtrArray *
uc_command_endpoint_key_get_claims(JsonObject *key)
{
	JsonArray *claims = json_object_get_array_member(key, "identities");
	GPtrArray *identities = g_ptr_array_new();

	for (guint i = 0; i < json_array_get_length(claims); i++)
		g_ptr_array_add(identities, (gpointer)json_array_get_string_element(claims, i));
	return identities;
}

static gboolean
uc_command_endpoint_key_is_same(JsonObject *one, JsonObject *other)
{
	return json_object_get_int_member(one, "id") == json_object_get_int_member(other, "id") &&
	       json_object_get_int_member(one, "held_by") ==
		   json_object_get_int_member(other, "held_by");
}

/* (transfer container) (element-type utf8): of this conflict and those that follow between the
 * same two keys; @last gets the index of the last one */
static GPtrArray *
uc_command_endpoint_key_get_conflicts(JsonArray *keys, guint first, guint *last)
{
	JsonObject *key = json_array_get_object_element(keys, first);
	GPtrArray *identities = g_ptr_array_new();

	for (guint i = first; i < json_array_get_length(keys); i++) {
		JsonObject *next = json_array_get_object_element(keys, i);

		if (!uc_command_endpoint_key_is_same(key, next))
			break;
		g_ptr_array_add(identities,
				(gpointer)json_object_get_string_member(next, "identity"));
		*last = i;
	}
	return identities;
}

static gchar *
uc_command_endpoint_key_number(JsonObject *key, const gchar *member)
{
	return g_strdup_printf("%" G_GINT64_FORMAT, json_object_get_int_member(key, member));
}

static void
uc_command_endpoint_keys_print(JsonArray *keys, gboolean conflicts)
{
	g_autoptr(UcTable) table =
	    conflicts ? uc_table_new(_("ID"), _("SINCE"), _("CLAIMS"), _("HELD BY"), NULL)
		      : uc_table_new(_("ID"), _("SINCE"), _("CLAIMS"), NULL);

	for (guint i = 0; i < json_array_get_length(keys); i++) {
		JsonObject *key = json_array_get_object_element(keys, i);
		g_autoptr(GPtrArray) identities =
		    conflicts ? uc_command_endpoint_key_get_conflicts(keys, i, &i)
			      : uc_command_endpoint_key_get_claims(key);
		g_autofree gchar *id = uc_command_endpoint_key_number(key, "id");
		g_autofree gchar *claims = uc_command_endpoint_key_join(identities);
		g_autofree gchar *held = conflicts ? uc_command_endpoint_key_number(key, "held_by")
						   : NULL;

		/* without conflicts the row ends before the last cell */
		uc_table_add_row(table,
				 id,
				 json_object_get_string_member(key, "since"),
				 claims,
				 held,
				 NULL);
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
