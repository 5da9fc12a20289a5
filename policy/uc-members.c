/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* JSON members to and from a structure by one table, so that reading and writing cannot differ. */

#include "uc-error.h"
#include "uc-json.h"
#include "uc-members.h"

static gboolean
uc_members_read_enum(const UcMember *member, JsonObject *object, guint *value_out, GError **error)
{
	g_autofree gchar *expected = NULL;
	const gchar *text = NULL;

	if (!uc_json_get_string(object, member->name, UC_JSON_OPTIONAL, 64, &text, error))
		return FALSE;
	if (text == NULL)
		return TRUE;
	for (guint i = 0; member->names[i] != NULL; i++) {
		if (g_str_equal(text, member->names[i])) {
			*value_out = i;
			return TRUE;
		}
	}
	expected = g_strjoinv(", ", (GStrv)member->names);
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "member '%s' is '%s', expected one of: %s",
		    member->name,
		    text,
		    expected);
	return FALSE;
}

static gboolean
uc_members_read_text(const UcMember *member, JsonObject *object, gchar **text_out, GError **error)
{
	const gchar *text = NULL;

	if (!uc_json_get_string(object, member->name, UC_JSON_OPTIONAL, member->max, &text, error))
		return FALSE;
	if (text != NULL) {
		g_free(*text_out);
		*text_out = g_strdup(text);
	}
	return TRUE;
}

static gboolean
uc_members_read_one(const UcMember *member, JsonObject *object, gpointer value, GError **error)
{
	switch (member->kind) {
	case UC_MEMBER_INT:
		return uc_json_get_int64(object,
					 member->name,
					 UC_JSON_OPTIONAL,
					 member->min,
					 member->max,
					 value,
					 error);
	case UC_MEMBER_TIME:
		return uc_json_get_time(object, member->name, UC_JSON_OPTIONAL, value, error);
	case UC_MEMBER_BOOLEAN:
		return uc_json_get_boolean(object, member->name, UC_JSON_OPTIONAL, value, error);
	case UC_MEMBER_TEXT:
		return uc_members_read_text(member, object, value, error);
	default:
		return uc_members_read_enum(member, object, value, error);
	}
}

/**
 * uc_members_read:
 * @structure: where a missing member stays as it is, and one that is not in @members is ignored
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT, with the member and what was expected
 */
gboolean
uc_members_read(const UcMember *members,
		gsize n_members,
		JsonObject *object,
		gpointer structure,
		GError **error)
{
	for (gsize i = 0; i < n_members; i++) {
		gpointer value = G_STRUCT_MEMBER_P(structure, members[i].offset);

		if (!uc_members_read_one(&members[i], object, value, error))
			return FALSE;
	}
	return TRUE;
}

static void
uc_members_write_one(const UcMember *member, gconstpointer value, JsonObject *object)
{
	gint64 number = 0;

	switch (member->kind) {
	case UC_MEMBER_INT:
		number = *(const gint64 *)value;
		if (number != -1)
			json_object_set_int_member(object, member->name, number);
		break;
	case UC_MEMBER_TIME:
		if (*(const gint64 *)value != 0)
			uc_json_set_time(object, member->name, *(const gint64 *)value);
		break;
	case UC_MEMBER_BOOLEAN:
		json_object_set_boolean_member(object, member->name, *(const gboolean *)value);
		break;
	case UC_MEMBER_TEXT:
		if (*(gchar *const *)value != NULL)
			json_object_set_string_member(object, member->name, *(gchar *const *)value);
		break;
	default:
		json_object_set_string_member(object,
					      member->name,
					      member->names[*(const guint *)value]);
		break;
	}
}

/**
 * uc_members_write:
 * @object: gets what uc_members_read() reads
 */
void
uc_members_write(const UcMember *members,
		 gsize n_members,
		 gconstpointer structure,
		 JsonObject *object)
{
	for (gsize i = 0; i < n_members; i++)
		uc_members_write_one(&members[i],
				     (const guint8 *)structure + members[i].offset,
				     object);
}
