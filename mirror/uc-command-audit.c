/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-audit.h"
#include "uc-command.h"
#include "uc-table.h"

#define UC_COMMAND_AUDIT_MAX 1000

/**
 * uc_command_audit:
 *
 * `audit`
 */
gint
uc_command_audit(UcCommandLine *line)
{
	g_autoptr(UcMirror) mirror = NULL;
	g_autoptr(JsonArray) acts = NULL;
	g_autoptr(JsonObject) object = NULL;
	g_autoptr(UcTable) table = uc_table_new(_("TIME"), _("WHO"), _("ACT"), _("SUBJECT"), NULL);
	g_autoptr(GError) error = NULL;
	gint status = uc_command_parse(line, NULL, "", 0, 0);

	if (status != UC_EXIT_DONE)
		return status;
	mirror = uc_command_open(line);
	if (mirror == NULL)
		return UC_EXIT_FAILED;
	acts = uc_audit_list(mirror->database, UC_COMMAND_AUDIT_MAX, &error);
	if (acts == NULL)
		return uc_command_fail(error);
	if (line->json) {
		object = json_object_new();
		json_object_set_array_member(object, "acts", g_steal_pointer(&acts));
		uc_command_print_json(object);
		return UC_EXIT_DONE;
	}
	for (guint i = 0; i < json_array_get_length(acts); i++) {
		JsonObject *act = json_array_get_object_element(acts, i);

		uc_table_add_row(table,
				 json_object_get_string_member(act, "time"),
				 json_object_get_string_member(act, "who"),
				 json_object_get_string_member(act, "act"),
				 json_object_get_string_member(act, "subject"),
				 NULL);
	}
	uc_table_print(table);
	return UC_EXIT_DONE;
}
