/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What an administrator decides about a package, each in one transaction with its entry in the
 * audit log.
 */

#include "uc-audit.h"
#include "uc-error.h"
#include "uc-model.h"
#include "uc-package-decide.h"
#include "uc-pin.h"

/*
 * An act: its name, whether it may be done to a package in a state, what that is to a person, and
 * what it does within the transaction.
 */
typedef struct {
	const gchar *name;
	gboolean (*allows)(UcPackageState state);
	const gchar *expected;
	gboolean (*decide)(UcDatabase *database, UcPackage *self, gint64 now_secs, GError **error);
} UcPackageAct;

static gboolean
uc_package_set_state(UcDatabase *database, UcPackage *self, UcPackageState state, GError **error)
{
	self->state = state;
	return uc_database_run(database,
			       error,
			       "UPDATE packages SET state = ? WHERE id = ?",
			       "si",
			       uc_package_state_to_string(state),
			       self->row);
}

/* packages of the component for no other hardware than that of package ?, or for any of it */
#define UC_PACKAGE_COVERED                                                                        \
	"NOT EXISTS (SELECT 1 FROM package_guids AS theirs WHERE theirs.package_id = packages.id" \
	" AND theirs.guid NOT IN (SELECT guid FROM package_guids WHERE package_id = ?))"
#define UC_PACKAGE_OVERLAPPING                                                                \
	"EXISTS (SELECT 1 FROM package_guids AS theirs WHERE theirs.package_id = packages.id" \
	" AND theirs.guid IN (SELECT guid FROM package_guids WHERE package_id = ?))"

/* the packages of the same rule that are in one state go to another */
static gboolean
uc_package_move(UcDatabase *database,
		const UcPackage *self,
		UcPackageState from,
		UcPackageState to,
		const gchar *condition,
		GError **error)
{
	g_autofree gchar *sql = g_strconcat("UPDATE packages SET state = ? WHERE component_id = ?"
					    " AND state = ? AND ",
					    condition,
					    NULL);

	return uc_database_run(database,
			       error,
			       sql,
			       "sssi",
			       uc_package_state_to_string(to),
			       self->component_id,
			       uc_package_state_to_string(from),
			       self->row);
}

static UcPackage *
uc_package_find_for(UcDatabase *database,
		    const gchar *prefix,
		    const UcPackageAct *act,
		    GError **error)
{
	g_autoptr(UcPackage) self = uc_package_find(database, prefix, error);

	if (self == NULL)
		return NULL;
	if (act->allows(self->state))
		return g_steal_pointer(&self);
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_REFUSED,
		    "package %s (%s %s) is %s; '%s' takes only one that is %s",
		    prefix,
		    self->name,
		    self->version,
		    uc_package_state_to_string(self->state),
		    act->name,
		    act->expected);
	return NULL;
}

static gboolean
uc_package_decide_log(UcDatabase *database,
		      const UcPackage *self,
		      const gchar *act,
		      gint64 now_secs,
		      GError **error)
{
	g_autofree gchar *subject =
	    g_strdup_printf("%.12s %s %s", self->sha256, self->component_id, self->version);

	return uc_audit_add(database, act, subject, now_secs, error);
}

static gboolean
uc_package_set_approved(UcDatabase *database, UcPackage *self, gint64 now_secs, GError **error)
{
	self->approved_secs = now_secs;
	self->halted = FALSE;
	return uc_package_set_state(database, self, UC_PACKAGE_APPROVED, error) &&
	       uc_database_run(database,
			       error,
			       "UPDATE packages SET approved_secs = ? WHERE id = ?",
			       "ii",
			       now_secs,
			       self->row) &&
	       uc_database_run(database,
			       error,
			       "DELETE FROM halts WHERE package_id = ?",
			       "i",
			       self->row) &&
	       uc_database_run(database,
			       error,
			       "DELETE FROM votes WHERE package_id = ?",
			       "i",
			       self->row);
}

/**
 * uc_package_decide_approve:
 * @self: a package that is pending or was rejected
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * It becomes approved, within the caller's transaction; the ones of the same component that
 * were approved for the same hardware or a part of it become the ones to restore, and those retire.
 * One for other hardware stays. What `restore` pinned is free again.
 */
gboolean
uc_package_decide_approve(UcDatabase *database, UcPackage *self, gint64 now_secs, GError **error)
{
	return uc_package_move(database,
			       self,
			       UC_PACKAGE_RESTORE,
			       UC_PACKAGE_RETIRED,
			       UC_PACKAGE_COVERED,
			       error) &&
	       uc_package_move(database,
			       self,
			       UC_PACKAGE_APPROVED,
			       UC_PACKAGE_RESTORE,
			       UC_PACKAGE_COVERED,
			       error) &&
	       uc_package_set_approved(database, self, now_secs, error) &&
	       uc_pin_clear_restored(database, self, error) &&
	       uc_package_decide_log(database, self, "approve", now_secs, error);
}

/* what `restore` pinned goes with it: nothing could be installed in its place */
static gboolean
uc_package_decide_reject(UcDatabase *database, UcPackage *self, gint64 now_secs, GError **error)
{
	gboolean approved = self->state == UC_PACKAGE_APPROVED;

	return uc_package_set_state(database, self, UC_PACKAGE_REJECTED, error) &&
	       (!approved || uc_pin_clear_restored(database, self, error)) &&
	       uc_package_decide_log(database, self, "reject", now_secs, error);
}

static gboolean
uc_package_decide_restore(UcDatabase *database, UcPackage *self, gint64 now_secs, GError **error)
{
	return uc_package_move(database,
			       self,
			       UC_PACKAGE_APPROVED,
			       UC_PACKAGE_PENDING,
			       UC_PACKAGE_OVERLAPPING,
			       error) &&
	       uc_package_set_approved(database, self, now_secs, error) &&
	       uc_pin_restore(database, self, error) &&
	       uc_package_decide_log(database, self, "restore", now_secs, error);
}

static gboolean
uc_package_decide(UcDatabase *database,
		  const gchar *prefix,
		  const UcPackageAct *act,
		  gint64 now_secs,
		  UcPackage **package_out,
		  GError **error)
{
	g_autoptr(UcTransaction) transaction = uc_transaction_begin(database, error);
	g_autoptr(UcPackage) self = NULL;

	if (transaction == NULL || !uc_model_learn(database, NULL, error))
		return FALSE;
	self = uc_package_find_for(database, prefix, act, error);
	if (self == NULL || !act->decide(database, self, now_secs, error) ||
	    !uc_transaction_commit(transaction, error))
		return FALSE;
	*package_out = g_steal_pointer(&self);
	return TRUE;
}

/* a rejection by mistake must not be for ever: importing the same again changes nothing */
static gboolean
uc_package_is_approvable(UcPackageState state)
{
	return state == UC_PACKAGE_PENDING || state == UC_PACKAGE_REJECTED;
}

static gboolean
uc_package_is_on_offer(UcPackageState state)
{
	return state == UC_PACKAGE_PENDING || state == UC_PACKAGE_APPROVED;
}

static gboolean
uc_package_is_restorable(UcPackageState state)
{
	return state == UC_PACKAGE_RESTORE;
}

/**
 * uc_package_approve:
 * @prefix: as of uc_package_find()
 * @now_secs: the present time, seconds since the Unix epoch
 * @package_out: (out) (transfer full): the package as it is now
 * @error: as of uc_package_find(), or %UC_ERROR_REFUSED if it is neither pending nor rejected
 *
 * See uc_package_decide_approve().
 */
gboolean
uc_package_approve(UcDatabase *database,
		   const gchar *prefix,
		   gint64 now_secs,
		   UcPackage **package_out,
		   GError **error)
{
	static const UcPackageAct act = {"approve",
					 uc_package_is_approvable,
					 "pending or rejected",
					 uc_package_decide_approve};

	return uc_package_decide(database, prefix, &act, now_secs, package_out, error);
}

/**
 * uc_package_reject:
 *
 * Drops a pending package, or withdraws an approved one; otherwise like uc_package_approve().
 */
gboolean
uc_package_reject(UcDatabase *database,
		  const gchar *prefix,
		  gint64 now_secs,
		  UcPackage **package_out,
		  GError **error)
{
	static const UcPackageAct act = {"reject",
					 uc_package_is_on_offer,
					 "pending or approved",
					 uc_package_decide_reject};

	return uc_package_decide(database, prefix, &act, now_secs, package_out, error);
}

/**
 * uc_package_restore:
 *
 * Brings the package back that was approved before; what is approved now for any of its hardware
 * becomes pending again, and its version is the exact one of its models until the next approval.
 * Otherwise like uc_package_approve().
 */
gboolean
uc_package_restore(UcDatabase *database,
		   const gchar *prefix,
		   gint64 now_secs,
		   UcPackage **package_out,
		   GError **error)
{
	static const UcPackageAct act = {"restore",
					 uc_package_is_restorable,
					 "to be restored, the one that was approved before",
					 uc_package_decide_restore};

	return uc_package_decide(database, prefix, &act, now_secs, package_out, error);
}
