/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Takes from the LVFS, or from another mirror, what the inventory can use. Nothing counts but by
 * the signed metadata: a cab lies under the name of the checksum that the metadata has, and is
 * imported (pending) once it is whole and has that checksum. So an upstream that changes in between
 * costs a download and never gives a mixture, and what is published is made of whole packages by
 * the next `publish`. A part stays for the next run. To pass the metadata on with the signature
 * that it has, all cabs of it that the inventory can use have to be there (uc-passed-on.c).
 */

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "uc-audit.h"
#include "uc-error.h"
#include "uc-file.h"
#include "uc-import.h"
#include "uc-inventory.h"
#include "uc-limits.h"
#include "uc-passed-on.h"
#include "uc-publish-preview.h"
#include "uc-sha256.h"
#include "uc-signature.h"
#include "uc-sync-catalog.h"
#include "uc-sync-fetcher.h"
#include "uc-sync.h"

#define UC_SYNC_JCAT_MAX_BYTES (1024 * 1024)
#define UC_SYNC_DIR_CHARS      16

typedef struct {
	UcMirror *mirror;   /* not owned */
	const UcSync *sync; /* not owned */
	UcSyncResult *result;
	UcSyncFetcher *fetcher;
	gchar *dir;
	GBytes *metadata;
	GBytes *jcat;
	GHashTable *cabs; /* (element-type utf8 utf8): file name and path, for what is passed on */
} UcSyncRun;

static void
uc_sync_run_clear(UcSyncRun *self)
{
	g_clear_pointer(&self->fetcher, uc_sync_fetcher_free);
	g_free(self->dir);
	g_clear_pointer(&self->metadata, g_bytes_unref);
	g_clear_pointer(&self->jcat, g_bytes_unref);
	g_clear_pointer(&self->cabs, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UcSyncRun, uc_sync_run_clear)

void
uc_sync_result_clear(UcSyncResult *self)
{
	g_clear_pointer(&self->sentences, g_ptr_array_unref);
}

static gboolean
uc_sync_ask(UcSyncRun *self, GError **error)
{
	g_autofree gchar *jcat_url = g_strdup_printf("%s.jcat", self->sync->url);
	UcSyncSource *source = uc_sync_fetcher_get_source(self->fetcher);

	g_clear_pointer(&self->metadata, g_bytes_unref);
	g_clear_pointer(&self->jcat, g_bytes_unref);
	self->metadata =
	    uc_sync_source_get(source, self->sync->url, UC_LIMIT_METADATA_BYTES, error);
	if (self->metadata != NULL)
		self->jcat = uc_sync_source_get(source, jcat_url, UC_SYNC_JCAT_MAX_BYTES, error);
	return self->jcat != NULL;
}

/* an upstream that published in between is asked once more */
static gboolean
uc_sync_fetch_metadata(UcSyncRun *self, gint64 *signed_secs_out, GError **error)
{
	for (guint i = 0;; i++) {
		g_autoptr(GError) error_verify = NULL;

		if (!uc_sync_ask(self, error))
			return FALSE;
		if (uc_signature_verify_metadata(self->metadata,
						 self->jcat,
						 self->sync->anchors_dir,
						 signed_secs_out,
						 &error_verify))
			return TRUE;
		if (i > 0) {
			g_propagate_prefixed_error(error,
						   g_steal_pointer(&error_verify),
						   "%s: ",
						   self->sync->url);
			return FALSE;
		}
	}
}

static gboolean
uc_sync_check_age(UcSyncRun *self, gint64 signed_secs, GError **error)
{
	g_autofree gchar *key = g_strdup_printf("sync_signed %s", self->sync->url);
	g_autofree gchar *now = g_strdup_printf("%" G_GINT64_FORMAT, signed_secs);
	g_autofree gchar *text = NULL;

	if (!uc_database_get_meta(self->mirror->database, key, &text, error))
		return FALSE;
	if (signed_secs < g_ascii_strtoll(text, NULL, 10)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_ROLLBACK,
			    "%s was signed at %s (seconds since 1970), before what was seen last "
			    "(%s); nothing was taken from it",
			    self->sync->url,
			    now,
			    text);
		return FALSE;
	}
	return uc_database_set_meta(self->mirror->database, key, now, error);
}

/* (transfer full) (element-type utf8): all hardware of the inventory */
static GHashTable *
uc_sync_collect_guids(UcSyncRun *self, GError **error)
{
	g_autoptr(GHashTable) guids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) endpoints = uc_inventory_list(self->mirror->database, error);

	if (endpoints == NULL)
		return NULL;
	for (guint i = 0; i < endpoints->len; i++) {
		g_autoptr(UcCheckin) checkin =
		    uc_publish_preview_parse(g_ptr_array_index(endpoints, i));
		g_auto(GStrv) list = NULL;

		if (checkin == NULL)
			continue;
		list = uc_checkin_endpoint_get_guids(g_ptr_array_index(checkin->endpoints, 0));
		for (guint j = 0; list[j] != NULL; j++)
			g_hash_table_add(guids, g_ascii_strdown(list[j], -1));
	}
	return g_steal_pointer(&guids);
}

static void
uc_sync_note(UcSyncRun *self, const UcSyncRelease *release, const gchar *why)
{
	g_ptr_array_add(self->result->sentences,
			g_strdup_printf("%s %s: %s", release->component_id, release->version, why));
}

/* what cannot be imported is not fetched again every day, but by another program it is */
static void
uc_sync_refuse(UcSyncRun *self, const gchar *path, const gchar *why)
{
	g_autofree gchar *marker = g_strdup_printf("%s.refused", path);
	g_autofree gchar *text = g_strdup_printf(PACKAGE_VERSION "\n%s", why);
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	g_autoptr(GError) error = NULL;

	if (!uc_file_write(marker, bytes, &error))
		g_warning("%s", error->message);
}

/* (transfer full) (nullable): why this very program did not import it */
static gchar *
uc_sync_read_refusal(const gchar *path)
{
	g_autofree gchar *marker = g_strdup_printf("%s.refused", path);
	g_autofree gchar *text = NULL;
	g_auto(GStrv) parts = NULL;

	if (!g_file_get_contents(marker, &text, NULL, NULL))
		return NULL;
	parts = g_strsplit(text, "\n", 2);
	if (g_strv_length(parts) != 2 || !g_str_equal(parts[0], PACKAGE_VERSION))
		return NULL;
	return g_utf8_make_valid(parts[1], -1);
}

static gboolean
uc_sync_import(UcSyncRun *self, const UcSyncRelease *release, const gchar *path, GError **error)
{
	g_autoptr(GError) error_import = NULL;
	g_autoptr(GPtrArray) results =
	    uc_import_file(self->mirror, path, FALSE, self->sync->now_secs, &error_import);

	if (results == NULL && !uc_error_is_refusal(error_import)) {
		g_propagate_error(error, g_steal_pointer(&error_import));
		return FALSE;
	}
	if (results == NULL) {
		self->result->refused++;
		uc_sync_note(self, release, error_import->message);
		uc_sync_refuse(self, path, error_import->message);
	} else {
		self->result->imported++;
	}
	(void)g_remove(path);
	return TRUE;
}

/* what could not be fetched stops no other */
static void
uc_sync_leave(UcSyncRun *self, const UcSyncRelease *release, const GError *error)
{
	if (uc_sync_fetcher_is_used_up(self->fetcher)) {
		self->result->left++;
		return;
	}
	self->result->failed++;
	uc_sync_note(self, release, error->message);
}

/* FALSE only for an error of this machine */
static gboolean
uc_sync_take(UcSyncRun *self, const UcSyncRelease *release, const gchar *path, GError **error)
{
	g_autofree gchar *refusal = uc_sync_read_refusal(path);
	g_autoptr(GPtrArray) known = NULL;
	g_autoptr(GError) error_fetch = NULL;

	known = uc_package_list_cab(self->mirror->database, release->sha256, error);
	if (known == NULL)
		return FALSE;
	if (known->len > 0) {
		(void)g_remove(path); /* where a kill came between import and this */
		self->result->present++;
		return TRUE;
	}
	if (refusal != NULL) {
		self->result->refused++;
		uc_sync_note(self, release, refusal);
		return TRUE;
	}
	if (g_file_test(path, G_FILE_TEST_EXISTS) ||
	    uc_sync_fetcher_fetch(self->fetcher, release, path, &error_fetch))
		return uc_sync_import(self, release, path, error);
	uc_sync_leave(self, release, error_fetch);
	return TRUE;
}

/* the name that endpoints ask for; two files of one name cannot both be served */
static void
uc_sync_pass_on(UcSyncRun *self, const UcSyncRelease *release, const gchar *path)
{
	g_autofree gchar *name = uc_passed_on_get_file_name(release->location);
	const gchar *other = name != NULL ? g_hash_table_lookup(self->cabs, name) : NULL;
	g_autoptr(GError) error = NULL;

	if (name == NULL || !g_str_has_suffix(name, ".cab") ||
	    (other != NULL && !g_str_equal(other, path))) {
		self->result->refused++;
		uc_sync_note(self,
			     release,
			     other != NULL ? "its file has the name of another one"
					   : "its file name is not one that can be served, "
					     "expected letters, digits, '._-' and '.cab'");
		return;
	}
	if (g_file_test(path, G_FILE_TEST_EXISTS)) {
		self->result->present++;
	} else if (uc_sync_fetcher_fetch(self->fetcher, release, path, &error)) {
		self->result->imported++;
	} else {
		uc_sync_leave(self, release, error);
		return;
	}
	g_hash_table_insert(self->cabs, g_steal_pointer(&name), g_strdup(path));
}

static gboolean
uc_sync_take_all(UcSyncRun *self, GPtrArray *releases, GError **error)
{
	for (guint i = 0; i < releases->len; i++) {
		const UcSyncRelease *release = g_ptr_array_index(releases, i);
		g_autofree gchar *name = g_strdup_printf("%s.cab", release->sha256);
		g_autofree gchar *path = g_build_filename(self->dir, name, NULL);

		if (self->sync->pass_on != NULL)
			uc_sync_pass_on(self, release, path);
		else if (!uc_sync_take(self, release, path, error))
			return FALSE;
	}
	return TRUE;
}

/* a state is passed on when it is whole; until then the one before is */
static gboolean
uc_sync_store(UcSyncRun *self, GError **error)
{
	g_autofree gchar *metadata_name = uc_passed_on_get_file_name(self->sync->url);
	UcPassedOn state = {
	    .name = self->sync->pass_on,
	    .metadata_name = metadata_name,
	    .metadata = self->metadata,
	    .jcat = self->jcat,
	    .cabs = self->cabs,
	};

	if (self->sync->pass_on == NULL || self->result->left > 0 || self->result->failed > 0)
		return TRUE;
	self->result->whole = uc_passed_on_store(self->mirror, &state, error);
	return self->result->whole;
}

/* what belongs to a release that is wanted, and not what a kill left: a tag is of its part */
static gboolean
uc_sync_is_kept(const UcSyncRun *self, const gchar *name, GHashTable *wanted)
{
	static const gchar *const suffixes[] = {".cab", ".cab.part", ".cab.refused", NULL};
	g_autofree gchar *sha256 = g_strndup(name, UC_SHA256_HEX_CHARS);
	const gchar *suffix = name + strlen(sha256);
	g_autofree gchar *part = g_strdup_printf("%s/%s.cab.part", self->dir, sha256);

	if (!g_hash_table_contains(wanted, sha256))
		return FALSE;
	return g_strv_contains(suffixes, suffix) ||
	       (g_str_equal(suffix, ".cab.part.etag") && g_file_test(part, G_FILE_TEST_EXISTS));
}

/* parts and markers of a state that is gone; a failure only leaves them there */
static void
uc_sync_tidy(UcSyncRun *self, GPtrArray *releases)
{
	g_autoptr(GHashTable) wanted = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GDir) dir = g_dir_open(self->dir, 0, NULL);
	const gchar *name = NULL;

	for (guint i = 0; i < releases->len; i++) {
		const UcSyncRelease *release = g_ptr_array_index(releases, i);

		g_hash_table_add(wanted, release->sha256);
	}
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree gchar *path = g_build_filename(self->dir, name, NULL);

		if (!uc_sync_is_kept(self, name, wanted))
			(void)g_remove(path);
	}
}

static gboolean
uc_sync_run(UcSyncRun *self, GError **error)
{
	gint64 signed_secs = 0;
	g_autoptr(GHashTable) guids = NULL;
	g_autoptr(GPtrArray) releases = NULL;

	if (!uc_sync_fetch_metadata(self, &signed_secs, error) ||
	    !uc_sync_check_age(self, signed_secs, error))
		return FALSE;
	guids = uc_sync_collect_guids(self, error);
	if (guids == NULL)
		return FALSE;
	releases = uc_sync_catalog_parse(self->metadata, guids, error);
	if (releases == NULL) {
		g_prefix_error(error, "%s: ", self->sync->url);
		return FALSE;
	}
	self->result->wanted = releases->len;
	uc_sync_tidy(self, releases);
	if (!uc_sync_take_all(self, releases, error) || !uc_sync_store(self, error))
		return FALSE;
	return uc_audit_add(self->mirror->database,
			    "sync",
			    self->sync->url,
			    self->sync->now_secs,
			    error);
}

static gboolean
uc_sync_check(const UcSync *sync, GError **error)
{
	g_autofree gchar *name = uc_passed_on_get_file_name(sync->url);

	if (sync->pass_on == NULL || (name != NULL && !g_str_has_suffix(name, ".cab")))
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_REFUSED,
		    "'%.200s' does not end in a file name that can be served, expected letters, "
		    "digits and '._-' after the last slash, such as firmware.xml.zst",
		    sync->url);
	return FALSE;
}

/* on a mirror without fwupd those of the LVFS are not there; said before anything is fetched */
static gboolean
uc_sync_check_anchors(const UcSync *sync, GError **error)
{
	if (g_file_test(sync->anchors_dir, G_FILE_TEST_IS_DIR))
		return TRUE;
	g_set_error(
	    error,
	    UC_ERROR,
	    UC_ERROR_NOT_FOUND,
	    "%s is not there, expected a directory of CAs that sign the metadata; name it by "
	    "--anchors=DIR, or install fwupd, which brings those of the LVFS",
	    sync->anchors_dir);
	return FALSE;
}

/* each upstream has its own, so that one does not tidy away what another one has begun */
static gchar *
uc_sync_get_dir(const UcMirror *mirror, const UcSync *sync)
{
	g_autofree gchar *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, sync->url, -1);

	sum[UC_SYNC_DIR_CHARS] = '\0';
	if (sync->pass_on != NULL)
		return uc_mirror_path(mirror, UC_PASSED_ON_DIR, sync->pass_on, "cabs", NULL);
	return uc_mirror_path(mirror, "sync", sum, NULL);
}

/**
 * uc_sync:
 * @mirror: a mirror
 * @sync: where from
 * @result: (out): what became of it, also of what came before an error
 * @error: set to %UC_ERROR_SIGNATURE, %UC_ERROR_ROLLBACK, %UC_ERROR_INVALID or %UC_ERROR_LIMIT (the
 *   metadata), %UC_ERROR_NOT_FOUND (no anchors), %UC_ERROR_TEMPORARY (another one is at work), the
 *   errors of uc_http_request_finish(), or an error of this machine
 *
 * Takes the newest release of each component that the inventory can use: imports it as pending, or
 * keeps it beside the metadata to be passed on. Blocks.
 */
gboolean
uc_sync(UcMirror *mirror, const UcSync *sync, UcSyncResult *result, GError **error)
{
	g_auto(UcSyncRun) self = {mirror, sync, result};
	g_autoptr(UcMirrorLock) lock = NULL;
	gboolean done = FALSE;

	result->sentences = g_ptr_array_new_with_free_func(g_free);
	if (!uc_sync_check(sync, error))
		return FALSE;
	if (!uc_sync_check_anchors(sync, error))
		return FALSE;
	lock = uc_mirror_lock_sync(mirror, error);
	if (lock == NULL)
		return FALSE;
	self.cabs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	self.dir = uc_sync_get_dir(mirror, sync);
	if (!uc_file_make_dir(self.dir, 0755, error))
		return FALSE;
	self.fetcher = uc_sync_fetcher_new(mirror->database, sync, error);
	if (self.fetcher == NULL)
		return FALSE;
	done = uc_sync_run(&self, error);
	result->fetched_bytes = uc_sync_fetcher_get_bytes(self.fetcher);
	return done;
}
