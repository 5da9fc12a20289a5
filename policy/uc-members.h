/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#define UC_MEMBERS_SECS_MAX G_GINT64_CONSTANT(253402300799) /* the end of the year 9999 */

/**
 * UcMemberKind:
 * @UC_MEMBER_INT: `gint64` from @min to @max; written unless it is -1
 * @UC_MEMBER_TIME: `gint64`, seconds since the Unix epoch; written unless it is 0
 * @UC_MEMBER_BOOLEAN: `gboolean`, always written
 * @UC_MEMBER_TEXT: `gchar *` of up to @max bytes; written unless it is %NULL
 * @UC_MEMBER_ENUM: `guint`, an index into @names, always written
 */
typedef enum {
	UC_MEMBER_INT,
	UC_MEMBER_TIME,
	UC_MEMBER_BOOLEAN,
	UC_MEMBER_TEXT,
	UC_MEMBER_ENUM
} UcMemberKind;

/**
 * UcMember:
 *
 * One member of a JSON object and where it is in a structure.
 */
typedef struct {
	const gchar *name;
	UcMemberKind kind;
	goffset offset;
	gint64 min;
	gint64 max;
	const gchar *const *names; /* (nullable): terminated by %NULL */
} UcMember;

gboolean
uc_members_read(const UcMember *members,
		gsize n_members,
		JsonObject *object,
		gpointer structure,
		GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_members_write(const UcMember *members,
		 gsize n_members,
		 gconstpointer structure,
		 JsonObject *object);
