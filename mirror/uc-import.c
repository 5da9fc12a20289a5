/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A cab from outside becomes pending packages, one for each component in it, or is refused and
 * leaves nothing behind. Everything happens in one staging directory below the mirror; the
 * directory is renamed into place, then the packages are added to the database in one transaction.
 * After a kill in between, the next import of that cab replaces the directory.
 */

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "uc-audit.h"
#include "uc-cab-reader.h"
#include "uc-error.h"
#include "uc-file.h"
#include "uc-import-component.h"
#include "uc-import-ucs.h"
#include "uc-import.h"
#include "uc-limits.h"
#include "uc-package-decide.h"
#include "uc-pin.h"
#include "uc-sha256.h"
#include "uc-ucs-reader.h"

/* what unpacks to more than this, and to more than so many times its size, is a bomb */
#define UC_IMPORT_BOMB_MIN_BYTES (G_GUINT64_CONSTANT(256) * 1024 * 1024)
#define UC_IMPORT_BOMB_RATIO	 100

typedef struct {
	UcMirror *mirror; /* not owned */
	gchar *staging;
	gchar *cab;
	gchar *unpacked;
	gchar *sha256;
	guint64 size_bytes;
	GPtrArray *members;    /* (element-type UcCabMember) */
	GPtrArray *components; /* (element-type UcImportComponent) */
} UcImport;

static void
uc_import_free(UcImport *self)
{
	g_autoptr(GError) error = NULL;

	if (!uc_mirror_remove_tree(self->staging, &error))
		g_warning("cannot remove %s: %s", self->staging, error->message);
	g_free(self->staging);
	g_free(self->cab);
	g_free(self->unpacked);
	g_free(self->sha256);
	g_clear_pointer(&self->members, g_ptr_array_unref);
	g_clear_pointer(&self->components, g_ptr_array_unref);
	g_free(self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcImport, uc_import_free)

void
uc_import_result_free(UcImportResult *self)
{
	g_clear_pointer(&self->package, uc_package_free);
	g_free(self->note);
	g_free(self);
}

/* the mirror is locked, so whatever is in the staging directory was left by a killed import */
static UcImport *
uc_import_new(UcMirror *mirror, GError **error)
{
	g_autofree gchar *staging = uc_mirror_path(mirror, "tmp-import", NULL);
	UcImport *self = NULL;

	if (!uc_mirror_remove_tree(staging, error))
		return NULL;
	self = g_new0(UcImport, 1);
	self->mirror = mirror;
	self->cab = g_build_filename(staging, "package", "original.cab", NULL);
	self->unpacked = g_build_filename(staging, "unpacked", NULL);
	self->components = g_ptr_array_new_with_free_func((GDestroyNotify)uc_import_component_free);
	self->staging = g_steal_pointer(&staging);
	return self;
}

static gboolean
uc_import_fetch(UcImport *self, const gchar *path, GError **error)
{
	g_autofree gchar *dir = g_path_get_dirname(self->cab);

	if (g_mkdir_with_parents(dir, 0755) != 0 || g_mkdir(self->unpacked, 0700) != 0) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_FAILED,
			    "cannot make a directory in %s: %s",
			    self->staging,
			    g_strerror(errno));
		return FALSE;
	}
	return uc_file_copy(path,
			    self->cab,
			    UC_LIMIT_CAB_BYTES,
			    &self->sha256,
			    &self->size_bytes,
			    error);
}

static guint64
uc_import_get_unpacked_max(const UcImport *self)
{
	guint64 bound = MAX(self->size_bytes * UC_IMPORT_BOMB_RATIO, UC_IMPORT_BOMB_MIN_BYTES);

	return MIN(bound, (guint64)UC_IMPORT_UNPACKED_MAX_BYTES);
}

/* a package is called as its cab, or after one of its components if there are several */
static void
uc_import_name_component(const UcImport *self, UcImportComponent *component, gboolean alone)
{
	UcPackage *package = component->package;
	g_autofree gchar *text = g_strdup_printf("%s/%s", self->sha256, component->member_name);
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));

	package->sha256 = alone ? g_strdup(self->sha256) : uc_sha256_for_bytes(bytes);
	package->metainfo = g_strdup(alone ? "metainfo.xml" : component->member_name);
	package->cab_sha256 = g_strdup(self->sha256);
	package->size_bytes = self->size_bytes;
}

static gboolean
uc_import_read_components(UcImport *self, GError **error)
{
	g_autofree gchar *dir = g_path_get_dirname(self->cab);

	for (guint i = 0; i < self->members->len; i++) {
		const UcCabMember *member = g_ptr_array_index(self->members, i);
		UcImportComponent *component = NULL;

		if (!g_str_has_suffix(member->name, UC_METAINFO_SUFFIX))
			continue;
		component =
		    uc_import_component_new(self->unpacked, self->members, member->name, error);
		if (component == NULL) {
			g_prefix_error(error, "%s: ", member->name);
			return FALSE;
		}
		g_ptr_array_add(self->components, component);
	}
	if (self->components->len == 0) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "the cab has no member called *%s, expected at least one",
			    UC_METAINFO_SUFFIX);
		return FALSE;
	}
	for (guint i = 0; i < self->components->len; i++) {
		UcImportComponent *component = g_ptr_array_index(self->components, i);

		uc_import_name_component(self, component, self->components->len == 1);
		if (!uc_import_component_keep(component, self->unpacked, dir, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
uc_import_add(UcImport *self,
	      UcImportComponent *component,
	      gboolean hold,
	      gint64 now_secs,
	      GError **error)
{
	UcDatabase *database = self->mirror->database;
	UcPackage *package = component->package;
	gboolean wanted = FALSE;

	package->imported_secs = now_secs;
	if (!uc_import_component_check_age(component, database, error) ||
	    !uc_package_add(database,
			    package,
			    (const gchar *const *)component->metainfo->guids,
			    component->bind,
			    error))
		return FALSE;
	if (hold)
		return TRUE;
	return uc_pin_wants(database, package, &wanted, error) &&
	       (!wanted || uc_package_decide_approve(database, package, now_secs, error));
}

static gboolean
uc_import_store(UcImport *self, gboolean hold, gint64 now_secs, GError **error)
{
	g_autofree gchar *from = g_path_get_dirname(self->cab);
	g_autofree gchar *to = uc_mirror_path(self->mirror, "packages", self->sha256, NULL);
	g_autoptr(UcTransaction) transaction = uc_transaction_begin(self->mirror->database, error);

	if (transaction == NULL)
		return FALSE;
	for (guint i = 0; i < self->components->len; i++) {
		if (!uc_import_add(self,
				   g_ptr_array_index(self->components, i),
				   hold,
				   now_secs,
				   error))
			return FALSE;
	}
	return uc_audit_add(self->mirror->database, "import", self->sha256, now_secs, error) &&
	       uc_mirror_remove_tree(to, error) && uc_file_sync_dir(from, error) &&
	       uc_file_rename(from, to, error) && uc_transaction_commit(transaction, error);
}

static gboolean
uc_import_run(UcImport *self, gboolean hold, gint64 now_secs, GError **error)
{
	self->members = uc_cab_reader_extract(self->cab,
					      self->unpacked,
					      uc_import_get_unpacked_max(self),
					      error);
	return self->members != NULL && uc_import_read_components(self, error) &&
	       uc_import_store(self, hold, now_secs, error);
}

static void
uc_import_take_result(GPtrArray *results, UcPackage *package, gboolean added, gchar *note)
{
	UcImportResult *result = g_new0(UcImportResult, 1);

	result->package = package;
	result->added = added;
	result->note = note;
	g_ptr_array_add(results, result);
}

/**
 * uc_import_file:
 * @mirror: a mirror
 * @path: a cab, or a zip with UC Software for phones (uc-import-ucs.c)
 * @hold: keep it pending, whatever `use-version --or-newer` says
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_INVALID (broken), %UC_ERROR_REFUSED (names, metadata and image that do
 *   not agree, older than what is retired), %UC_ERROR_LIMIT, %UC_ERROR_TEMPORARY (another command
 * is at work), or another error of this machine
 *
 * Imports the components of a cab as pending packages.
 *
 * Returns: (transfer full) (element-type UcImportResult): what became of each, or %NULL
 */
GPtrArray *
uc_import_file(UcMirror *mirror, const gchar *path, gboolean hold, gint64 now_secs, GError **error)
{
	g_autoptr(UcMirrorLock) lock = uc_mirror_lock(mirror, error);
	g_autoptr(UcImport) self = NULL;
	g_autoptr(GPtrArray) known = NULL;
	g_autoptr(GPtrArray) results =
	    g_ptr_array_new_with_free_func((GDestroyNotify)uc_import_result_free);

	if (lock == NULL)
		return NULL;
	if (uc_ucs_reader_is_zip(path))
		return uc_import_ucs(mirror, path, hold, now_secs, error);
	self = uc_import_new(mirror, error);
	if (self == NULL)
		return NULL;
	if (!uc_import_fetch(self, path, error)) {
		g_prefix_error(error, "%s: ", path);
		return NULL;
	}
	known = uc_package_list_cab(mirror->database, self->sha256, error);
	if (known == NULL)
		return NULL;
	while (known->len > 0)
		uc_import_take_result(results, g_ptr_array_steal_index(known, 0), FALSE, NULL);
	if (results->len > 0)
		return g_steal_pointer(&results);
	if (!uc_import_run(self, hold, now_secs, error)) {
		g_prefix_error(error, "%s: ", path);
		return NULL;
	}
	for (guint i = 0; i < self->components->len; i++) {
		UcImportComponent *component = g_ptr_array_index(self->components, i);

		uc_import_take_result(results,
				      g_steal_pointer(&component->package),
				      TRUE,
				      g_steal_pointer(&component->note));
	}
	return g_steal_pointer(&results);
}
