/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A new mirror: directories, keys, trust bundle, rules, database. The database is renamed into
 * place last, so that a killed `init` can simply be run again and a finished one never is.
 */

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "uc-database.h"
#include "uc-error.h"
#include "uc-limits.h"
#include "uc-mirror-init.h"
#include "uc-names.h"
#include "uc-paths.h"
#include "uc-x509.h"

#define UC_MIRROR_CA_SECS   (G_GINT64_CONSTANT(20) * 366 * 86400)
#define UC_MIRROR_LEAF_SECS (G_GINT64_CONSTANT(5) * 366 * 86400)
/* the clock of an endpoint may be behind by a day */
#define UC_MIRROR_BACKDATE_SECS 86400

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
uc_mirror_init_make_dir(const gchar *root, const gchar *name, gint mode, GError **error)
{
	g_autofree gchar *path = g_build_filename(root, name, NULL);

	if (g_mkdir_with_parents(path, mode) == 0)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_FAILED,
		    "cannot make the directory %s: %s",
		    path,
		    g_strerror(errno));
	return FALSE;
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

static gboolean
uc_mirror_init_save_anchor(const gchar *root,
			   UcAnchor purpose,
			   const gchar *organisation,
			   UcX509 *ca,
			   GError **error)
{
	g_autofree gchar *name = g_strdup_printf("%s.pem", organisation);
	g_autofree gchar *path =
	    g_build_filename(root, "trust", uc_anchor_to_string(purpose), name, NULL);

	return g_file_set_contents_full(path,
					g_bytes_get_data(ca->certificate, NULL),
					(gssize)g_bytes_get_size(ca->certificate),
					G_FILE_SET_CONTENTS_CONSISTENT |
					    G_FILE_SET_CONTENTS_DURABLE,
					0644,
					error);
}

static gboolean
uc_mirror_init_save_pair(const gchar *root,
			 UcAnchor purpose,
			 const gchar *name,
			 UcX509 *pair,
			 GError **error)
{
	const gchar *dir = uc_anchor_to_string(purpose);
	g_autofree gchar *certificate_name = g_strdup_printf("%s.pem", name);
	g_autofree gchar *key_name = g_strdup_printf("%s.key", name);
	g_autofree gchar *certificate = g_build_filename(root, "keys", dir, certificate_name, NULL);
	g_autofree gchar *key = g_build_filename(root, "keys", dir, key_name, NULL);

	return uc_x509_save(pair, certificate, key, error);
}

static gboolean
uc_mirror_init_make_keys(const gchar *root,
			 UcAnchor purpose,
			 const gchar *organisation,
			 gint64 now_secs,
			 GError **error)
{
	const gchar *what = uc_anchor_to_string(purpose);
	g_autofree gchar *ca_name = g_strdup_printf("%s ucupdates %s CA", organisation, what);
	g_autofree gchar *leaf_name = g_strdup_printf("%s ucupdates %s", organisation, what);
	g_autofree gchar *host = g_strdup_printf("%s.%s", UC_DNS_LABEL, organisation);
	const gchar *const dns_names[] = {host, NULL};
	gboolean tls = purpose == UC_ANCHOR_TLS;
	gint64 from_secs = now_secs - UC_MIRROR_BACKDATE_SECS;
	g_autoptr(UcX509) ca = NULL;
	g_autoptr(UcX509) leaf = NULL;

	ca = uc_x509_new_ca(ca_name, from_secs, now_secs + UC_MIRROR_CA_SECS, error);
	if (ca == NULL)
		return FALSE;
	leaf = uc_x509_issue(ca,
			     tls ? UC_X509_TLS_SERVER : UC_X509_SIGNING,
			     leaf_name,
			     tls ? dns_names : NULL,
			     from_secs,
			     now_secs + UC_MIRROR_LEAF_SECS,
			     error);
	return leaf != NULL && uc_mirror_init_save_pair(root, purpose, "ca", ca, error) &&
	       uc_mirror_init_save_pair(root, purpose, "leaf", leaf, error) &&
	       uc_mirror_init_save_anchor(root, purpose, organisation, ca, error);
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
			const gchar *organisation,
			gint64 now_secs,
			GError **error)
{
	g_autofree gchar *rules = g_build_filename(root, "rules.d", "10-example.conf", NULL);

	if (!uc_mirror_init_make_dirs(root, error))
		return FALSE;
	for (guint i = 0; i < UC_ANCHOR_LAST; i++) {
		if (!uc_mirror_init_make_keys(root, (UcAnchor)i, organisation, now_secs, error))
			return FALSE;
	}
	return g_file_set_contents(rules, uc_mirror_rules_example, -1, error) &&
	       uc_mirror_init_make_database(database, organisation, error);
}

/**
 * uc_mirror_init:
 * @root: directory of the new mirror; made if it is not there
 * @organisation: domain name of the organisation, in lower case
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_INVALID (no domain name), %UC_ERROR_REFUSED (a mirror is there already)
 *   or %UC_ERROR_FAILED
 *
 * Returns: whether the mirror is there now
 */
gboolean
uc_mirror_init(const gchar *root, const gchar *organisation, gint64 now_secs, GError **error)
{
	g_autofree gchar *database = g_build_filename(root, "mirror.db", NULL);

	if (!uc_mirror_init_is_domain(organisation)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "'%s' is no domain name, expected two labels or more of lower-case "
			    "letters, digits and '-', e.g. room.example",
			    organisation);
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
	return uc_mirror_init_make_all(root, database, organisation, now_secs, error);
}
