/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A new mirror: directories, keys, trust bundle, rules, database. The database is renamed into
 * place last, so that a killed `init` can simply be run again and a finished one never is. What it
 * makes is all that may be there before: a directory with anything else is somebody's, and most
 * of all a mirror's whose database was lost, whose keys would be gone then.
 */

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "uc-database.h"
#include "uc-error.h"
#include "uc-file.h"
#include "uc-key-file.h"
#include "uc-key-token.h"
#include "uc-limits.h"
#include "uc-mirror-init.h"
#include "uc-own-ca.h"
#include "uc-recovery-key.h"

static const gchar *const uc_mirror_rules_example =
    "# Rules of this mirror; see ucupdates-mirror(1). 'publish' compiles every *.conf file of "
    "this\n"
    "# directory, in the order of their names; the last one that sets a key counts.\n"
    "\n"
    "[Policy]\n"
    "# When automatic acts may happen, in each endpoint's own time zone, HH:MM-HH:MM separated by\n"
    "# ';'. An end before the start crosses midnight; 'never' is never, 00:00-24:00 is all day.\n"
    "#Windows=20:00-06:00\n"
    "# So many seconds nobody must have used the endpoint before an automatic activation (0 to "
    "86400).\n"
    "#IdleSec=300\n"
    "# How often endpoints look for updates, in seconds (10 to 604800).\n"
    "#PollSec=86400\n"
    "\n"
    "[Publish]\n"
    "# For so many days what is published counts; publish again before (1 to 400).\n"
    "#ExpireDays=30\n"
    "# Further domains whose endpoints belong to this organisation, separated by ';'.\n"
    "#Domains=\n"
    "# Where endpoints reach the service, if it is not https://ucupdates-r2.<organisation>/\n"
    "#InternalUrl=\n"
    "#ExternalUrl=\n";

/* before this program was written: 2026-01-01T00:00:00Z */
#define UC_MIRROR_INIT_FIRST_SECS G_GINT64_CONSTANT(1767225600)

/* a clock that nobody has set, as of a machine without a battery: all CAs would have expired */
static gboolean
uc_mirror_init_check_clock(gint64 now_secs, GError **error)
{
	g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(now_secs);
	g_autofree gchar *text = now != NULL ? g_date_time_format_iso8601(now) : NULL;

	if (now_secs >= UC_MIRROR_INIT_FIRST_SECS)
		return TRUE;
	g_set_error(
	    error,
	    UC_ERROR,
	    UC_ERROR_CLOCK,
	    "this machine's clock says %s, which is over, and the CAs would be valid from then "
	    "on; set it (timedatectl) and try again",
	    text != NULL ? text : "?");
	return FALSE;
}

static gboolean
uc_mirror_init_is_domain(const gchar *text)
{
	gsize length = strlen(text);
	g_auto(GStrv) labels = g_strsplit(text, ".", -1);

	if (length > UC_LIMIT_DOMAIN_BYTES || g_strv_length(labels) < 2)
		return FALSE;
	for (guint i = 0; labels[i] != NULL; i++) {
		gsize label_length = strlen(labels[i]);

		if (label_length < 1 || label_length > 63 || labels[i][0] == '-' ||
		    labels[i][label_length - 1] == '-' ||
		    strspn(labels[i], "abcdefghijklmnopqrstuvwxyz0123456789-") != label_length)
			return FALSE;
	}
	return TRUE;
}

static gboolean
uc_mirror_init_refuse(const gchar *root, const gchar *dir, const gchar *name, GError **error)
{
	g_autofree gchar *path = g_build_filename(dir, name, NULL);

	g_set_error(
	    error,
	    UC_ERROR,
	    UC_ERROR_REFUSED,
	    "%s is not empty, there is %s: expected a directory that is empty or not there "
	    "yet. If it is a mirror that was restored, or one that lost its database, bring "
	    "mirror.db back (docs/deployment.md, \"Backup\")",
	    root,
	    path);
	return FALSE;
}

/* (nullable) @allowed: what may be in it; NULL for nothing */
static gboolean
uc_mirror_init_check_dir(const gchar *root,
			 const gchar *dir,
			 const gchar *const *allowed,
			 GError **error)
{
	g_autoptr(GError) error_open = NULL;
	g_autoptr(GDir) entries = g_dir_open(dir, 0, &error_open);
	const gchar *name = NULL;

	if (g_error_matches(error_open, G_FILE_ERROR, G_FILE_ERROR_NOENT))
		return TRUE;
	if (entries == NULL) {
		g_propagate_error(error, g_steal_pointer(&error_open));
		return FALSE;
	}
	while ((name = g_dir_read_name(entries)) != NULL) {
		if (allowed == NULL || !g_strv_contains(allowed, name))
			return uc_mirror_init_refuse(root, dir, name, error);
	}
	return TRUE;
}

/* whether nobody's files are there: at most what an `init` that was killed has left */
static gboolean
uc_mirror_init_check_empty(const gchar *root, GError **error)
{
	static const gchar *const allowed[] = {"keys",
					       "packages",
					       "rules.d",
					       "trust",
					       UC_RECOVERY_KEY_PURPOSE,
					       "mirror.db.new",
					       "mirror.db.new-shm",
					       "mirror.db.new-wal",
					       "lost+found",
					       NULL};
	g_autofree gchar *packages = g_build_filename(root, "packages", NULL);

	return uc_mirror_init_check_dir(root, root, allowed, error) &&
	       uc_mirror_init_check_dir(root, packages, NULL, error);
}

/* another mirror's endpoints need theirs; only an `init` that was killed may have begun with one */
static gboolean
uc_mirror_init_check_recovery(const gchar *root, const gchar *dir, GError **error)
{
	g_autofree gchar *keys = g_build_filename(root, "keys", NULL);
	g_autofree gchar *key = g_build_filename(dir, UC_KEY_FILE_LEAF ".key", NULL);

	if (g_file_test(keys, G_FILE_TEST_EXISTS) || !g_file_test(key, G_FILE_TEST_EXISTS))
		return TRUE;
	g_set_error(
	    error,
	    UC_ERROR,
	    UC_ERROR_REFUSED,
	    "there is a recovery key in %s already, and the endpoints of its mirror would be "
	    "lost without it; name another directory by --recovery=DIR, or move it away",
	    dir);
	return FALSE;
}

static gboolean
uc_mirror_init_make_dir(const gchar *root, const gchar *name, gint mode, GError **error)
{
	g_autofree gchar *path = g_build_filename(root, name, NULL);

	return uc_file_make_dir(path, mode, error);
}

static gboolean
uc_mirror_init_make_dirs(const gchar *root, GError **error)
{
	if (!uc_mirror_init_make_dir(root, "", 0755, error) ||
	    !uc_mirror_init_make_dir(root, "keys", 0711, error) ||
	    !uc_mirror_init_make_dir(root, "packages", 0755, error) ||
	    !uc_mirror_init_make_dir(root, "rules.d", 0755, error))
		return FALSE;
	for (guint i = 0; i < UC_ANCHOR_LAST; i++) {
		const gchar *purpose = uc_anchor_to_string((UcAnchor)i);
		g_autofree gchar *keys = g_build_filename("keys", purpose, NULL);
		g_autofree gchar *trust = g_build_filename("trust", purpose, NULL);

		if (!uc_mirror_init_make_dir(root, keys, 0700, error) ||
		    !uc_mirror_init_make_dir(root, trust, 0755, error))
			return FALSE;
	}
	return TRUE;
}

/* the service has no token in its sandbox, so that the certificate of `tls` has a key that is a
 * file */
static UcX509 *
uc_mirror_init_make_leaf(const UcMirrorInit *init, UcX509 *ca, UcAnchor purpose, GError **error)
{
	const gchar *what = uc_anchor_to_string(purpose);

	if (init->token != NULL && purpose != UC_ANCHOR_TLS)
		return uc_key_token_new_leaf(init->token,
					     ca,
					     what,
					     init->organisation,
					     init->now_secs,
					     error);
	return uc_key_file_new_leaf(ca, what, init->organisation, NULL, init->now_secs, error);
}

static gboolean
uc_mirror_init_make_keys(const gchar *root,
			 const UcMirrorInit *init,
			 UcAnchor purpose,
			 GError **error)
{
	const gchar *what = uc_anchor_to_string(purpose);
	g_autoptr(UcX509) leaf = NULL;
	g_autoptr(UcX509) ca =
	    init->token != NULL
		? uc_key_token_new_ca(init->token, what, init->organisation, init->now_secs, error)
		: uc_key_file_new_ca(what, init->organisation, init->now_secs, error);

	if (ca == NULL)
		return FALSE;
	leaf = uc_mirror_init_make_leaf(init, ca, purpose, error);
	return leaf != NULL && uc_key_file_save(root, purpose, UC_KEY_FILE_CA, ca, error) &&
	       uc_key_file_save(root, purpose, UC_KEY_FILE_LEAF, leaf, error) &&
	       uc_key_file_save_anchor(root, what, init->organisation, ca->certificate, error);
}

/* its CA goes to the endpoints, and nothing else of it has to stay on this machine */
static gboolean
uc_mirror_init_make_recovery(const gchar *root, const UcMirrorInit *init, GError **error)
{
	g_autoptr(GBytes) anchor = NULL;

	return uc_mirror_init_make_dir(root, "trust/" UC_RECOVERY_KEY_PURPOSE, 0755, error) &&
	       uc_recovery_key_make(init->recovery_dir,
				    init->recovery_token,
				    init->organisation,
				    init->now_secs,
				    &anchor,
				    error) &&
	       uc_key_file_save_anchor(root,
				       UC_RECOVERY_KEY_PURPOSE,
				       init->organisation,
				       anchor,
				       error);
}

static gboolean
uc_mirror_init_make_database(const gchar *path, const gchar *organisation, GError **error)
{
	g_autofree gchar *temporary = g_strdup_printf("%s.new", path);
	g_autoptr(UcDatabase) database = NULL;

	(void)g_remove(temporary);
	database = uc_database_create(temporary, error);
	if (database == NULL ||
	    !uc_database_set_meta(database, "organisation", organisation, error))
		return FALSE;
	/* closing moves the write-ahead log into the one file that is renamed */
	g_clear_pointer(&database, uc_database_free);
	/* it will hold the inventory; SQLite gives its other files the same mode */
	if (g_chmod(temporary, 0640) == 0 && g_rename(temporary, path) == 0)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_FAILED,
		    "cannot put %s in place as %s: %s",
		    temporary,
		    path,
		    g_strerror(errno));
	return FALSE;
}

static gboolean
uc_mirror_init_make_all(const gchar *root,
			const gchar *database,
			const UcMirrorInit *init,
			GError **error)
{
	g_autofree gchar *rules = g_build_filename(root, "rules.d", "10-example.conf", NULL);

	if (!uc_mirror_init_make_dirs(root, error))
		return FALSE;
	for (guint i = 0; i < UC_ANCHOR_LAST; i++) {
		gboolean own = i == UC_ANCHOR_TLS && init->tls_ca != NULL;

		if (own ? !uc_own_ca_set_up(init->tls_ca,
					    root,
					    init->organisation,
					    init->now_secs,
					    error)
			: !uc_mirror_init_make_keys(root, init, (UcAnchor)i, error))
			return FALSE;
	}
	return uc_mirror_init_make_recovery(root, init, error) &&
	       g_file_set_contents(rules, uc_mirror_rules_example, -1, error) &&
	       uc_mirror_init_make_database(database, init->organisation, error);
}

/**
 * uc_mirror_init:
 * @root: directory of the new mirror, empty but for what a killed `init` left; made if it is not
 *   there
 * @init: how
 * @error: set to %UC_ERROR_INVALID (no domain name, a token that is none), %UC_ERROR_REFUSED (a
 *   mirror, something else or another one's recovery key is there already), %UC_ERROR_CLOCK,
 *   %UC_ERROR_FAILED or `G_FILE_ERROR`
 *
 * Returns: whether the mirror is there now
 */
gboolean
uc_mirror_init(const gchar *root, const UcMirrorInit *init, GError **error)
{
	g_autofree gchar *database = g_build_filename(root, "mirror.db", NULL);

	if (!uc_mirror_init_is_domain(init->organisation)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "'%s' is no domain name, expected two labels or more of lower-case "
			    "letters, digits and '-', e.g. room.example",
			    init->organisation);
		return FALSE;
	}
	if (g_file_test(database, G_FILE_TEST_EXISTS)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_REFUSED,
			    "there is a mirror in %s already; its keys are not made a second time",
			    root);
		return FALSE;
	}
	if (!uc_mirror_init_check_clock(init->now_secs, error))
		return FALSE;
	if ((init->token != NULL && !uc_key_token_check_uri(init->token, error)) ||
	    (init->recovery_token != NULL &&
	     !uc_key_token_check_uri(init->recovery_token, error)) ||
	    !uc_mirror_init_check_empty(root, error) ||
	    !uc_mirror_init_check_recovery(root, init->recovery_dir, error))
		return FALSE;
	return uc_mirror_init_make_all(root, database, init, error);
}
