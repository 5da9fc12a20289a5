/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "uc-access.h"
#include "uc-command.h"
#include "uc-limits.h"
#include "uc-table.h"

static gint
uc_command_access_list(const UcCommandLine *line, UcMirror *mirror)
{
	g_autofree gchar *path = uc_access_get_path(mirror);
	g_autoptr(GError) error = NULL;
	g_autoptr(UcAccess) access = uc_access_load(path, &error);
	g_autoptr(GPtrArray) users = access != NULL ? uc_access_list(access) : NULL;
	g_autoptr(UcTable) table = uc_table_new(_("USER"), NULL);
	g_autoptr(JsonObject) object = json_object_new();
	JsonArray *array = json_array_new();

	json_object_set_array_member(object, "users", array);
	if (users == NULL)
		return uc_command_fail(error);
	for (guint i = 0; i < users->len; i++) {
		json_array_add_string_element(array, g_ptr_array_index(users, i));
		uc_table_add_row(table, g_ptr_array_index(users, i), NULL);
	}
	if (line->json)
		uc_command_print_json(object);
	else
		uc_table_print(table);
	return UC_EXIT_DONE;
}

/* on the command line everybody on this machine could read it */
static gchar *
uc_command_access_read_secret(void)
{
	gchar text[UC_LIMIT_SECRET_BYTES + 3] = {0};

	if (fgets(text, sizeof(text), stdin) == NULL)
		return g_strdup("");
	text[strcspn(text, "\r\n")] = '\0';
	return g_strdup(text);
}

static gint
uc_command_access_change(const UcCommandLine *line, UcMirror *mirror, gboolean add)
{
	gint64 now_secs = g_get_real_time() / G_USEC_PER_SEC;
	const gchar *user = line->argv[2];
	g_autofree gchar *secret = add ? uc_command_access_read_secret() : NULL;
	g_autoptr(GError) error = NULL;

	if (add ? !uc_access_add(mirror, user, secret, now_secs, &error)
		: !uc_access_remove(mirror, user, now_secs, &error))
		return uc_command_fail(error);
	if (line->json)
		return uc_command_access_list(line, mirror);
	g_print(add ? _("'%s' may ask from outside.\n") : _("'%s' may not ask from outside.\n"),
		user);
	return UC_EXIT_DONE;
}

/**
 * uc_command_access:
 *
 * `access add USER | remove USER | list`; the password is the first line of standard input.
 */
gint
uc_command_access(UcCommandLine *line)
{
	const gchar *usage = "add USER | remove USER | list";
	gint status = uc_command_parse(line, NULL, usage, 1, 2);
	g_autoptr(UcMirror) mirror = NULL;
	gboolean list = FALSE;
	gboolean add = FALSE;

	if (status != UC_EXIT_DONE)
		return status;
	list = g_str_equal(line->argv[1], "list");
	add = g_str_equal(line->argv[1], "add");
	if ((!list && !add && !g_str_equal(line->argv[1], "remove")) ||
	    line->argc != (list ? 2 : 3))
		return uc_command_expected(line, usage);
	mirror = uc_command_open(line);
	if (mirror == NULL)
		return UC_EXIT_FAILED;
	return list ? uc_command_access_list(line, mirror)
		    : uc_command_access_change(line, mirror, add);
}
