/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Who decided what, and when. An entry is written in the transaction of the act, so that there is
 * none without the other. Who that is says the machine: the login name, with that before sudo.
 */

#include "uc-audit.h"
#include "uc-json.h"
#include "uc-statement-json.h"

static gchar *
uc_audit_get_who(void)
{
	const gchar *sudo = g_getenv("SUDO_USER");

	if (sudo == NULL || sudo[0] == '\0' || !g_utf8_validate(sudo, 64, NULL))
		return g_strdup(g_get_user_name());
	return g_strdup_printf("%.64s (as %s)", sudo, g_get_user_name());
}

/**
 * uc_audit_add:
 * @act: name of a command
 * @subject: what it was done to, for people
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * Remembers an act of the administrator.
 */
gboolean
uc_audit_add(UcDatabase *database,
	     const gchar *act,
	     const gchar *subject,
	     gint64 now_secs,
	     GError **error)
{
	g_autofree gchar *who = uc_audit_get_who();

	return uc_database_run(
	    database,
	    error,
	    "INSERT INTO audit (time_secs, who, act, subject) VALUES (?, ?, ?, ?)",
	    "isss",
	    now_secs,
	    who,
	    act,
	    subject);
}

static JsonObject *
uc_audit_to_json(UcStatement *row)
{
	JsonObject *object = json_object_new();

	uc_json_set_time(object, "time", uc_statement_get_int64(row, 1));
	json_object_set_string_member(object, "who", uc_statement_get_text(row, 2));
	json_object_set_string_member(object, "act", uc_statement_get_text(row, 3));
	json_object_set_string_member(object, "subject", uc_statement_get_text(row, 4));
	return object;
}

/**
 * uc_audit_list:
 * @max: so many at most
 * @error: set to %UC_ERROR_FAILED
 *
 * Returns: (transfer full): the latest acts as JSON objects, the latest last
 */
JsonArray *
uc_audit_list(UcDatabase *database, guint max, GError **error)
{
	g_autoptr(UcStatement) statement =
	    uc_database_query(database,
			      error,
			      "SELECT * FROM (SELECT id, time_secs, who, act, subject FROM audit"
			      " ORDER BY id DESC LIMIT ?) ORDER BY id",
			      "i",
			      (gint64)max);

	return uc_statement_to_json(statement, uc_audit_to_json, error);
}
