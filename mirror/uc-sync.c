/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Takes from the LVFS, or from another mirror, what the inventory can use. Nothing counts but by
 * the signed metadata: a cab lies in `sync/` under the name of the checksum that the metadata has,
 * and is imported (pending) once it is whole and has that checksum. So an upstream that changes in
 * between costs a download and never gives a mixture, and what is published is made of whole
 * packages by the next `publish`. A part stays for the next run.
 */

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "uc-audit.h"
#include "uc-error.h"
#include "uc-file.h"
#include "uc-import.h"
#include "uc-inventory.h"
#include "uc-limits.h"
#include "uc-publish-preview.h"
#include "uc-sha256.h"
#include "uc-signature.h"
#include "uc-sync-catalog.h"
#include "uc-sync-fetcher.h"
#include "uc-sync.h"

#define UC_SYNC_JCAT_MAX_BYTES (1024 * 1024)

typedef struct {
	UcMirror *mirror;   /* not owned */
	const UcSync *sync; /* not owned */
	UcSyncResult *result;
	UcSyncFetcher *fetcher;
	gchar *dir;
} UcSyncRun;

static void
uc_sync_run_clear(UcSyncRun *self)
{
	g_clear_pointer(&self->fetcher, uc_sync_fetcher_free);
	g_free(self->dir);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UcSyncRun, uc_sync_run_clear)

void
uc_sync_result_clear(UcSyncResult *self)
{
	g_clear_pointer(&self->sentences, g_ptr_array_unref);
}

/* an upstream that published in between is asked once more */
static GBytes *
uc_sync_fetch_metadata(UcSyncRun *self, gint64 *signed_secs_out, GError **error)
{
	g_autofree gchar *jcat_url = g_strdup_printf("%s.jcat", self->sync->url);
	UcSyncSource *source = uc_sync_fetcher_get_source(self->fetcher);

	for (guint i = 0;; i++) {
		g_autoptr(GError) error_verify = NULL;
		g_autoptr(GBytes) metadata =
		    uc_sync_source_get(source, self->sync->url, UC_LIMIT_METADATA_BYTES, error);
		g_autoptr(GBytes) jcat = NULL;

		if (metadata == NULL)
			return NULL;
		jcat = uc_sync_source_get(source, jcat_url, UC_SYNC_JCAT_MAX_BYTES, error);
		if (jcat == NULL)
			return NULL;
		if (uc_signature_verify_metadata(metadata,
						 jcat,
						 self->sync->anchors_dir,
						 signed_secs_out,
						 &error_verify))
			return g_steal_pointer(&metadata);
		if (i > 0) {
			g_propagate_prefixed_error(error,
						   g_steal_pointer(&error_verify),
						   "%s: ",
						   self->sync->url);
			return NULL;
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

/* what cannot be imported is not fetched again every day */
static void
uc_sync_refuse(UcSyncRun *self, const gchar *path, const gchar *why)
{
	g_autofree gchar *marker = g_strdup_printf("%s.refused", path);
	g_autoptr(GBytes) text = g_bytes_new(why, strlen(why));
	g_autoptr(GError) error = NULL;

	if (!uc_file_write(marker, text, &error))
		g_warning("%s", error->message);
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

/* FALSE only for an error of this machine: what is wrong with one release stops no other */
static gboolean
uc_sync_take(UcSyncRun *self, const UcSyncRelease *release, GError **error)
{
	g_autofree gchar *name = g_strdup_printf("%s.cab", release->sha256);
	g_autofree gchar *path = g_build_filename(self->dir, name, NULL);
	g_autofree gchar *marker = g_strdup_printf("%s.refused", path);
	g_autoptr(GPtrArray) known = NULL;
	g_autoptr(GError) error_fetch = NULL;

	known = uc_package_list_cab(self->mirror->database, release->sha256, error);
	if (known == NULL)
		return FALSE;
	if (known->len > 0) {
		self->result->present++;
		return TRUE;
	}
	if (g_file_test(marker, G_FILE_TEST_EXISTS)) {
		self->result->refused++;
		return TRUE;
	}
	if (g_file_test(path, G_FILE_TEST_EXISTS) ||
	    uc_sync_fetcher_fetch(self->fetcher, release, path, &error_fetch))
		return uc_sync_import(self, release, path, error);
	if (uc_sync_fetcher_is_used_up(self->fetcher)) {
		self->result->left++;
		return TRUE;
	}
	self->result->failed++;
	uc_sync_note(self, release, error_fetch->message);
	return TRUE;
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
		g_autofree gchar *sha256 = g_strndup(name, UC_SHA256_HEX_CHARS);
		g_autofree gchar *path = g_build_filename(self->dir, name, NULL);

		if (!g_hash_table_contains(wanted, sha256))
			(void)g_remove(path);
	}
}

static gboolean
uc_sync_run(UcSyncRun *self, GError **error)
{
	gint64 signed_secs = 0;
	g_autoptr(GBytes) metadata = uc_sync_fetch_metadata(self, &signed_secs, error);
	g_autoptr(GHashTable) guids = NULL;
	g_autoptr(GPtrArray) releases = NULL;

	if (metadata == NULL || !uc_sync_check_age(self, signed_secs, error))
		return FALSE;
	guids = uc_sync_collect_guids(self, error);
	if (guids == NULL)
		return FALSE;
	releases = uc_sync_catalog_parse(metadata, guids, error);
	if (releases == NULL) {
		g_prefix_error(error, "%s: ", self->sync->url);
		return FALSE;
	}
	self->result->wanted = releases->len;
	uc_sync_tidy(self, releases);
	for (guint i = 0; i < releases->len; i++) {
		if (!uc_sync_take(self, g_ptr_array_index(releases, i), error))
			return FALSE;
	}
	return uc_audit_add(self->mirror->database,
			    "sync",
			    self->sync->url,
			    self->sync->now_secs,
			    error);
}

/**
 * uc_sync:
 * @mirror: a mirror
 * @sync: where from
 * @result: (out): what became of it, also of what came before an error
 * @error: set to %UC_ERROR_SIGNATURE, %UC_ERROR_ROLLBACK, %UC_ERROR_INVALID or %UC_ERROR_LIMIT (the
 *   metadata), the errors of uc_http_request_finish(), or an error of this machine
 *
 * Imports, as pending, the newest release of each component that the inventory can use. Blocks.
 */
gboolean
uc_sync(UcMirror *mirror, const UcSync *sync, UcSyncResult *result, GError **error)
{
	g_auto(UcSyncRun) self = {mirror, sync, result};
	gboolean done = FALSE;

	result->sentences = g_ptr_array_new_with_free_func(g_free);
	self.dir = uc_mirror_path(mirror, "sync", NULL);
	if (g_mkdir_with_parents(self.dir, 0755) != 0) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_FAILED,
			    "cannot make the directory %s: %s",
			    self.dir,
			    g_strerror(errno));
		return FALSE;
	}
	self.fetcher = uc_sync_fetcher_new(mirror->database, sync, error);
	if (self.fetcher == NULL)
		return FALSE;
	done = uc_sync_run(&self, error);
	result->fetched_bytes = uc_sync_fetcher_get_bytes(self.fetcher);
	return done;
}
