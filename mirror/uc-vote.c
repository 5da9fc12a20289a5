/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Whether a release is good, by what endpoints report. A report counts only from an endpoint that
 * was offered that very cab; each endpoint has one vote for a release, its last; only `success`
 * (the new version was seen running) and `failed` are votes. Where endpoints enrol, a vote is its
 * key's, and a key has one, however many endpoints it is for; elsewhere nothing proves who an
 * endpoint is: one that takes another's identity can take its vote, but nobody gets a second one.
 */

#include "uc-audit.h"
#include "uc-vote.h"

#define UC_VOTE_VOTER "CASE WHEN v.key_id > 0 THEN CAST(v.key_id AS TEXT) ELSE v.identity END"

/**
 * uc_vote_offer:
 * @package: key of the package that the endpoint is offered
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * Remembers that the endpoint may vote on it.
 */
gboolean
uc_vote_offer(UcDatabase *database,
	      const UcCheckinEndpoint *endpoint,
	      gint64 package,
	      gint64 now_secs,
	      GError **error)
{
	return uc_database_run(database,
			       error,
			       "INSERT OR IGNORE INTO offers (package_id, identity, offered_secs)"
			       " VALUES (?, ?, ?)",
			       "isi",
			       package,
			       endpoint->identity,
			       now_secs);
}

/**
 * uc_vote_add:
 * @report: a report that was not there yet
 * @now_secs: the present time, seconds since the Unix epoch
 * @counted_out: (out): whether it was a vote
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 */
gboolean
uc_vote_add(UcDatabase *database,
	    const UcReport *report,
	    gint64 now_secs,
	    gboolean *counted_out,
	    GError **error)
{
	*counted_out = FALSE;
	if (!g_str_equal(report->event, "success") && !g_str_equal(report->event, "failed"))
		return TRUE;
	if (!uc_database_run(
		database,
		error,
		"INSERT OR REPLACE INTO votes (package_id, identity, event,"
		" received_secs, key_id) SELECT p.id, ?1, ?2, ?3, ?5 FROM packages AS p JOIN offers"
		" AS o ON o.package_id = p.id AND o.identity = ?1 WHERE"
		" p.signed_sha256 = ?4",
		"ssisi",
		report->identity,
		report->event,
		now_secs,
		report->sha256,
		report->key))
		return FALSE;
	*counted_out = uc_database_get_changes(database) > 0;
	return TRUE;
}

static gboolean
uc_vote_halt_package(UcDatabase *database,
		     gint64 package,
		     const gchar *subject,
		     gint64 failed,
		     gint64 total,
		     gint64 now_secs,
		     GError **error)
{
	return uc_database_run(database,
			       error,
			       "INSERT INTO halts (package_id, since_secs, failed, total)"
			       " VALUES (?, ?, ?, ?)",
			       "iiii",
			       package,
			       now_secs,
			       failed,
			       total) &&
	       uc_audit_add(database, "halted by its failures", subject, now_secs, error);
}

/* what is to be halted is collected first: the statement must not run while its tables change */
typedef struct {
	gint64 package;
	gint64 failed;
	gint64 total;
	gchar *subject;
} UcVoteHalt;

static void
uc_vote_halt_free(UcVoteHalt *self)
{
	g_free(self->subject);
	g_free(self);
}

static UcVoteHalt *
uc_vote_halt_from_row(const UcRules *rules, UcStatement *row)
{
	const gchar *vendor = uc_statement_get_text(row, 4);
	const gchar *model = uc_statement_get_text(row, 5);
	gint64 failed = uc_statement_get_int64(row, 2);
	gint64 total = uc_statement_get_int64(row, 3);
	UcVoteHalt *self = NULL;

	if (!uc_rules_is_halting(rules, vendor, model, failed, total))
		return NULL;
	self = g_new0(UcVoteHalt, 1);
	self->package = uc_statement_get_int64(row, 0);
	self->failed = failed;
	self->total = total;
	self->subject = g_strdup_printf("%s: %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT,
					uc_statement_get_text(row, 1),
					failed,
					total);
	return self;
}

/* one that the rules of one of its models halt already */
static gboolean
uc_vote_is_last(const GPtrArray *halts, UcStatement *row)
{
	const UcVoteHalt *last = halts->len > 0 ? g_ptr_array_index(halts, halts->len - 1) : NULL;

	return last != NULL && last->package == uc_statement_get_int64(row, 0);
}

/* a package for several models has the strictest rules of theirs */
static GPtrArray *
uc_vote_list_halts(UcDatabase *database, const UcRules *rules, GError **error)
{
	g_autoptr(GPtrArray) halts =
	    g_ptr_array_new_with_free_func((GDestroyNotify)uc_vote_halt_free);
	g_autoptr(UcStatement) row = NULL;
	gboolean more = FALSE;

	row = uc_database_query(
	    database,
	    error,
	    "SELECT p.id, substr(p.sha256, 1, 12) || ' ' || p.component_id || ' ' || p.version,"
	    " count(DISTINCT CASE WHEN v.event = 'failed' THEN " UC_VOTE_VOTER " END),"
	    " count(DISTINCT " UC_VOTE_VOTER "), coalesce(m.vendor, ''), coalesce(m.model, '')"
	    " FROM votes AS v JOIN packages AS p ON p.id = v.package_id LEFT JOIN package_models"
	    " AS m ON m.package_id = p.id WHERE p.state = 'approved' AND p.id NOT IN (SELECT"
	    " package_id FROM halts) GROUP BY p.id, m.vendor, m.model ORDER BY p.id",
	    "");
	if (row == NULL)
		return NULL;
	while (TRUE) {
		UcVoteHalt *halt = NULL;

		if (!uc_statement_next(row, &more, error))
			return NULL;
		if (!more)
			return g_steal_pointer(&halts);
		if (uc_vote_is_last(halts, row))
			continue;
		halt = uc_vote_halt_from_row(rules, row);
		if (halt != NULL)
			g_ptr_array_add(halts, halt);
	}
}

/**
 * uc_vote_is_halting:
 * @rules: with the thresholds
 * @halting_out: (out): whether uc_vote_halt() would halt a release now
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 */
gboolean
uc_vote_is_halting(UcDatabase *database,
		   const UcRules *rules,
		   gboolean *halting_out,
		   GError **error)
{
	g_autoptr(GPtrArray) halts = uc_vote_list_halts(database, rules, error);

	*halting_out = halts != NULL && halts->len > 0;
	return halts != NULL;
}

/**
 * uc_vote_halt:
 * @rules: with the thresholds
 * @now_secs: the present time, seconds since the Unix epoch
 * @halted_out: (out): so many releases were halted just now
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * Halts, within the caller's transaction, approved releases that failed on too many endpoints;
 * approving one again starts over.
 */
gboolean
uc_vote_halt(UcDatabase *database,
	     const UcRules *rules,
	     gint64 now_secs,
	     guint *halted_out,
	     GError **error)
{
	g_autoptr(GPtrArray) halts = uc_vote_list_halts(database, rules, error);

	if (halts == NULL)
		return FALSE;
	for (guint i = 0; i < halts->len; i++) {
		const UcVoteHalt *halt = g_ptr_array_index(halts, i);

		if (!uc_vote_halt_package(database,
					  halt->package,
					  halt->subject,
					  halt->failed,
					  halt->total,
					  now_secs,
					  error))
			return FALSE;
	}
	*halted_out = halts->len;
	return TRUE;
}
