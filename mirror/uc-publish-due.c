/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Whether there is something that must be published without anybody deciding it: a signature before
 * it expires, a halt. Everything else waits for the administrator, because each publication is one
 * more that every endpoint fetches.
 */

#include "uc-inventory-forget.h"
#include "uc-publish-due.h"
#include "uc-publish-plan.h"
#include "uc-publish.h"
#include "uc-vote.h"

/* of the time for which documents count, what is left for trying again and for being told */
#define UC_PUBLISH_DUE_LEFT 3

static gboolean
uc_publish_due_read(UcPublishDue *self, UcDatabase *database, gint64 *serial_out, GError **error)
{
	gint64 signed_secs = 0;

	if (!uc_database_get_meta_int(database, "serial", serial_out, error) ||
	    !uc_database_get_meta_int(database, "signed_secs", &signed_secs, error) ||
	    !uc_database_get_meta_int(database,
				      UC_PUBLISH_META_EXPIRES,
				      &self->expires_secs,
				      error))
		return FALSE;
	/* 0 before the first publication of a program that remembers it: due at once */
	if (self->expires_secs > signed_secs)
		self->due_secs =
		    self->expires_secs - (self->expires_secs - signed_secs) / UC_PUBLISH_DUE_LEFT;
	return TRUE;
}

/**
 * uc_publish_due_is_now:
 *
 * Returns: whether to publish
 */
gboolean
uc_publish_due_is_now(const UcPublishDue *self)
{
	return self->reason != UC_PUBLISH_REASON_NONE && self->reason != UC_PUBLISH_REASON_NEVER;
}

/* what the rules say about endpoints that are not seen any more waits for no publication */
static gboolean
uc_publish_due_forget(UcDatabase *database, const UcRules *rules, gint64 now_secs, GError **error)
{
	gint64 days = (gint64)rules->retention_days;

	return days == 0 || uc_inventory_forget_unseen(database, now_secs - days * 86400, error);
}

/* what a publication halted that then failed, or was killed */
static gboolean
uc_publish_due_is_halted(UcDatabase *database, gboolean *halted_out, GError **error)
{
	g_autoptr(UcStatement) row = uc_database_query(
	    database,
	    error,
	    "SELECT 1 FROM halts AS h JOIN packages AS p ON p.id = h.package_id AND p.state ="
	    " 'approved' JOIN published AS u ON u.package_id = p.id AND u.role = 'approved' JOIN"
	    " meta AS m ON m.key = ? WHERE h.package_id NOT IN (SELECT value FROM"
	    " json_each(m.value)) LIMIT 1",
	    "s",
	    UC_PUBLISH_META_HALTS);

	return row != NULL && uc_statement_next(row, halted_out, error);
}

/* nothing there, or the tree before the one that the database knows: that publication was killed */
static gboolean
uc_publish_due_is_gone(const UcMirror *mirror, gint64 serial)
{
	g_autofree gchar *public = uc_mirror_path(mirror, "public", NULL);
	g_autofree gchar *policy = g_build_filename(public, "policy.json", NULL);
	g_autofree gchar *target = g_file_read_link(public, NULL);
	g_autofree gchar *tree =
	    g_strdup_printf(UC_PUBLISH_TREE_PREFIX "%" G_GINT64_FORMAT, serial);

	return !g_file_test(policy, G_FILE_TEST_EXISTS) ||
	       (target != NULL && !g_str_equal(target, tree));
}

/**
 * uc_publish_due_find:
 * @mirror: a mirror
 * @now_secs: the present time, seconds since the Unix epoch
 * @due_out: (out): whether, and why
 * @error: set to %UC_ERROR_INVALID (a rule, which the next publication would refuse),
 *   %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * Looks whether to publish, and forgets the endpoints whose time is over.
 */
gboolean
uc_publish_due_find(UcMirror *mirror, gint64 now_secs, UcPublishDue *due_out, GError **error)
{
	g_autoptr(UcPublishPlan) plan = NULL;
	UcPublishDue due = {0};
	gboolean halting = FALSE;
	gboolean halted = FALSE;
	gint64 serial = 0;

	if (!uc_publish_due_read(&due, mirror->database, &serial, error))
		return FALSE;
	plan = uc_publish_plan_new(mirror, error);
	if (plan == NULL || !uc_vote_is_halting(mirror->database, plan->rules, &halting, error) ||
	    !uc_publish_due_is_halted(mirror->database, &halted, error) ||
	    !uc_publish_due_forget(mirror->database, plan->rules, now_secs, error))
		return FALSE;
	if (serial == 0)
		due.reason = UC_PUBLISH_REASON_NEVER;
	else if (uc_publish_due_is_gone(mirror, serial))
		due.reason = UC_PUBLISH_REASON_GONE;
	else if (halting || halted)
		due.reason = UC_PUBLISH_REASON_HALT;
	else if (now_secs >= due.due_secs)
		due.reason = UC_PUBLISH_REASON_EXPIRY;
	*due_out = due;
	return TRUE;
}
