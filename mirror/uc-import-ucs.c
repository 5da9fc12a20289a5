/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A zip with Polycom's UC Software becomes a pending package like any other: one rule for all
 * phones, told apart by part numbers. Only its split images are kept. As with cabs everything
 * happens in one staging directory that is renamed into place within the transaction.
 */

#include "uc-audit.h"
#include "uc-file.h"
#include "uc-hardware-id.h"
#include "uc-import-ucs.h"
#include "uc-limits.h"
#include "uc-package-decide.h"
#include "uc-pin.h"
#include "uc-sha256.h"
#include "uc-ucs-model.h"
#include "uc-ucs-reader.h"

#define UC_IMPORT_UCS_BOMB_MIN_BYTES (G_GUINT64_CONSTANT(256) * 1024 * 1024)
#define UC_IMPORT_UCS_BOMB_RATIO     100

typedef struct {
	UcMirror *mirror; /* not owned */
	gchar *staging;
	gchar *zip;
	gchar *package_dir;
	gchar *images;
	GStrv parts; /* part numbers */
	UcPackage *package;
} UcImportUcs;

static void
uc_import_ucs_free(UcImportUcs *self)
{
	g_autoptr(GError) error = NULL;

	if (!uc_mirror_remove_tree(self->staging, &error))
		g_warning("cannot remove %s: %s", self->staging, error->message);
	g_free(self->staging);
	g_free(self->zip);
	g_free(self->package_dir);
	g_free(self->images);
	g_strfreev(self->parts);
	g_clear_pointer(&self->package, uc_package_free);
	g_free(self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcImportUcs, uc_import_ucs_free)

static UcPackage *
uc_import_ucs_new_package(void)
{
	UcPackage *package = g_new0(UcPackage, 1);

	package->component_id = g_strdup(UC_UCS_PROTOCOL);
	package->name = g_strdup("UC Software");
	package->vendor = g_strdup(UC_UCS_VENDOR);
	package->protocol = g_strdup(UC_UCS_PROTOCOL);
	package->payload_name = g_strdup("*" UC_UCS_IMAGE_SUFFIX);
	package->metainfo = g_strdup("");
	package->signed_sha256 = g_strdup("");
	return package;
}

static UcImportUcs *
uc_import_ucs_new(UcMirror *mirror, GError **error)
{
	g_autofree gchar *staging = uc_mirror_path(mirror, "tmp-import", NULL);
	g_autoptr(UcImportUcs) self = NULL;

	if (!uc_mirror_remove_tree(staging, error))
		return NULL;
	self = g_new0(UcImportUcs, 1);
	self->mirror = mirror;
	self->zip = g_build_filename(staging, "original.zip", NULL);
	self->package_dir = g_build_filename(staging, "package", NULL);
	self->images = g_build_filename(self->package_dir, UC_IMPORT_UCS_DIR, NULL);
	self->staging = g_steal_pointer(&staging);
	self->package = uc_import_ucs_new_package();
	return uc_file_make_dir(self->images, 0755, error) ? g_steal_pointer(&self) : NULL;
}

static gboolean
uc_import_ucs_read(UcImportUcs *self, GError **error)
{
	UcPackage *package = self->package;
	guint64 bound =
	    MAX(package->size_bytes * UC_IMPORT_UCS_BOMB_RATIO, UC_IMPORT_UCS_BOMB_MIN_BYTES);

	self->parts = uc_ucs_reader_extract(self->zip,
					    self->images,
					    MIN(bound, (guint64)UC_IMPORT_UNPACKED_MAX_BYTES),
					    &package->version,
					    error);
	package->cab_sha256 = g_strdup(package->sha256);
	package->payload_sha256 = g_strdup(package->sha256);
	package->payload_bytes = package->size_bytes;
	return self->parts != NULL;
}

static gboolean
uc_import_ucs_add_models(UcImportUcs *self, GError **error)
{
	for (guint i = 0; self->parts[i] != NULL; i++) {
		const gchar *model = uc_ucs_model_for_part(self->parts[i]);

		if (model != NULL && !uc_package_add_model(self->mirror->database,
							   self->package,
							   UC_UCS_VENDOR,
							   model,
							   error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
uc_import_ucs_add(UcImportUcs *self, gboolean hold, gint64 now_secs, GError **error)
{
	UcDatabase *database = self->mirror->database;
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_auto(GStrv) guids = NULL;
	gboolean wanted = FALSE;

	for (guint i = 0; self->parts[i] != NULL; i++) {
		g_autofree gchar *id = g_strdup_printf("UCS\\PN_%s", self->parts[i]);
		g_autofree gchar *guid = uc_hardware_id_to_guid(id, NULL);

		g_strv_builder_add(builder, guid);
	}
	guids = g_strv_builder_end(builder);
	self->package->imported_secs = now_secs;
	if (!uc_package_add(database, self->package, (const gchar *const *)guids, NULL, error) ||
	    !uc_import_ucs_add_models(self, error))
		return FALSE;
	if (hold)
		return TRUE;
	return uc_pin_wants(database, self->package, &wanted, error) &&
	       (!wanted || uc_package_decide_approve(database, self->package, now_secs, error));
}

static gboolean
uc_import_ucs_store(UcImportUcs *self, gboolean hold, gint64 now_secs, GError **error)
{
	const gchar *sha256 = self->package->sha256;
	g_autofree gchar *to = uc_mirror_path(self->mirror, "packages", sha256, NULL);
	g_autoptr(UcTransaction) transaction = uc_transaction_begin(self->mirror->database, error);

	return transaction != NULL && uc_import_ucs_add(self, hold, now_secs, error) &&
	       uc_audit_add(self->mirror->database, "import", sha256, now_secs, error) &&
	       uc_mirror_remove_tree(to, error) && uc_file_sync_dir(self->images, error) &&
	       uc_file_sync_dir(self->package_dir, error) &&
	       uc_file_rename(self->package_dir, to, error) &&
	       uc_transaction_commit(transaction, error);
}

static UcPackage *
uc_import_ucs_run(UcImportUcs *self,
		  const gchar *path,
		  gboolean hold,
		  gint64 now_secs,
		  gboolean *added_out,
		  GError **error)
{
	UcPackage *package = self->package;
	g_autoptr(GPtrArray) known = NULL;

	if (!uc_file_copy(path,
			  self->zip,
			  UC_LIMIT_CAB_BYTES,
			  &package->sha256,
			  &package->size_bytes,
			  error))
		return NULL;
	known = uc_package_list_cab(self->mirror->database, package->sha256, error);
	if (known == NULL)
		return NULL;
	if (known->len > 0)
		return g_ptr_array_steal_index(known, 0);
	if (!uc_import_ucs_read(self, error) || !uc_import_ucs_store(self, hold, now_secs, error))
		return NULL;
	*added_out = TRUE;
	return g_steal_pointer(&self->package);
}

/**
 * uc_import_ucs:
 * @mirror: a mirror, locked by the caller
 * @path: a zip
 * @hold: keep it pending, whatever `use-version --or-newer` says
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to the errors of uc_import_file()
 *
 * Imports UC Software for phones as a pending package. A version older than others is taken too:
 * phones choose from several.
 *
 * Returns: (transfer full) (element-type UcImportResult): what became of it, or %NULL
 */
GPtrArray *
uc_import_ucs(UcMirror *mirror, const gchar *path, gboolean hold, gint64 now_secs, GError **error)
{
	g_autoptr(UcImportUcs) self = uc_import_ucs_new(mirror, error);
	g_autoptr(GPtrArray) results =
	    g_ptr_array_new_with_free_func((GDestroyNotify)uc_import_result_free);
	g_autofree UcImportResult *result = g_new0(UcImportResult, 1);

	if (self == NULL)
		return NULL;
	result->package = uc_import_ucs_run(self, path, hold, now_secs, &result->added, error);
	if (result->package == NULL) {
		g_prefix_error(error, "%s: ", path);
		return NULL;
	}
	g_ptr_array_add(results, g_steal_pointer(&result));
	return g_steal_pointer(&results);
}
